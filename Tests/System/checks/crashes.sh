heading 'Killed, stuck, stopped, upgraded'

restarts() { guest systemctl show --property NRestarts --value haplo-importd; }
restarted_since() { [ "$(restarts)" -gt "$1" ]; }

# As installed, but with a shorter patience, so that the test has not to wait for a minute.
guest_write /run/systemd/system/haplo-importd.service.d/50-test.conf <<'END'
[Service]
WatchdogSec=3s
RestartSec=200ms
END
guest systemctl daemon-reload
guest systemctl restart haplo-importd

faults schedule:stall:nth=1:for=10min:at=end
before=$(restarts)
drop "$exporter" hr killed
wait_for 30 'the schedule call' has_event killed scheduled
guest systemctl kill --signal KILL haplo-importd
check 'after SIGKILL in the middle of scheduling it is started again' wait_for 20 'the restart' restarted_since "$before"
check 'and the set is scheduled once, and archived' delivered killed

faults schedule:stall:nth=1:for=10min:at=end
before=$(restarts)
drop "$exporter" hr stuck
wait_for 30 'the schedule call' has_event stuck scheduled
guest systemctl kill --signal STOP haplo-importd
check 'a daemon that makes no progress is killed by the watchdog and started again' \
  wait_for 40 'the restart' restarted_since "$before"
check "systemd's own words for it" prints 'Watchdog timeout' guest journalctl --unit haplo-importd --lines 60 --no-pager
check 'and its set is scheduled once, and archived' delivered stuck
before=$(restarts)
sleep 7 # longer than two patiences of the watchdog
check 'an idle daemon is left alone by the watchdog' is "$before" restarts

stop_is_quick() {
  local start=$SECONDS
  guest systemctl stop haplo-importd
  [ $((SECONDS - start)) -le 3 ]
}
faults file:stall:for=10min:at=headers
before=$(requests_of batch)
drop "$exporter" hr stopped
wait_for 30 'the upload to begin' requests_more_than batch "$before"
sleep 0.5
check 'systemctl stop during an upload takes no more than 3 s' stop_is_quick
check 'and is no failure' is success guest systemctl show --property Result --value haplo-importd
check 'the set waits in work/' place_of stopped work
faults
guest systemctl start haplo-importd
check 'after the next start it is scheduled once, and archived' delivered stopped

faults file:stall:for=4s:at=headers
before=$(requests_of batch)
drop "$exporter" hr upgraded
wait_for 30 'the upload to begin' requests_more_than batch "$before"
process=$(main_process)
check 'the package is installed anew in the middle of an upload' install_package haplo-importd
check 'the daemon runs afterwards' is active guest systemctl is-active haplo-importd
check 'and is another one' refused is "$process" main_process
check 'and the set is scheduled once, and archived' delivered upgraded
faults
