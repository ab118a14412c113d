heading 'README word for word: install, configure, first import'

# The samples' own set, at the server and in the archive.
first_import() { guest haplo-importd list --json | jq -r 'select(.name == "staff-2026-11-23") | .state'; }
is_imported() { is archived first_import; }
# The modes in which the server has scheduled sets, in order.
modes_at_server() { guest cat $record | jq -r 'select(.event == "scheduled") | .mode'; }
# Log lines without what differs from one run to the next.
without_figures() { sed -E 's/[0-9]{8}T[0-9]{6}Z-hr-[a-z0-9]{8}/SET/g; s/batch=[^ ]*/batch=BATCH/g; s/[0-9]+/N/g'; }
log_of_first_import() { guest journalctl --unit haplo-importd --no-pager --output cat | grep '^set=' | without_figures; }
as_readme_shows() { diff <(blocks README.md 'First import' '' | grep '^set=' | without_figures) <(log_of_first_import); }

check 'the simulator installs' guest sh -c 'dpkg --install /root/packages/haplo-importd-simulator_*.deb </dev/null'
simulator_start
check "the commands of 'Install'" as_documented README.md Install
check "the commands of 'Configure'" as_documented README.md Configure 's|https://research.example.ac.uk|http://127.0.0.1:8080|'
check 'the daemon runs' is active guest systemctl is-active haplo-importd
check "the commands of 'First import'" as_documented README.md 'First import' 's|journalctl -fu|journalctl --no-pager -u|'
check 'the set is archived, with default settings' wait_for 30 'it' is_imported
check 'the server has scheduled it as a dry run' is dry-run modes_at_server
check 'the log is the one that README shows' as_readme_shows
check "'Mode=import' in the drop-in, and a reload" \
  guest sh -ec 'sed -i s/dry-run/import/ /etc/haplo-importd/haplo-importd.conf.d/50-hr.conf && systemctl reload haplo-importd'
check '  and the next set' guest cp -r /usr/share/doc/haplo-importd/examples/hr/leavers-2026-11-23 $spool/drop/hr/
check '  is scheduled as an import' wait_for 30 'it' is $'dry-run\nimport' modes_at_server

check "the commands of 'Order of imports'" prints state=scheduled as_documented docs/operations.md 'Order of imports'
check "the commands of 'Change the configuration'" as_documented docs/operations.md 'Change the configuration'
check "the commands of 'Replace the API key'" as_documented docs/operations.md 'Replace the API key'
check "the commands of 'A timer in place of the daemon'" as_documented docs/operations.md 'A timer in place of the daemon'
check '  end the daemon' is inactive guest systemctl is-active haplo-importd
guest systemctl disable --quiet --now haplo-importd-once.timer
guest systemctl enable --quiet --now haplo-importd
check "the commands of 'A second server'" as_documented docs/operations.md 'A second server' \
  's|s/NAME/med/g|&; s#^URL=.*#URL=http://127.0.0.1:8080#|'
check '  start an instance beside the daemon' is $'active\nactive' guest systemctl is-active haplo-importd haplo-importd@med
guest systemctl disable --quiet --now haplo-importd@med

heading 'The other documents word for word: permissions, monitoring, migrating, outcomes, reporting bugs'

check "the commands of 'An exporter that is another user'" as_documented docs/permissions.md 'An exporter that is another user'
check '  give the drop directory to the group' is 'haplo-importd hr-export 2770' guest stat --format '%U %G %a' $spool/drop/hr
check "the commands of 'Metrics for Prometheus'" as_documented docs/monitoring.md 'Metrics for Prometheus'
check '  let the collector read them' wait_for 30 'the metrics' guest grep -q '^haplo_importd_running 1$' \
  /var/lib/prometheus/node-exporter/haplo-importd.prom
check "the commands of 'A command for each rejected or held set'" as_documented docs/monitoring.md 'A command for each rejected or held set'
check "the commands of 'The archive, every month'" as_documented docs/monitoring.md 'The archive, every month' 's|^journalctl|& --no-pager --quiet|'
# One of them has no end; and a clean guest has no jq.
few='s|journalctl --follow|timeout 3 &|; s/--quiet$/& || [ $? = 1 ]/'
guest sh -c 'command -v jq' >/dev/null || few+='; s/| jq .*/|| [ $? = 124 ]/'
check "the commands of 'Without Prometheus: the journal'" as_documented docs/monitoring.md 'Without Prometheus: the journal' "$few"
check '  enable the units' is $'enabled\nenabled' guest systemctl is-enabled haplo-importd-notify.path haplo-importd-verify.timer
guest sh -ec 'mkdir -p /srv/exports && cp -r /usr/share/doc/haplo-importd/examples/hr/staff-2026-11-23 /srv/exports/hr
  install -m 0755 /dev/null /usr/local/bin/send-export'
check "the commands of '3. Run both, with dry runs'" as_documented docs/migrating.md '3. Run both, with dry runs'
check '  drop a set that is delivered' wait_for 30 'the set to be picked up' guest sh -c "[ -z \"\$(ls $spool/drop/hr)\" ]"
check "the commands of '4. Switch'" as_documented docs/migrating.md '4. Switch'
check '  leave the source with Mode=import' prints 'Mode=import' guest haplo-importd config
check "the commands of 'What to send'" as_documented docs/reporting-bugs.md 'What to send'
simulator_reads_outcomes() {
  guest sh -c 'umask 077; head -c 33 /dev/urandom | base64 | tr +/ -_ >/srv/simulator/outcome-key; rm /srv/simulator/port'
  guest systemctl stop simulator
  guest systemd-run --quiet --unit simulator haplo-simulator --port 8080 --port-file /srv/simulator/port \
    --api-key-file /srv/simulator/key --outcome-key-file /srv/simulator/outcome-key --record "$record"
  wait_for 20 'the simulator' guest test -s /srv/simulator/port
}
check 'a simulator with outcome pages' simulator_reads_outcomes
check "the commands of 'Setting it up'" as_documented docs/outcomes.md 'Setting it up'
check '  let the daemon read outcomes' prints 'Outcomes reading' guest haplo-importd status
# The spool is a mount point here.
check "the commands of 'Removal'" as_documented docs/operations.md Removal 's/^apt purge/& -y/; s/^rm -rf .*/& || mountpoint --quiet \/var\/spool\/haplo-importd/'
check '  remove the user and the groups' is '' guest sh -c 'getent passwd haplo-importd; getent group haplo-importd haplo-importd-admin hr-export'
check '  and the time stamps of timers' is '' guest find /var/lib/systemd/timers -name '*haplo-importd*'
check '  remove configuration, keys and drop-ins' refused guest test -e /etc/haplo-importd
check '  the archive included' is '' guest sh -c "find $spool /var/spool/haplo-importd-med -mindepth 1 2>/dev/null"
