heading 'Removed and purged'

faults batch:503
drop "$exporter" hr unsent
wait_for 20 'the set to be taken' place_of unsent work
remove() { guest dpkg "$1" haplo-importd </dev/null; }

process=$(main_process)
check 'the package is removed while a set waits, and says so' \
  prints "Sets that were not sent: $spool" remove --remove
check 'an instance has ended with it' refused guest systemctl --quiet is-active haplo-importd@fin
check 'the daemon has ended' refused guest sh -c "kill -0 $process"
check 'the spool stays' place_of first-set archive
check 'the set that waited stays' place_of unsent work
check 'the journal stays' guest test -s /var/lib/haplo-importd/journal.jsonl
check 'the configuration stays' guest test -e /etc/haplo-importd/haplo-importd.conf
check 'the key stays' guest test -e /etc/haplo-importd/api-key
faults
check 'installed again, it starts by itself' install_package haplo-importd
check 'and delivers the set that waited' delivered unsent

guest sh -c 'test -e "$1" || install -D /dev/null "$1"' - /etc/haplo-importd/fin/haplo-importd.conf
# What the daemon itself leaves in a drop directory.
guest install -D /dev/null /var/spool/haplo-importd-fin/drop/hr/.results/staff-2026-11.accepted
faults batch:503
drop "$exporter" hr unsent-too
wait_for 20 'the set to be taken' place_of unsent-too work
check 'purge asks nothing' remove --purge
check 'purge keeps a set that was not sent' place_of unsent-too work
check "but not an instance's archive, which has only result files" is '' guest sh -c 'find /var/spool/haplo-importd-fin -mindepth 1 2>/dev/null'
check 'and the journal that belongs to it' guest test -s /var/lib/haplo-importd/journal.jsonl
check 'purge removes the configuration, with keys, drop-ins and instances' refused guest test -e /etc/haplo-importd

guest rm -r "$(place_of unsent-too work)"
check 'it can be installed once more' install_package haplo-importd
check 'and purged, with nothing left to be sent' remove --purge
check 'now the archive is gone' is '' guest find $spool -mindepth 1
check 'and the journal' refused guest test -e /var/lib/haplo-importd
check 'installed after a purge, it makes the drop directory of an exporter anew' install_package haplo-importd
check '  for its group' is "haplo-importd $exporter 2770" guest stat --format '%U %G %a' $spool/drop/hr

heading 'Installed and removed by make'

# Into a directory of this machine: what is there was built for the packages. The guest need not have make.
staging=$(mktemp -d "${TMPDIR:-/tmp}/haplo-staging.XXXXXX")
files_in_staging() { (cd "$staging" && find . -type f | sort); }
make_in_staging() { make -C "$documents" --no-print-directory --assume-old=release "$1" DESTDIR="$staging" PREFIX=/usr; }
check 'make install' make_in_staging install
check '  installs the programs' test -x "$staging/usr/bin/haplo-importd" -a -x "$staging/usr/bin/haplo-simulator"
check '  and the units of instances' is 7 sh -c "ls $staging/usr/lib/systemd/system | grep -cE '^haplo-importd(-once|-verify|-notify-instance)?@\.(service|timer)$|^haplo-importd-notify@\.path$'"
check 'make uninstall' make_in_staging uninstall
check '  leaves the configuration only' is ./etc/haplo-importd/haplo-importd.conf files_in_staging
rm -r "$staging"
