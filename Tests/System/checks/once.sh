heading 'Now and then in place of always'

check 'once beside the daemon is no failure' guest systemctl start haplo-importd-once
check 'it says that it is not alone, and does nothing' \
  prints "is in use by process $(main_process) on" guest journalctl --unit haplo-importd-once --no-pager
check 'systemctl disable --now ends the daemon' guest systemctl disable --now haplo-importd
check 'it is disabled' is disabled guest systemctl is-enabled haplo-importd
check 'it does not run' is inactive guest systemctl is-active haplo-importd
check "'status' says that it is down, and answers from the disk" prints 'not running' guest haplo-importd status
check 'for one of the administrators, too' prints "$(id_of first-set)" guest_as "$colleague" haplo-importd list --all
drop "$exporter" hr one-round
check 'one round of haplo-importd-once.service' guest systemctl start haplo-importd-once
check 'delivers what lay there' delivered one-round

# Every second instead of every quarter of an hour.
guest_write /run/systemd/system/haplo-importd-once.timer.d/50-test.conf <<'END'
[Timer]
OnCalendar=*:*:*
RandomizedDelaySec=0
AccuracySec=100ms
END
guest systemctl daemon-reload
drop "$exporter" hr by-timer
check 'the timer starts' guest systemctl start haplo-importd-once.timer
check 'and its rounds deliver what lies there' delivered by-timer
guest systemctl stop haplo-importd-once.timer
guest rm -r /run/systemd/system/haplo-importd-once.timer.d
wait_for 20 'the last round to end' is inactive guest systemctl is-active haplo-importd-once
check 'enable --now brings the daemon back' guest systemctl enable --now haplo-importd
