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
# What became of the jobs is read, in the runs with random kills from pages that fail and are no pages, and must be told as the
# server's record has it.
# A seed decides what is dropped when, which faults the server has, and when the daemon is killed; where exactly it
# stands then, the machine decides. The directory of a run with a broken promise is kept and named. The last line has the
# figures (cuts: connections that ended without an answer). Exit status 0 only if no promise was broken.
set -euo pipefail

bin=$(cd "$1" && pwd)
# shellcheck source=Tests/Torture/promise.sh
. "$(dirname "$0")/promise.sh"
sources='hr finance'
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

time_is_up() { [ -n "${MINUTES:-}" ] && [ $((SECONDS - begin)) -ge $((MINUTES * 60)) ]; }

# Makes a place of its own with a server and a configuration. Arguments: its name, and the server's faults.
prepare() {
  here=$root/$1 spool=$root/$1/spool drops=$root/$1/spool/drop
  shift
  mkdir -p "$drops"/{hr,finance} "$here"/{state,run,staging}
  start_simulator "$@"
  cat >"$here/conf" <<END
[Server]
URL=http://127.0.0.1:$(cat "$here/port")
APIKeyFile=$here/key
OutcomeKeyFile=$here/outcome-key
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
}

finish_place() {
  stop_simulator
  faults=$((faults + $(jq -s 'map(select(.event == "request" and (.faults | length) > 0)) | length' "$here/record")))
  cuts=$((cuts + $(jq -s 'map(select(.event == "request" and .status == null)) | length' "$here/record")))
  schedules=$((schedules + $(count_schedules)))
  sets=$((sets + $(wc -l <"$here/expected")))
}

# Drops set number $2 of source $1: as a folder moved in, or flat with the control file last.
drop() {
  local source=$1 staging=$here/staging/$2
  make_set "$source" "$2" "$staging"
  if [ "$source" = hr ]; then
    mv "$staging" "$drops/hr/set-$2"
  else
    mv "$staging"/data*.json "$drops/finance/"
    mv "$staging/control.json" "$drops/finance/"
  fi
}

flat_is_free() { [ ! -e "$drops/finance/control.json" ]; }

start_daemon() {
  "$bin/haplo-importd" run --config "$here/conf" 2>>"$here/daemon.log" &
  daemon=$!
}

# Waits until all sets are done with. What failed often waits for up to ten minutes; so it has stopped only if the journal
# says nothing for longer.
wait_for_end() {
  until wait_for 30 is_empty; do
    [ -n "$(find "$here/state/journal.jsonl" -mmin -11)" ] || return 1
  done
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
    "any:latency:for=15ms:probability=0.3:seed=$((seed + 8))" \
    "schedule:complete:errors=2:probability=0.3:seed=$((seed + 9))" "schedule:exception:probability=0.15:seed=$((seed + 10))" \
    "pages:503:probability=0.1:seed=$((seed + 11))" "pages:drop:probability=0.1:seed=$((seed + 12))" \
    "pages:unknown-markup:probability=0.1:seed=$((seed + 13))" "pages:truncated:bytes=200:probability=0.1:seed=$((seed + 14))"
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
  wait_for_end || broken 'the sets do not come to an end'
  wait_for 30 "$bin/haplo-importd" status --config "$here/conf" || broken 'the daemon does not answer'
  wait_for 300 outcomes_are_known || broken "outcomes are not known: $(outcomes | grep -c pending)"
  kill -TERM "$daemon" && wait "$daemon" || broken 'the daemon did not end well'
  daemon=''
  verify
  verify_outcomes
  finish_place
}

# The batch of each archived set with its outcome and number of errors.
outcomes() {
  "$bin/haplo-importd" list --all --json --config "$here/conf" 2>/dev/null \
    | jq -r '"\(.batch) \(.outcome.state) \(.outcome.errors // "-")"' | sort
}
outcomes_are_known() { ! outcomes | grep -Eq ' (pending|null) '; }

# Compares the outcomes with the jobs that the server's record says have ended.
verify_outcomes() {
  jq -r 'select(.event == "finished") | .batch as $batch | (.errors // 0) as $errors
    | (if .state == "error" then "failed" elif .state == "complete" then "imported" else "checked" end)
    | if $errors > 0 then . + "-with-errors" else . end
    | "\($batch) \(.) \(if . == "failed" then "-" else $errors end)"' "$here/record" | sort >"$here/outcomes-expected"
  outcomes >"$here/outcomes"
  [ "$(wc -l <"$here/outcomes")" = "$(wc -l <"$here/expected")" ] || broken 'not every set has an outcome'
  cmp -s "$here/outcomes-expected" "$here/outcomes" \
    || broken "other outcomes than the server's: $(diff "$here/outcomes-expected" "$here/outcomes" | head -n 4 | tr '\n' ' ')"
}

# One `once` that is killed at the $4th call of $3 by a thread, another that is killed at some such call during the recovery,
# and as many as it takes to finish. Arguments: its name, the source, the system call, the number. Fails if the first was
# not killed.
run_injected() {
  local status=0
  prepare "$1"
  drop "$2" 1
  once_killed_at "$3" "$4" || status=$?
  if [ "$status" != 0 ]; then once_killed_at "$3" $((RANDOM % 8 + 1)) || true; fi
  finish_with_once
  finish_outcomes
  verify
  verify_outcomes
  finish_place
  [ "$status" != 0 ]
}

# Runs `once` until it knows the outcome of the job, at most five times.
finish_outcomes() {
  local try
  for try in 1 2 3 4 5; do
    if outcomes_are_known; then return; fi
    sleep 0.1
    "$bin/haplo-importd" once --config "$here/conf" 2>>"$here/daemon.log" || true
  done
}

# One `once` that is killed at the $2th call of $1 by a thread. Fails if it was.
once_killed_at() {
  local status=0
  { # The shell's own words on the killed process go nowhere.
    strace -qq -f -o /dev/null -e "inject=$1:signal=KILL:when=$2" \
      "$bin/haplo-importd" once --config "$here/conf" 2>>"$here/daemon.log" || status=$?
  } 2>/dev/null
  [ "$status" = 0 ] || kills=$((kills + 1))
  return "$status"
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
if [ "${INJECT:-1}" != 0 ]; then
  RANDOM=$first
  inject_everywhere
fi
printf 'kills: %s, faults: %s, cuts: %s, sets: %s, schedules: %s, lost: %s\n' \
  "$kills" "$faults" "$cuts" "$sets" "$schedules" "$lost"
[ "$lost" = 0 ]
