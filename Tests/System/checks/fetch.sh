heading 'Sets fetched from an SFTP server, and sets that are decrypted: docs/operations.md, killed after every step'

# The servers and programs of these examples are the real ones; the exporter's machine is this guest itself.
outside=/srv/exporter/outgoing
# killed_after NUMBER UNIT: the unit's script, and all that it started, is killed after so many of its commands that change something.
guest mkdir -p /srv/shim
# The shims stand for these programs.
for program in mv sftp sync rm cp gpg; do
  guest_write "/srv/shim/$program" <<END
#!/bin/sh
/usr/bin/$program "\$@"
status=\$?
count=\$((\$(cat /tmp/count 2>/dev/null || echo 0) + 1))
echo \$count >/tmp/count
[ "\$count" != "\$KILL_AT" ] || kill -KILL 0
exit \$status
END
done
guest sh -c 'chmod 755 /srv/shim /srv/shim/*'
killed_after() {
  guest_write "/run/systemd/system/$2@.service.d/50-kill.conf" <<<$'[Service]\nEnvironment=PATH=/srv/shim:/usr/bin:/bin KILL_AT='"$1"
  guest systemctl daemon-reload
  guest systemctl start "$2@outside" && return 1 # it has fewer steps
  guest rm -r "/run/systemd/system/$2@.service.d"
  guest systemctl daemon-reload
}
# kill_after_each_step UNIT MAKE: a set for each step, whose run is killed there; the next run finishes it.
kill_after_each_step() {
  local number=0
  while [ $number -lt 40 ]; do
    number=$((number + 1))
    "$2" "$1-killed-$number"
    killed_after $number "$1" || break
    guest systemctl start "$1@outside" || return 1
  done
  guest rm -rf "/run/systemd/system/$1@.service.d"
  guest systemctl daemon-reload
  echo "steps: $number"
  [ $number -gt 5 ] && [ $number -lt 40 ] || return 1
  while [ $number -gt 0 ]; do
    delivered "$1-killed-$number" || return 1
    number=$((number - 1))
  done
}
sums_of() { guest sh -c 'cd "$1" && rm -f SHA256SUMS && sha256sum * >/srv/sums && mv /srv/sums SHA256SUMS && chown --reference . SHA256SUMS' - "$1"; }
unseen() { refused place_of "$1" archive && guest test ! -e "$spool/drop/outside/$1"; }

guest_write $conf/70-outside.conf <<'END'
[Source outside]
Mode=import
END

if guest test -x /usr/sbin/sshd && has sftp; then
  # Without a password, but not locked.
  guest useradd --system --password '*' --shell /bin/sh --home-dir /srv/exporter --create-home their-own
  guest useradd --system --no-create-home --home-dir /run/sshd --shell /usr/sbin/nologin sshd 2>/dev/null || true
  guest_as their-own mkdir -m 0700 $outside /srv/exporter/.ssh
  guest sh -ec 'mkdir -p /run/sshd /srv/sshd && ssh-keygen -q -t ed25519 -N "" -f /srv/sshd/key
    printf "%s\n" "HostKey /srv/sshd/key" "ListenAddress 127.0.0.1" "Port 2222" "PidFile none" "PasswordAuthentication no" "Subsystem sftp internal-sftp" \
      "ForceCommand internal-sftp" >/srv/sshd/config'
  guest systemd-run --quiet --unit exporter-sshd /usr/sbin/sshd -D -e -f /srv/sshd/config
  wait_for 10 'sshd' guest ssh-keyscan -p 2222 127.0.0.1
  check "the commands of 'Fetch from an exporter's SFTP server'" as_documented docs/operations.md "Fetch from an exporter's SFTP server" \
    's/-p 22 hr.example.ac.uk/-p 2222 127.0.0.1/; s/SERVER=.*/SERVER=their-own@127.0.0.1/; s/PORT=.*/PORT=2222/; s/\bhr\b/outside/g'
  guest sh -c 'cat /etc/haplo-fetch/outside.key.pub >/srv/exporter/.ssh/authorized_keys'
  guest systemctl stop haplo-fetch@outside.timer
  guest systemctl reload haplo-importd
  # A user of the exporter's group, who drops by SFTP.
  guest usermod --append --groups "$exporter" their-own
  make_set root /srv/by-sftp
  check "the commands of 'By SFTP'" as_documented docs/exporters.md 'By SFTP' \
    's|^sftp|& -q -P 2222 -i /etc/haplo-fetch/outside.key -o UserKnownHostsFile=/etc/haplo-fetch/outside.known_hosts|
      s/export@importer/their-own@127.0.0.1/; s|put |&/srv/by-sftp/|; s/staff\.json/data.json/'
  check '  drop a set that is imported' delivered by-sftp
  at_exporter() { make_set their-own "$outside/$1" && sums_of "$outside/$1"; }
  fetch() { guest systemctl start haplo-fetch@outside; }

  at_exporter fetched
  make_set their-own $outside/not-finished
  at_exporter uploading.part
  check 'a run succeeds' fetch
  check '  and the set is imported' delivered fetched
  check "  it is gone at the exporter's, but what is not finished is there" is $'not-finished\nuploading.part' guest ls -A $outside
  at_exporter unreadable
  guest chmod 000 $outside/unreadable/data.json
  check 'a file that cannot be read fails the run' refused fetch
  check '  nothing of its set is imported' unseen unreadable
  check "  and all of it is at the exporter's" guest test -e $outside/unreadable/SHA256SUMS -a -e $outside/unreadable/data.json
  guest chmod 644 $outside/unreadable/data.json
  check '  when it can be read' fetch
  check '  the set is imported once' delivered unreadable
  at_exporter altered
  guest sh -c 'echo >>"$1"' - $outside/altered/control.json
  check 'a set that its SHA256SUMS does not match fails the run' refused fetch
  check '  with 65' is 65 guest systemctl show --property ExecMainStatus --value haplo-fetch@outside
  check '  and is not imported' unseen altered
  sums_of $outside/altered
  check '  corrected, it is fetched' fetch
  check '  and imported' delivered altered
  check 'killed after each of its steps, every set is imported once' kill_after_each_step haplo-fetch at_exporter
  check "  and nothing is left at the exporter's" is $'not-finished\nuploading.part' guest ls -A $outside
  check '  nor here' is '' guest find $spool/drop/outside -mindepth 1
  guest sh -c 'ssh-keygen -q -t ed25519 -N "" -f /srv/other && printf "[127.0.0.1]:2222 %s\n" "$(cat /srv/other.pub)" >/etc/haplo-fetch/outside.known_hosts'
  check 'a server with another key is refused' refused fetch
  check '  which the log says' prints 'Host key verification failed' guest journalctl --no-pager --unit haplo-fetch@outside --lines 20
  check 'systemd-analyze security: fetching at most 1.5' is_tight_in /etc/systemd/system haplo-fetch@.service
  guest systemctl stop exporter-sshd
else
  left_out 'openssh-server or sftp'
fi

if has gpg; then
  check "the commands of 'Decrypt PGP exports'" as_documented docs/operations.md 'Decrypt PGP exports' \
    "s/\bhr\b/outside/g; s/outside-export/$exporter/"
  guest systemctl stop haplo-decrypt@outside.timer
  guest systemctl reload-or-restart haplo-importd
  inbox=/var/spool/haplo-decrypt/outside
  # encrypted NAME: as the exporter makes it, with the public key.
  encrypted() {
    make_set "$exporter" "/srv/plain/$1"
    guest_as "$exporter" sh -ec 'cd "/srv/plain/$1" && gpg --homedir /srv/plain/.gnupg --batch --quiet --trust-model always --recipient haplo-decrypt --encrypt-files data.json control.json
      mkdir "$2/$1" && mv *.gpg "$2/$1/"' - "$1" $inbox
    sums_of "$inbox/$1"
  }
  decrypt() { guest systemctl start haplo-decrypt@outside; }
  guest sh -ec 'install -d -o "$1" -g "$1" -m 0700 /srv/plain /srv/plain/.gnupg' - "$exporter"
  guest sh -c 'cat /etc/haplo-decrypt/outside.public' | guest_as "$exporter" gpg --homedir /srv/plain/.gnupg --batch --quiet --import

  encrypted secret
  check 'a run succeeds' decrypt
  check '  and the set is imported, decrypted' delivered secret
  check '  nothing is left of the encrypted one' is '' guest find $inbox /var/lib/haplo-decrypt-outside -mindepth 1
  encrypted cut-off
  guest truncate --size -20 $inbox/cut-off/data.json.gpg
  sums_of $inbox/cut-off
  check 'a file that was cut off fails the run' refused decrypt
  check '  and is not imported' unseen cut-off
  check '  but kept' guest test -s $inbox/cut-off/data.json.gpg
  guest rm -r $inbox/cut-off
  guest_as "$exporter" mkdir $inbox/link
  guest_as "$exporter" ln -s /run/credentials/haplo-decrypt@outside.service/pgp-key $inbox/link/control.json
  guest_as "$exporter" sh -c 'echo "$1  control.json" >"$2/link/SHA256SUMS"' - "$(guest sha256sum /etc/haplo-decrypt/outside.key | cut -d ' ' -f 1)" $inbox
  check 'a link to the private key fails the run' refused decrypt
  check '  and gives nothing away' unseen link
  guest rm -r $inbox/link
  check 'killed after each of its steps, every set is imported once' kill_after_each_step haplo-decrypt encrypted
  check '  and nothing is left' is '' guest find $inbox /var/lib/haplo-decrypt-outside $spool/drop/outside -mindepth 1
  check 'systemd-analyze security: decrypting at most 1.5' is_tight_in /etc/systemd/system haplo-decrypt@.service

  if guest test -e /etc/systemd/system/haplo-fetch@.service; then
    guest sh -c 'printf "[127.0.0.1]:2222 %s\n" "$(cat /srv/sshd/key.pub)" >/etc/haplo-fetch/outside.known_hosts'
    guest systemd-run --quiet --unit exporter-sshd-again /usr/sbin/sshd -D -e -f /srv/sshd/config
    wait_for 10 'sshd' guest ssh-keyscan -p 2222 127.0.0.1
    check "the commands of 'Decrypt exports from an SFTP server'" as_documented docs/operations.md 'Decrypt exports from an SFTP server' 's/\bhr\b/outside/g'
    encrypted far-and-secret
    guest sh -c 'mv "$1" "$2" && chown -R their-own:their-own "$2"' - $inbox/far-and-secret $outside/far-and-secret
    check '  let the fetching unit succeed' guest systemctl start haplo-fetch@outside
    check '  into the inbox of the decrypting one' guest test -s $inbox/far-and-secret/data.json.gpg
    check '  which drops it' decrypt
    check '  and the set is imported, decrypted' delivered far-and-secret
    guest systemctl stop exporter-sshd-again
  fi
else
  left_out gpg
fi
guest rm $conf/70-outside.conf
guest rm -rf $spool/drop/outside
guest systemctl reload haplo-importd
