#!/usr/bin/env bash
# Tries to break the promise from outside: real processes are killed at random moments while sets are dropped and the
# simulated server misbehaves, and at every system call that changes the disk; then everything is compared with the
# server's record.
#
# Usage: torture.sh DIRECTORY-OF-THE-PROGRAMS. It needs jq and strace.
#   SEEDS=5     so many runs with random kills, or (SEEDS=7-7) those from one number to another
#   MINUTES=    no further run is begun after so many minutes
#   SETS=12     sets of a run
#   INJECT=1    0 leaves out the kills at system calls
# A seed decides what is dropped when, which faults the server has, and when the daemon is killed; where exactly it
# stands then, the machine decides. The directory of a run with a broken promise is kept and named. The last line has the
# figures (cuts: connections that ended without an answer). Exit status 0 only if no promise was broken.
set -euo pipefail

bin=$(cd "$1" && pwd)
root=$(mktemp -d "${TMPDIR:-/tmp}/haplo-torture.XXXXXX")
begin=$SECONDS
kills=0 faults=0 cuts=0 sets=0 schedules=0 lost=0
daemon='' simulator='' here=''

clean_up() {
  local status=$?
  for process in $daemon $simulator; do kill -KILL "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rmdir "$root" 2>/dev/null || [ "$lost" != 0 ] || rm -rf "$root"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

broken() {
  printf 'broken: %s: %s\n' "$here" "$*" >&2
  lost=$((lost + 1))
}
time_is_up() { [ -n "${MINUTES:-}" ] && [ $((SECONDS - begin)) -ge $((MINUTES * 60)) ]; }

# Waits until a command succeeds, for at most so many seconds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# Makes a place of its own with a server and a configuration. Arguments: its name, and the server's faults.
prepare() {
  local arguments=() fault
  here=$root/$1
  shift
  for fault; do arguments+=(--fault "$fault"); done
  mkdir -p "$here"/{spool/drop/{hr,finance},state,run,staging}
  (umask 077 && head -c 33 /dev/urandom | base64 | tr '+/' '-_' >"$here/key")
  "$bin/haplo-simulator" --port 0 --port-file "$here/port" --api-key-file "$here/key" --record "$here/record" \
    "${arguments[@]}" >>"$here/simulator.log" 2>&1 &
  simulator=$!
  wait_for 30 test -s "$here/port"
  cat >"$here/conf" <<END
[Server]
URL=http://127.0.0.1:$(cat "$here/port")
APIKeyFile=$here/key
[Daemon]
SpoolDirectory=$here/spool
StateDirectory=$here/state
RuntimeDirectory=$here/run
[Source hr]
QuietSec=0
Mode=import
[Source finance]
QuietSec=0
END
  : >"$here/expected"
}

finish_place() {
  kill -TERM "$simulator" && wait "$simulator" 2>/dev/null || true
  simulator=''
  faults=$((faults + $(jq -s 'map(select(.event == "request" and (.faults | length) > 0)) | length' "$here/record")))
  cuts=$((cuts + $(jq -s 'map(select(.event == "request" and .status == null)) | length' "$here/record")))
  schedules=$((schedules + $(jq -s 'map(select(.event == "scheduled")) | length' "$here/record")))
  sets=$((sets + $(wc -l <"$here/expected")))
}

# Drops set number $2 of source $1: as a folder moved in, or flat with the control file last.
drop() {
  local source=$1 number=$2 staging=$here/staging/$2 key
  mkdir "$staging"
  for key in data0 data1; do
    printf '[{"first": "%s %s", "n": %s}]\n' "$source" "$key" "$number" >"$staging/$key.json"
  done
  cat >"$staging/control.json" <<'END'
{"dataImportControlFileVersion": 0, "model": "std:person",
 "files": {"data0": {"read": "json"}, "data1": {"read": "json"}},
 "instructions": [{"source": "first", "destination": "profile", "name": "first"}]}
END
  echo "$source $(digest "$staging/data0.json") $(digest "$staging/data1.json")" >>"$here/expected"
  if [ "$source" = hr ]; then
    mv "$staging" "$here/spool/drop/hr/set-$number"
  else
    mv "$staging"/data*.json "$here/spool/drop/finance/"
    mv "$staging/control.json" "$here/spool/drop/finance/"
  fi
}

digest() { sha256sum "$1" | cut -d ' ' -f 1; }
left_over() { find "$here/spool/drop" -mindepth 2 -print -quit; find "$here/spool/work" -mindepth 2 -print -quit; }
is_empty() { [ -z "$(left_over 2>/dev/null)" ]; }
flat_is_free() { [ ! -e "$here/spool/drop/finance/control.json" ]; }

# Compares what was dropped with the record, and looks where every file is now.
verify() {
  local line source digests found path
  jq -r 'select(.event == "scheduled") | [.files | sort_by(.name)[] | .digest] | join(" ")' "$here/record" >"$here/jobs"
  find "$here/spool" -type f -exec sha256sum {} + >"$here/places"
  while read -r line; do
    digests=${line#* }
    found=$(grep -cxF "$digests" "$here/jobs" || true)
    [ "$found" = 1 ] || broken "a set was scheduled $found times: $line"
    for path in $digests; do
      found=$(grep "^$path" "$here/places" || true)
      [ "$(grep -c . <<<"$found")" = 1 ] && grep -q /archive/ <<<"$found" || broken "a file stands here: $found"
    done
  done <"$here/expected"
  [ "$(wc -l <"$here/jobs")" = "$(wc -l <"$here/expected")" ] || broken 'there are more or fewer schedules than sets'
  for source in hr finance; do
    sed -n "s/^$source //p" "$here/expected" >"$here/order"
    grep -xFf "$here/order" "$here/jobs" >"$here/order-scheduled" || true
    cmp -s "$here/order" "$here/order-scheduled" || broken "the sets of $source went in another order"
  done
  [ -z "$(jq -c 'select(.event == "file" and .late)' "$here/record")" ] || broken 'a file came after its schedule'
  is_empty || broken "left over: $(left_over)"
  verify_receipts
}

# The receipts and the archive, as the program itself checks them, and the batches, as the server knows them.
verify_receipts() {
  "$bin/haplo-importd" verify --config "$here/conf" >"$here/verify.log" 2>&1 || broken "verify: $(tail -n 1 "$here/verify.log")"
  find "$here/spool/archive" -name receipt.json -exec jq -r .batch {} + | sort >"$here/batches"
  jq -r 'select(.event == "scheduled") | .batch' "$here/record" | sort | cmp -s - "$here/batches" \
    || broken 'the receipts name other batches than were scheduled'
}

start_daemon() {
  "$bin/haplo-importd" run --config "$here/conf" 2>>"$here/daemon.log" &
  daemon=$!
}

kill_daemon() {
  kill -KILL "$daemon" && kills=$((kills + 1))
  wait "$daemon" 2>/dev/null || true
  daemon=''
}

# One run with kills at random moments.
run_seed() {
  local seed=$1 number source
  RANDOM=$seed
  prepare "seed-$seed" \
    "schedule:drop:probability=0.2:seed=$seed" "schedule:503:probability=0.05:seed=$((seed + 1))" \
    "file:drop:probability=0.08:seed=$((seed + 2))" "file:cut:bytes=40:probability=0.05:seed=$((seed + 3))" \
    "file:503:probability=0.05:retry-after=1:seed=$((seed + 4))" "batch:proxy:probability=0.1:seed=$((seed + 5))" \
    "batch:half:probability=0.05:seed=$((seed + 6))" "control:drop:probability=0.1:seed=$((seed + 7))" \
    "any:latency:for=15ms:probability=0.3:seed=$((seed + 8))"
  start_daemon
  for ((number = 1; number <= ${SETS:-12}; number++)); do
    source=hr
    if ((RANDOM % 3 == 0)) && flat_is_free; then source=finance; fi
    drop "$source" "$number"
    sleep "0.$(printf '%03d' $((RANDOM % 250)))"
    kill_daemon
    start_daemon
  done
  # The last kills come while old failures are waited for.
  for number in 1 2 3; do
    sleep "0.$(printf '%03d' $((RANDOM % 1000)))"
    kill_daemon
    start_daemon
  done
  wait_for 180 is_empty || broken 'the sets do not come to an end'
  wait_for 30 "$bin/haplo-importd" status --config "$here/conf" || broken 'the daemon does not answer'
  kill -TERM "$daemon" && wait "$daemon" || broken 'the daemon did not end well'
  daemon=''
  verify
  finish_place
}

# One `once` that is killed at the $4th call of $3 by a thread, and as many as it takes to finish. Arguments: its name, the
# source, the system call, the number. Fails if nothing was killed.
run_injected() {
  local status=0 try
  prepare "$1"
  drop "$2" 1
  { # The shell's own words on the killed process go nowhere.
    strace -qq -f -o /dev/null -e "inject=$3:signal=KILL:when=$4" \
      "$bin/haplo-importd" once --config "$here/conf" 2>>"$here/daemon.log" || status=$?
  } 2>/dev/null
  [ "$status" = 0 ] || kills=$((kills + 1))
  for try in 1 2 3 4 5; do
    if "$bin/haplo-importd" once --config "$here/conf" 2>>"$here/daemon.log"; then break; fi
    sleep 0.2
  done
  verify
  finish_place
  [ "$status" != 0 ]
}

inject_everywhere() {
  local call source number
  for source in hr finance; do
    for call in renameat renameat2 fdatasync fsync pwrite64 mkdirat unlinkat fchmod sendto; do
      for ((number = 1; number <= 60; number++)); do
        if time_is_up; then return; fi
        run_injected "$call-$source-$number" "$source" "$call" "$number" || break
        forget
      done
      forget
    done
  done
}

# Removes the place of a run that kept the promise.
forget() { [ "$lost" != "$lost_before" ] || rm -rf "$here"; lost_before=$lost; }
lost_before=0

seeds=${SEEDS:-5}
case $seeds in *-*) first=${seeds%-*} last=${seeds#*-} ;; *) first=1 last=$seeds ;; esac
for ((seed = first; seed <= last; seed++)); do
  if time_is_up; then break; fi
  run_seed "$seed"
  printf 'seed %s: %s kills, %s faults so far, %s broken promises\n' "$seed" "$kills" "$faults" "$lost"
  forget
done
if [ "${INJECT:-1}" != 0 ]; then inject_everywhere; fi
printf 'kills: %s, faults: %s, cuts: %s, sets: %s, schedules: %s, lost: %s\n' \
  "$kills" "$faults" "$cuts" "$sets" "$schedules" "$lost"
[ "$lost" = 0 ]
