#!/usr/bin/env bash
# Two hosts with one spool and one state directory: the second never works while the first lives, and takes over without
# scheduling anything twice when the first is killed. The hosts are namespaces of their own for mounts, processes and name.
#
# Usage: cluster-test.sh DIRECTORY-OF-THE-PROGRAMS. As root, with a C compiler: it runs apart (apart.sh). One line for each thing
# tried; exit status 0 only if all of it went well. With KEEP=1 it keeps its directory and says where it is.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/../System/checks.sh"
bin=$(cd "$1" && pwd)
source "$here/apart.sh"
run_apart cluster "$0" "$@"
for part in place users; do source "$here/$part.sh"; done
clean_up_at_the_end

# on_host NAME COMMAND…: a command on a host of that name, which has the shared directories and a /run of its own.
on_host() {
  ${in_place:-} unshare --mount --uts --pid --fork --kill-child --mount-proc --propagation private bash -ec "
    $(declare -p bin work daemon_user preload)
    $(declare -f importd)"'
    hostname "$1" && shift
    mount -t tmpfs -o mode=0755,uid=$(id -u "$daemon_user") run "$work/shared/run"
    status=0
    "$@" || status=$?
    exit "$status"' - "$@"
}

# start_host NAME: the daemon on a host, until that is killed. Its lines go to the shared log.
start_host() {
  in_place=exec on_host "$1" importd shared run 2>>"$work/shared/log" &
  daemons[$1]=$!
}
has_started() { [ "$(grep -c 'has started' "$work/shared/log")" -ge "$1" ]; }
# kill_host NAME: everything on it ends at once, as when its power is cut: with the first process of a namespace all others
# are killed, and unshare ends when none is left.
kill_host() {
  pkill -KILL --parent "${daemons[$1]}"
  wait "${daemons[$1]}" 2>/dev/null || true
  unset "daemons[$1]"
}

drop() {
  make_set "$daemon_user" "$work/staging/$1" "$1" 1000
  control=$(digest "$work/staging/$1/control.json") data=$(digest "$work/staging/$1/data.json")
  as_user "$daemon_user" mv "$work/staging/$1" "$work/shared/spool/drop/hr/$1"
}
is_archived() { grep -rlF "\"$1\"" "$work/shared/spool/archive" --include receipt.json >/dev/null; }
delivered() { wait_for 30 "$1 to be archived" is_archived "$1" && is "$data" jobs_of shared "$control"; }
# Several attempts, as a cluster manager makes them, and not one starts.
never_starts() {
  local attempt
  for attempt in 1 2 3 4 5; do says 75 'on host-a' on_host host-b importd shared run || return 1; done
}
is_scheduled() { [ -n "$(jobs_of shared "$control")" ]; }

mount -t tmpfs -o mode=0755,size=64m cluster "$work"
ip link set lo up
make_users
place shared
install -d -o "$daemon_user" "$work/staging"
printf '[Source hr]\nMode=import\nQuietSec=0\n' >"$work/shared/haplo-importd.conf.d/10-hr.conf"
preloadable "$work/no-flock.so" "$here/no-lock.c"
preloadable "$work/no-locks.so" "$here/no-lock.c" -DNO_LOCKS

heading 'Two hosts, one spool'
start_host host-a
wait_for 20 'host-a' has_started 1
drop on-a
check 'host-a delivers' delivered on-a
check 'host-b does not start beside it, and says who has it (75)' says 75 'on host-a' on_host host-b importd shared run
check "nor does 'once' (75)" says 75 'on host-a' on_host host-b importd shared once
preload=("LD_PRELOAD=$work/no-flock.so")
check "nor where flock(2) is each host's own, as on NFS (75)" says 75 'on host-a' on_host host-b importd shared run
preload=()

heading 'The first is killed while it schedules'
faults shared schedule:stall:nth=1:for=10min:at=end
drop in-doubt
wait_for 20 'the schedule call' is_scheduled
check 'while host-a waits for the answer, host-b never starts' never_starts
kill_host host-a
start_host host-b
check 'host-a is killed, and host-b takes over' wait_for 20 'host-b' has_started 2
check '  the set is scheduled once, and archived' delivered in-doubt
check '  a set that is dropped now is delivered by host-b' eval 'drop on-b && delivered on-b'

heading 'Moved on purpose'
check "host-a is told that host-b has it (75)" says 75 'on host-b' on_host host-a importd shared run
kill_host host-b
start_host host-a
check 'and starts when that is gone' wait_for 20 'host-a' has_started 3
check '  nothing was scheduled twice' is '' eval \
  "jq -r 'select(.event == \"scheduled\") | .control' '$work/shared/record' | sort | uniq -d"
check "  and 'verify' finds all in order" on_host host-a importd shared verify
# Last, for what two daemons do to one journal is not to be relied on.
preload=("LD_PRELOAD=$work/no-locks.so")
check 'fooled about both locks, host-b works beside it: they are what keeps it away' on_host host-b importd shared once
preload=()

[ "$problems" = 0 ] || fail "$problems of $tried things went wrong"
heading "All $tried things went as they should, in $SECONDS s."
