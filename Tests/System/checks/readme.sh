heading 'README word for word: install, configure, first import'

# The samples' own set, at the server and in the archive.
first_import() { guest haplo-importd list --json | jq -r 'select(.name == "staff-2026-11-23") | .state'; }
is_imported() { is archived first_import; }
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
check 'the server has scheduled it as a dry run' is dry-run \
  sh -c "$(declare -f guest); guest_init=$guest_init; guest cat $record | jq -r 'select(.event == \"scheduled\") | .mode'"
check 'the log is the one that README shows' as_readme_shows
check "and after 'Mode=import' and a reload, the next set is imported" \
  guest sh -ec 'sed -i s/dry-run/import/ /etc/haplo-importd/haplo-importd.conf.d/50-hr.conf && systemctl reload haplo-importd'

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
check 'purge removes all that was installed' guest apt-get -qy purge haplo-importd
check '  the archive included' is '' guest sh -c "find $spool /var/spool/haplo-importd-med -mindepth 1 2>/dev/null"
guest rm -rf /etc/haplo-importd
