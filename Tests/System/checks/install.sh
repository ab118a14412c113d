heading 'The packages, before anything is configured'

exporter=hr-system # exports for the source hr
colleague=ada      # administers without being root

install_package() { guest sh -c 'dpkg --install /root/packages/"$1"_*.deb' - "$1" </dev/null; }
owner_and_mode() { guest stat --format '%a %U %G' "$1"; }

check 'the simulator installs' install_package haplo-importd-simulator
check 'the daemon installs, asks nothing, and says what to do' \
  prints 'enabled, but not configured and not running' install_package haplo-importd
check 'nothing that it needs is missing' is '' guest sh -c 'ldd /usr/bin/haplo-importd /usr/bin/haplo-simulator | grep "not found"'
check 'its user is there' guest id haplo-importd
check 'its administrators are a group' guest getent group haplo-importd-admin
check 'the drop directories lie open to walk through' is '2755 haplo-importd haplo-importd' owner_and_mode $spool/drop
for area in work held rejected archive; do
  check "$area is closed to others" is '750 haplo-importd haplo-importd' owner_and_mode $spool/$area
done
check "the socket's directory belongs to the administrators" \
  is '2755 haplo-importd haplo-importd-admin' owner_and_mode /run/haplo-importd
check 'the configuration is a conffile' \
  prints /etc/haplo-importd/haplo-importd.conf guest dpkg-query --show --showformat '${Conffiles}' haplo-importd
check 'the units pass systemd-analyze verify' is '' guest bash -c 'systemd-analyze verify --man=no \
  /usr/lib/systemd/system/haplo-importd.service /usr/lib/systemd/system/haplo-importd-once.service /usr/lib/systemd/system/haplo-importd-once.timer \
  /usr/lib/systemd/system/haplo-importd-notify.* /usr/lib/systemd/system/haplo-importd-notify@x.service /usr/lib/systemd/system/haplo-importd-verify.* \
  /usr/lib/systemd/system/haplo-importd-{once,verify,notify-instance}@x.service /usr/lib/systemd/system/haplo-importd-{once,verify}@x.timer \
  /usr/lib/systemd/system/haplo-importd-notify@x.path 2>&1 | grep haplo'
check 'the service is enabled' is enabled guest systemctl is-enabled haplo-importd
check 'the timer is not' is disabled guest systemctl is-enabled haplo-importd-once.timer
check 'nor are the notices' is disabled guest systemctl is-enabled haplo-importd-notify.path
check 'without a key, start is no error' guest systemctl start haplo-importd
check 'and starts nothing' is inactive guest systemctl is-active haplo-importd
check 'for the reason that the key is missing' is no guest systemctl show --property ConditionResult --value haplo-importd
check 'there is a manual page of the daemon' guest test -s /usr/share/man/man8/haplo-importd.8.gz
check 'and another of its configuration' guest test -s /usr/share/man/man5/haplo-importd.conf.5.gz
check 'bash completes its subcommands' prints retry guest bash -c '. /usr/share/bash-completion/completions/haplo-importd
  COMP_WORDS=(haplo-importd ret) COMP_CWORD=1; _haplo_importd; echo "${COMPREPLY[@]}"'
