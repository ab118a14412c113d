heading 'The sandbox: how tight, and why not tighter'

# with_drop_in LINES: restarts the service with these lines added, without retries.
with_drop_in() {
  guest systemctl stop haplo-importd
  printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=no\nTimeoutStartSec=8s\n%b\n' "$1" \
    | guest_write /run/systemd/system/haplo-importd.service.d/90-less.conf
  guest systemctl daemon-reload
  guest systemctl start haplo-importd
}
without_drop_in() {
  guest systemctl stop haplo-importd || true
  guest rm /run/systemd/system/haplo-importd.service.d/90-less.conf
  guest systemctl daemon-reload
  guest systemctl reset-failed haplo-importd || true
}
is_tight() { is_tight_in /usr/lib/systemd/system "$1"; }
is_tight_in() {
  local level
  level=$(guest systemd-analyze security --offline=yes --no-pager "$1/$2" | sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p')
  echo "exposure level $level"
  awk -v level="$level" 'BEGIN { exit !(level != "" && level <= 1.5) }'
}
lease_problems() { guest journalctl --no-pager MESSAGE_ID=7e2b9c46d1f34a7f8b5c0d9e1a2f3306 --output cat | grep -c . || true; }
# The number of the file that a set's data are in.
inode_in_drop() { guest stat --format %i "$spool/drop/hr/$1/data.json"; }
inode_in_archive() { guest stat --format %i "$(place_of "$1" archive)/files/data.json"; }

check 'systemd-analyze security: the daemon at most 1.5' is_tight haplo-importd.service
check 'systemd-analyze security: once at most 1.5' is_tight haplo-importd-once.service
check 'systemd-analyze security: verify at most 1.5' is_tight haplo-importd-verify.service
check 'systemd-analyze security: the starter of notices at most 1.5' is_tight haplo-importd-notify.service
check 'systemd-analyze security: a notice at most 1.5' is_tight haplo-importd-notify@.service
check 'as installed, writers are asked for by leases' is 0 lease_problems
check 'without capabilities it still runs' with_drop_in 'AmbientCapabilities=\nCapabilityBoundingSet='
drop "$exporter" hr no-lease
delivered no-lease || true
check "but cannot ask who writes an exporter's file, and says so" refused is 0 lease_problems
# The two commands that docs/permissions.md gives for the case that the daemon cannot grant itself access.
remedy() { grep -o "\`$1 -R [^\`]*PATH\`" "$documents/docs/permissions.md" | tr -d '\`' | sed "s|PATH|$2|g"; }
for command in setfacl chgrp; do
  if has $command; then
    closed=$spool/drop/hr/closed-by-$command
    make_set "$exporter" "/tmp/closed-by-$command"
    guest_as "$exporter" mkdir --mode 0700 "$closed"
    guest_as "$exporter" cp "/tmp/closed-by-$command/control.json" "/tmp/closed-by-$command/data.json" "$closed/"
    check "nor can it read an exporter's closed folder" wait_for 10 'that' ends_with 65 guest haplo-importd explain "$closed"
    check "  the command of docs/permissions.md, $command" guest sh -exc "$(remedy $command "$closed")"
    check '  lets the set be imported' delivered "closed-by-$command"
  else
    left_out $command
  fi
done
without_drop_in
check 'without AF_UNIX it cannot start' refused with_drop_in 'RestrictAddressFamilies=\nRestrictAddressFamilies=AF_INET AF_INET6'
without_drop_in
check 'without its spool it starts' with_drop_in 'ReadWritePaths=\nReadWritePaths=/run/haplo-importd'
drop "$exporter" hr no-spool
check 'but takes nothing, and explains why' \
  wait_for 10 'the reason' prints 'is mounted read-only' guest sh -c "haplo-importd explain $spool/drop/hr/no-spool || true"
without_drop_in

guest systemctl start haplo-importd
faults batch:503
drop "$exporter" hr one-path
inode=$(inode_in_drop one-path || true)
faults
check 'with the spool as one path a set is delivered' delivered one-path
check 'by renames alone: its files are the same ones' is "$inode" inode_in_archive one-path
guest systemctl stop haplo-importd
drop "$exporter" hr two-paths
check 'with a path for each area it starts' with_drop_in \
  "ReadWritePaths=\nReadWritePaths=/run/haplo-importd $spool/drop $spool/work $spool/held $spool/rejected $spool/archive"
check 'but takes nothing, for a set could not get from work/ to the archive, and says why' \
  wait_for 20 'the line' prints 'the spool is not writable' guest journalctl --unit haplo-importd --lines 20 --no-pager
check 'and the server has nothing of it' is 0 times_scheduled two-paths
without_drop_in
guest rm -rf /run/systemd/system/haplo-importd.service.d
guest systemctl daemon-reload
check 'as installed it starts again' guest systemctl start haplo-importd
check 'and delivers the set that could not be taken' delivered no-spool
check 'and the other one' delivered two-paths
