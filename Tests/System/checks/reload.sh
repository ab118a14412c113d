heading 'Reload'

last_reload_says() { prints "$1" guest journalctl --unit haplo-importd --lines 20 --no-pager; }

guest_write $conf/20-library.conf <<'END'
[Source library]
Mode=import
QuietSec=500ms
END
check 'systemctl reload succeeds' guest systemctl reload haplo-importd
check 'a new source is watched' wait_for 10 'its directory' guest test -d $spool/drop/library
drop haplo-importd library from-the-library
check 'and its sets are delivered' delivered from-the-library

guest_write $conf/30-bad.conf <<'END'
[Source library]
Mode=imprt
END
check 'a reload with an invalid configuration fails' refused guest systemctl reload haplo-importd
check 'the journal names file and line' wait_for 10 'the line' last_reload_says "$conf/30-bad.conf:2"
check 'systemctl status names them, too' \
  prints "30-bad.conf:2" guest sh -c 'systemctl status haplo-importd --no-pager --full || true'
check 'the daemon is active' is active guest systemctl is-active haplo-importd
check 'its status is shown as before' wait_for 10 'the status' prints 'Status: "' guest systemctl status haplo-importd --no-pager
drop "$exporter" hr after-a-bad-reload
check 'and works with the old configuration' delivered after-a-bad-reload

guest systemctl stop haplo-importd
check 'nothing starts with a bad configuration' refused guest systemctl start haplo-importd
check 'and it is not tried again and again (78)' \
  is 78 guest systemctl show --property ExecMainStatus --value haplo-importd
guest rm $conf/30-bad.conf
guest systemctl reset-failed haplo-importd
check 'with the mistake gone it starts' guest systemctl start haplo-importd

guest sh -c "umask 077; printf '[Source library]\nQuietSec=1s\n' >$conf/30-unreadable.conf"
check "a drop-in that only root can read is named by 'config', run as root" \
  prints "$conf/30-unreadable.conf" guest sh -c 'haplo-importd config 2>&1; test $? != 0'
check '  and fails the reload' refused guest systemctl reload haplo-importd
check '  while the daemon goes on' is active guest systemctl is-active haplo-importd
guest rm $conf/30-unreadable.conf
check 'without it, reload succeeds' guest systemctl reload haplo-importd
