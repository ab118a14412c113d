#!/usr/bin/env bash
# Cuts the power of real file systems under the daemon, at every call that changes the disk or sends to the server, and
# compares what was dropped with the server's record once everything has been started again.
#
# Usage: power-cut.sh DIRECTORY-OF-THE-PROGRAMS. It needs root, loop devices, jq, clang (or cc) and the file systems' mkfs.
#   FILESYSTEMS="ext4 xfs btrfs"
#   LAYOUTS="together apart copied"    spool and state on one disk; on two; the drop directories on another than the
#                spool
#   STEP=1       only every STEP-th call
#   SEED=1       decides at which call a larger STEP begins, and when the power fails again during the recovery
#   AGAIN=4      it does so in one of so many recoveries; 0: never
#   MINUTES=     no further cut is begun after so many minutes
#
# ext4 and xfs are shut down by the ioctl GOINGDOWN without flushing their log: what was not synced is gone, as when the
# machine loses its power. btrfs has no such call; its image is copied while the daemon is stopped, and the copy is what
# the machine finds afterwards. The daemon is stopped by a library loaded into it (stop.c).
#
# Control: the same with an fsync and fdatasync that only say that they succeeded. The comparison must find broken promises
# then, on every file system, or it proves nothing. The directory of a cut with a broken promise is kept and named. Exit
# status 0 only if no promise was broken and the control was caught.
set -euo pipefail
exec 3>&2

if [ "$(id -u)" != 0 ]; then echo 'power-cut: skipped: only root may mount file systems'; exit 0; fi
if [ ! -e /dev/loop-control ]; then echo 'power-cut: skipped: there are no loop devices'; exit 0; fi
# Among mounts of its own: a copy of a mount in somebody else's namespace would keep the dead file system alive.
if [ -z "${POWER_CUT_INSIDE:-}" ]; then
  POWER_CUT_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"
fi

bin=$(cd "$1" && pwd)
here_scripts=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=Tests/Torture/promise.sh
. "$here_scripts/../Torture/promise.sh"
root=$(mktemp -d "${TMPDIR:-/tmp}/haplo-power-cut.XXXXXX")
begin=$SECONDS
cuts=0 again=0 sets=0 schedules=0 torn=0 doubles=0 lost=0 caught=0 ran=0
daemon='' simulator='' here='' disks=()
sources='hr finance fixed'
RANDOM=${SEED:-1}

clean_up() {
  local status=$? disk
  for process in $daemon $simulator; do kill -KILL "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
  for disk in "${disks[@]}"; do umount "$root/$disk" 2>/dev/null || true; done
  rm -f "$root"/*.image "$root"/*.cut
  rmdir "$root" 2>/dev/null || [ "$lost" != 0 ] || rm -rf "$root"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The harness itself does not work: nothing that it would say counts.
fail() {
  printf 'power-cut: error: %s\n' "$*" >&3
  exit 2
}

time_is_up() { [ -n "${MINUTES:-}" ] && [ $((SECONDS - begin)) -ge $((MINUTES * 60)) ]; }

# MARK: Disks

mkfs_quietly() {
  case $1 in
    ext4) mkfs.ext4 -q -F "$2" ;;
    xfs) mkfs.xfs -q -f "$2" ;;
    btrfs) mkfs.btrfs -q -f "$2" ;;
  esac
}

# Says why a file system cannot be had here; nothing if it can.
why_not() {
  command -v "mkfs.$1" >/dev/null || { echo "mkfs.$1 is missing"; return; }
  make_disk probe "$1" || { echo "it cannot be mounted: $(tail -n 1 "$root/why")"; return; }
  umount "$root/probe" && rm "$root/probe.image"
}

make_disk() {
  mkdir -p "$root/$1"
  truncate -s 320M "$root/$1.image"
  mkfs_quietly "$2" "$root/$1.image" >/dev/null 2>"$root/why" && mount -o loop "$root/$1.image" "$root/$1" 2>"$root/why"
}

make_disks() {
  local disk
  for disk in "${disks[@]}"; do make_disk "$disk" "$type" || fail "no $type: $(tail -n 1 "$root/why")"; done
}

drop_disks() {
  local disk
  for disk in "${disks[@]}"; do umount "$root/$disk" && rm "$root/$disk.image"; done
  disks=()
}

# Cuts the power while the daemon is stopped, kills it, and mounts what the disks have kept.
cut_power() {
  local disk
  for disk in "${disks[@]}"; do
    case $type in
      btrfs) cp --sparse=always "$root/$disk.image" "$root/$disk.cut" || fail "$disk cannot be copied" ;;
      *) shut_down "$root/$disk" || fail "$disk cannot be shut down" ;;
    esac
  done
  kill_daemon
  for disk in "${disks[@]}"; do
    umount "$root/$disk" || fail "$disk cannot be unmounted"
    if [ "$type" = btrfs ]; then
      mv "$root/$disk.cut" "$root/$disk.image"
      # Takes the device number that the disk had, as a machine that mounts its disks in another order does.
      mkdir -p "$root/number" && mount -t tmpfs number "$root/number"
    fi
    mount -o loop "$root/$disk.image" "$root/$disk" || fail "$disk cannot be mounted again"
    if [ "$type" = btrfs ]; then umount "$root/number"; fi
    stat "$root/$disk"/*/ >/dev/null || fail "$disk has not been mounted anew: somebody else still uses it"
  done
  cuts=$((cuts + 1))
  torn=$((torn + $(find_torn)))
  doubles=$((doubles + $(count_doubles)))
}

# ioctl(2) 0x8004587D is XFS_IOC_GOINGDOWN and EXT4_IOC_SHUTDOWN; flag 2: without flushing the log.
shut_down() {
  perl -e 'my $flags = pack("L", 2);
    open(my $disk, "<", $ARGV[0]) or die "$ARGV[0]: $!\n";
    ioctl($disk, 0x8004587D, $flags) or die "GOINGDOWN $ARGV[0]: $!\n";' "$1"
}

# For the figures: journals that ended in the middle of a record or in zeros, and files that stand in two places.
find_torn() {
  local journal=$state/journal.jsonl
  [ -s "$journal" ] && [ "$(tail -c 3 "$journal" | od -An -c | tr -d ' ')" != '"}\n' ] && echo 1 || echo 0
}
count_doubles() {
  find "$spool" "$drops" -type f -name 'data?.json' 2>/dev/null | sort -u | xargs -r -d '\n' sha256sum | cut -d ' ' -f 1 \
    | sort | uniq -d | wc -l
}

# MARK: One cut

# Makes a place with its sets, which are safely on the disks, as those of an exporter who says that he is done.
prepare() {
  local control=no-control disk
  here=$root/$1 spool=$root/disk/$1/spool state=$root/disk/$1/state drops=$root/disk/$1/spool/drop
  case $layout in
    apart) state=$root/other/$1/state ;;
    copied) drops=$root/other/$1/drop ;;
  esac
  mkdir -p "$here"/run "$drops"/{hr,finance,fixed} "$spool" "$state"
  start_simulator
  make_control "$here/fixed.json"
  cat >"$here/conf" <<END_OF_CONF
[Server]
URL=http://127.0.0.1:$(cat "$here/port")
APIKeyFile=$here/key
[Daemon]
SpoolDirectory=$spool
StateDirectory=$state
RuntimeDirectory=$here/run
MinFreeSpace=0
[Source hr]
Directory=$drops/hr
QuietSec=0
Mode=import
[Source finance]
Directory=$drops/finance
QuietSec=0
[Source fixed]
Directory=$drops/fixed
ControlFile=$here/fixed.json
QuietSec=0
END_OF_CONF
  make_set hr 1 "$drops/hr/set-1"
  make_set hr 2 "$drops/hr/set-2"
  make_set finance 3 "$drops/finance/.3.tmp"
  mv "$drops"/finance/.3.tmp/* "$drops/finance/" && rmdir "$drops/finance/.3.tmp"
  make_set fixed 4 "$drops/fixed/set-4" "$control"
  for disk in "${disks[@]}"; do sync -f "$root/$disk"; done
}

kill_daemon() {
  kill -KILL "$daemon" 2>/dev/null || true
  wait "$daemon" 2>/dev/null || true
  daemon=''
}

has_ended() { ! kill -0 "$daemon" 2>/dev/null; }
has_stopped() {
  [ -s "$here/stopped" ] && [ -z "$(grep -L '^State:[[:space:]]*T' "/proc/$daemon/task"/*/status 2>/dev/null)" ]
}

# Runs the daemon until its call number $1, and cuts the power there. Fails if it ends before. With `lies` as $2 its disks
# only say that they sync.
run_and_cut() {
  local end=$((SECONDS + 120))
  rm -f "$here/stopped"
  LD_PRELOAD=$root/stop.so POWER_CUT_AT=$1 POWER_CUT_NOTE=$here/stopped POWER_CUT_LIES=${2:+1} \
    "$bin/haplo-importd" once --config "$here/conf" 2>>"$here/daemon.log" &
  daemon=$!
  until has_stopped; do
    if has_ended; then
      wait "$daemon" || broken "the daemon ended with $?"
      daemon=''
      return 1
    fi
    [ "$SECONDS" -lt "$end" ] || { broken 'the daemon neither ends nor comes to its call'; kill_daemon; return 1; }
    sleep 0.005
  done
  echo "cut before call $1: $(cat "$here/stopped")" >>"$here/daemon.log"
  cut_power
}

# One place, whose power fails at call number $1 and perhaps again during the recovery. Fails if the first run ends before.
trial() {
  local number=$1 lies=${2:-} status=0
  prepare "$type-$layout-${lies:+lies-}$number"
  if run_and_cut "$number" "$lies"; then
    if [ -z "$lies" ] && [ "${AGAIN:-4}" != 0 ] && ((RANDOM % ${AGAIN:-4} == 0)); then
      if run_and_cut $((RANDOM % 50 + 1)); then again=$((again + 1)); fi
    fi
  else
    status=1
  fi
  finish_with_once
  verify
  stop_simulator
  if [ -z "$lies" ]; then
    schedules=$((schedules + $(count_schedules)))
    sets=$((sets + $(wc -l <"$here/expected")))
  fi
  return "$status"
}

# Removes the place of a cut that kept the promise; of any other all is kept beside its logs.
forget() {
  if [ "$lost" = "$lost_before" ]; then rm -rf "$here"; else cp -a "$state" "$spool" "$here/"; fi
  rm -rf "$root"/{disk,other}/"${here##*/}"
  lost_before=$lost
}
lost_before=0

# MARK: All cuts

sweep() {
  local number before=$cuts doubles_before=$doubles torn_before=$torn
  for ((number = RANDOM % ${STEP:-1} + 1; ; number += ${STEP:-1})); do
    if time_is_up; then break; fi
    if ! trial "$number"; then
      last=$number
      forget
      break
    fi
    forget
  done
  printf '%s, %s: %s cuts, torn journals: %s, files seen twice: %s, broken promises so far: %s\n' "$type" "$layout" \
    $((cuts - before)) $((torn - torn_before)) $((doubles - doubles_before)) "$lost"
}

# Cuts near the end of the work, with syncs that lie, until that is noticed.
control() {
  local number broken=$lost cuts_before=$cuts torn_before=$torn doubles_before=$doubles
  for ((number = last - 3; number > 0; number -= 5)); do
    trial "$number" lies 2>>"$root/control.log" || true
    rm -rf "$here" "$root"/{disk,other}/"${here##*/}"
    if [ "$lost" != "$broken" ]; then
      caught=$((caught + 1)) lost=$broken
      printf '%s, control with syncs that lie: %s\n' "$type" "$(sed -n '1s/^broken: [^:]*: //p' "$root/control.log")"
      break
    fi
  done
  cuts=$cuts_before torn=$torn_before doubles=$doubles_before
  rm -f "$root/control.log"
}

# The Swift toolchain has a clang beside its programs.
compiler=$(PATH=$PATH:$(dirname "$(readlink -f "$(command -v swift)")") && command -v clang || command -v cc) || { echo 'power-cut: skipped: there is no C compiler'; exit 0; }
"$compiler" -shared -fPIC -O1 -Wall -Wextra -Werror -o "$root/stop.so" "$here_scripts/stop.c" -ldl

for type in ${FILESYSTEMS:-ext4 xfs btrfs}; do
  reason=$(why_not "$type")
  if [ -n "$reason" ]; then
    echo "power-cut: $type is left out: $reason"
    continue
  fi
  ran=$((ran + 1)) last=80 is_controlled=
  for layout in ${LAYOUTS:-together apart copied}; do
    disks=(disk)
    case $layout in apart | copied) disks+=(other) ;; esac
    make_disks
    sweep
    if [ -z "$is_controlled" ]; then control; fi
    is_controlled=1
    drop_disks
  done
done
printf 'cuts: %s, of these during a recovery: %s, sets: %s, schedules: %s, torn journals: %s, files seen twice: %s, ' \
  "$cuts" "$again" "$sets" "$schedules" "$torn" "$doubles"
printf 'broken promises: %s, control caught on %s of %s file systems\n' "$lost" "$caught" "$ran"
[ "$lost" = 0 ] && [ "$caught" = "$ran" ]
