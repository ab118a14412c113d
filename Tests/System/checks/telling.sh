heading 'Monitoring: metrics'

metrics=/run/haplo-importd/haplo-importd.prom
figure() { prints "$1" guest cat "$metrics"; }

guest_write $conf/40-metrics.conf <<END
[Daemon]
MetricsFile=$metrics
END
guest systemctl reload haplo-importd
check 'the metrics are written after a reload' wait_for 10 'the metrics' guest test -s $metrics
check 'for all to read' is '644 haplo-importd haplo-importd-admin' owner_and_mode $metrics
check 'they say that the daemon runs' figure 'haplo_importd_running 1'
drop "$exporter" hr counted
delivered counted || true
check 'and count what it delivers' \
  wait_for 15 'the figure' figure 'haplo_importd_attempts_total{source="hr",result="scheduled"} 1'
if command -v promtool >/dev/null; then
  check 'promtool finds nothing wrong' is '' promtool check metrics < <(guest cat $metrics)
  check 'nor in the alert rules' promtool check rules "$here/../../etc/examples/monitoring/alerts.yml"
  check 'which fire when they should, and not before' promtool test rules "$here/alerts-test.yml"
  rules_without_test() {
    comm -23 <(sed -n 's/.*- alert: //p' "$here/../../etc/examples/monitoring/alerts.yml" | sort) \
      <(grep -B 1 ' exp_alerts:$' "$here/alerts-test.yml" | sed -n 's/.*alertname: //p' | sort -u)
  }
  check '  each of them in one of the tests' is '' rules_without_test
else
  echo '      promtool (package prometheus) is not here: its checks are left out'
fi
guest systemctl stop haplo-importd
check 'after a stop they say that it has ended' figure 'haplo_importd_running 0'
guest systemctl start haplo-importd

heading 'Monitoring: the plugin, as NRPE runs it'

plugin=$(sed -n 's/^command\[check_haplo_importd\]=//p' "$here/../../etc/examples/monitoring/nrpe.cfg")
check 'a member of haplo-importd-admin gets the state' says 0 'HAPLO-IMPORTD OK' guest_as "$colleague" sh -c "$plugin"
check 'another user gets UNKNOWN, with the reason' says 3 haplo-importd-admin guest_as "$exporter" sh -c "$plugin"

heading 'Notifications: a unit for each rejected set'

notices=/var/lib/haplo-importd/notify
# drop_broken NAME: a set whose control file is cut off.
drop_broken() {
  guest_as "$exporter" mkdir "$spool/drop/hr/$1"
  guest_as "$exporter" tee "$spool/drop/hr/$1/control.json" >/dev/null <<<"{\"$1"
}
# The id of such a set, once it was rejected.
rejected_id() { guest grep -rlF "($1)" "$spool/rejected" --include REASON.txt | sed 's|/REASON.txt$||; s|.*/||' | grep .; }
rejected_folder() { guest find "$spool/rejected" -name "$1"; }
is_rejected() { wait_for 20 "$1 to be rejected" rejected_id "$1"; }
notices_in_journal() { guest journalctl --no-pager --output cat --identifier haplo-importd-notify; }

drop_broken untold
check 'before that is enabled, a rejected set' is_rejected untold
check 'makes no notice' refused guest test -e $notices
check 'systemctl enable --now haplo-importd-notify.path' guest systemctl enable --now haplo-importd-notify.path
check 'makes a place for them that is the daemon'"'"'s' \
  wait_for 10 'the directory' is '750 haplo-importd haplo-importd' owner_and_mode $notices/new
drop_broken broken
check 'the next rejected set' is_rejected broken
id=$(rejected_id broken || true)
check 'one of the administrators can read why' prints broken guest_as "$colleague" cat "$(rejected_folder "$id")/REASON.txt"
check '  and reason.json' prints "$id" guest_as "$colleague" cat "$(rejected_folder "$id")/reason.json"
check '  but not what was dropped' refused guest_as "$colleague" sh -c 'cat "$1"/files/*' - "$(rejected_folder "$id")"
check '  an exporter can read neither' refused guest_as "$exporter" cat "$(rejected_folder "$id")/REASON.txt"
check '  an administrator can read receipts, too' prints SCHEDULED guest_as "$colleague" cat "$(place_of first-set archive)/receipt.json"
check 'is a notice in the journal' wait_for 20 'the notice' prints "Subject: haplo-importd: set $id of source hr was rejected" notices_in_journal
check 'with its reason' prints 'What was wrong' notices_in_journal
check 'by a unit that was started with its id' \
  prints 'Subject' guest journalctl --no-pager --output cat --unit "haplo-importd-notify@$id.service"
check 'and the notice is gone' wait_for 10 'that' is '' guest find $notices -type f
check 'there is no notice about the set from before' refused prints "$(rejected_id untold || true)" notices_in_journal

guest_write '/etc/systemd/system/haplo-importd-notify@.service.d/50-mail.conf' <<'END'
[Service]
ExecStart=
ExecStart=/bin/sh -c 'test -e /run/mail-works && echo "mailed: $$(head -n 1 "$$NOTICE")"'
END
guest_write /run/systemd/system/haplo-importd-notify.service.d/50-test.conf <<<$'[Service]\nRestartSec=1s'
guest systemctl daemon-reload
drop_broken mailed
is_rejected mailed || true
id=$(rejected_id mailed || true)
check 'while a command of your own fails' \
  wait_for 20 'it to fail' is failed guest systemctl is-failed "haplo-importd-notify@$id.service"
check 'the notice stays' wait_for 5 'it' guest test -s "$notices/told/$id"
drop_broken mailed-too
is_rejected mailed-too || true
guest touch /run/mail-works
check 'it is retried until it succeeds' wait_for 20 'the mail' prints "mailed: Subject: haplo-importd: set $id" notices_in_journal
check 'also for a set that was rejected meanwhile' wait_for 20 'the mail' prints "mailed: Subject: haplo-importd: set $(rejected_id mailed-too || true)" notices_in_journal
check 'and then nothing is left' wait_for 10 'that' is '' guest find $notices -type f
check 'the path unit is active still' is active guest systemctl is-active haplo-importd-notify.path
guest systemctl disable --now haplo-importd-notify.path
guest rm -r $notices '/etc/systemd/system/haplo-importd-notify@.service.d' /run/systemd/system/haplo-importd-notify.service.d
guest systemctl daemon-reload
# They would count as not sent when the package is purged.
check 'rejected sets can be discarded' guest haplo-importd discard --all --state rejected

heading 'Monitoring: the archive, verified by a timer'

verify_says() { prints "$1" guest journalctl --no-pager --output cat --unit haplo-importd-verify; }
damaged=$(place_of first-set archive || true)
check 'the timer is not enabled' is disabled guest systemctl is-enabled haplo-importd-verify.timer
check 'its service finds the archive as it was recorded' guest systemctl start haplo-importd-verify
check 'and says so' verify_says 'all as recorded'
set_data other-data | guest_write "$damaged/files/data.json"
check 'with an altered file it fails' refused guest systemctl start haplo-importd-verify
check 'with status 65' is 65 guest systemctl show --property ExecMainStatus --value haplo-importd-verify
check 'its MESSAGE_ID and the set find the damage' \
  prints "$damaged/files/data.json" guest journalctl --no-pager MESSAGE_ID=d1c7b2e85f3a4c69b0e4a6f1937c7704 "HAPLO_SET=${damaged##*/}" PRIORITY=3
set_data first-set | guest_write "$damaged/files/data.json"
guest systemctl reset-failed haplo-importd-verify
check 'restored, it is as recorded again' guest systemctl start haplo-importd-verify
check 'the timer can be enabled' guest systemctl enable --now haplo-importd-verify.timer
check 'and has a next time' prints 'haplo-importd-verify.timer' guest systemctl list-timers --no-pager haplo-importd-verify.timer
guest systemctl disable --now haplo-importd-verify.timer
