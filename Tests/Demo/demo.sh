#!/usr/bin/env bash
# Imports sample sets with default settings, from a dropped folder to a receipt, against a simulated server. Prints the result
# first, then one screen with the events and the commands of an administrator; with VERBOSE=1 also the list, the log, all
# requests and a receipt.
#
# Usage: demo.sh DIRECTORY-OF-THE-PROGRAMS. It needs jq and rsync, and leaves nothing behind; with KEEP=1 it keeps its
# directory and prints its path.
#
# The daemon is killed at the worst moment: the server has scheduled the first set, and its answer has not arrived yet. One
# set is cut off and is rejected: its file is corrected, and 'retry' imports it. One set has lost half of its records and is
# held by a guard: 'diff' shows the missing ones, 'reject' and 'discard' settle it. The server's jobs end in four ways:
# imported, with errors, failed, and stuck; 'list', the log and the metrics must report each.
#
# Exit status 0 only if every correct set was scheduled exactly once, with the bytes that were dropped, in the order of arrival,
# and archived, and if nothing else was scheduled.
set -euo pipefail

bin=$(cd "$1" && pwd)
here=$(mktemp -d "${TMPDIR:-/tmp}/haplo-demo.XXXXXX")
examples=$here/samples
cp -r "$(dirname "$0")/../../etc/examples" "$examples"
record=$here/record.jsonl
daemon='' simulator='' writer=''
problems=0
log_shown=''
begin=$EPOCHREALTIME

# The sets: source, how it is dropped, folder name or control file, mode, samples; each source's in the order of dropping.
sets=(
  'hr|folder, moved in by mv|staff-2026-11-23|import|hr/staff-2026-11-23'
  'finance|flat, control file first|control.json|import|finance'
  'example|folder, copied by cp|documentation|dry-run|documentation'
  'students|folder, by rsync, while the daemon is dead|pgr-2026-autumn|import|students/pgr-2026-autumn'
  'hr|folder, by a slow writer|leavers-2026-11-23|import|hr/leavers-2026-11-23'
  'finance|flat, control file last|control.json|import|finance-cost-centres'
  'hr|folder, its file cut off: rejected|joiners-2026-11-24|import|hr/joiners-2026-11-24'
)

clean_up() {
  local status=$?
  for process in $writer $daemon $simulator; do kill -KILL "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ "$status" != 0 ] && [ -s "$here/daemon.log" ] && [ -z "$log_shown" ]; then
    heading 'The end of the log'
    log | tail -n 40
  fi
  if [ "${KEEP:-}" = 1 ]; then echo "kept: $here"; else rm -rf "$here"; fi
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

heading() {
  if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n== %s\n' "$*"; fi
}
indent() { sed 's/^/   /'; }
# Notes an event for the account at the end.
note() { printf '   %4.1f s  %s\n' "$(elapsed)" "$*" >>"$here/account"; }
elapsed() { awk -v now="$EPOCHREALTIME" -v start="$begin" 'BEGIN { print now - start }'; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
problem() { printf 'error: %s\n' "$*" >&2; problems=$((problems + 1)); }

# Waits until a command succeeds; gives up after so many seconds, saying what was waited for.
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "waited in vain for $what"
    sleep 0.1
  done
}

digest() { sha256sum "$1" | cut -d ' ' -f 1; }
bytes() { du -b --summarize "$@" | awk '{ sum += $1 } END { print sum }'; }
log() { sed 's/^<[0-7]>//' "$here/daemon.log" | indent; }
receipts() { find "$here/spool/archive" -name receipt.json 2>/dev/null | sort; }
jobs_scheduled() { jq -c 'select(.event == "scheduled")' "$record"; }

start_simulator() {
  local name
  for name in key outcome-key; do (umask 077 && head -c 33 /dev/urandom | base64 | tr '+/' '-_' >"$here/$name"); done
  # The answer to the first schedule call never comes, though the server has done what it was asked.
  "$bin/haplo-simulator" --port 0 --port-file "$here/port" --api-key-file "$here/key" --record "$record" \
    --outcome-key-file "$here/outcome-key" --fault schedule:stall:nth=1:for=10min:at=end \
    --fault schedule:complete:errors=2:comment=finance --fault schedule:exception:comment=students \
    --fault schedule:stuck:comment=example >"$here/simulator.log" 2>&1 &
  simulator=$!
  wait_for 30 'the simulator' test -s "$here/port"
}

configure() {
  cat >"$here/haplo-importd.conf" <<END
[Server]
URL=http://127.0.0.1:$(cat "$here/port")
APIKeyFile=$here/key
OutcomeKeyFile=$here/outcome-key

[Daemon]
MetricsFile=$here/metrics
SpoolDirectory=$here/spool
StateDirectory=$here/state
RuntimeDirectory=$here/run
MinFreeSpace=1M

[Source hr]
Mode=import

[Source finance]
Mode=import

[Source students]
Mode=import
RecordKey.students=studentNumber
ChangeLimit=30%

# The example of the API's documentation: the control file says data0, the file is data.json. A dry run.
[Source example]
File.data0=data.json
END
  "$bin/haplo-importd" config --config "$here/haplo-importd.conf" >"$here/config.log" 2>&1 \
    || { indent <"$here/config.log"; fail 'the configuration is refused'; }
}

start_daemon() {
  "$bin/haplo-importd" run --config "$here/haplo-importd.conf" 2>>"$here/daemon.log" &
  daemon=$!
  wait_for 30 'the drop directories' test -d "$here/spool/drop/example"
}

kill_daemon() {
  kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null || true
  daemon=''
  echo '-------- killed with SIGKILL --------' >>"$here/daemon.log"
}

# Writes the leavers in pieces, as a program does that asks a database for each row.
write_slowly() {
  local from=$examples/hr/leavers-2026-11-23 to=$here/spool/drop/hr/leavers-2026-11-23
  mkdir "$to"
  cp "$from/control.json" "$to/"
  local size piece number
  size=$(stat -c %s "$from/leavers.xml")
  piece=$((size / 6 + 1))
  for number in 0 1 2 3 4 5; do
    # Not "tail | head": tail may meet the pipe that head has left, and the writer would end with its first piece.
    dd if="$from/leavers.xml" bs="$piece" skip="$number" count=1 status=none
    sleep 0.4
  done >"$to/leavers.xml" # open all the while, as a real writer has it: a busy machine may pause for longer than QuietSec=
}

drop_first_half() {
  local drop=$here/spool/drop
  cp -r "$examples/hr/staff-2026-11-23" "$here/being-exported"
  mv "$here/being-exported" "$drop/hr/staff-2026-11-23"
  # The other two only after this one is on its way, so that the order of arrival is known.
  wait_for 30 'the first schedule call' grep -q '"event":"scheduled"' "$record"
  cp "$examples/finance/control.json" "$drop/finance/"
  sleep 0.3
  cp "$examples/finance/awards.xml" "$examples/finance/costs.tsv" "$drop/finance/"
  cp -r "$examples/documentation" "$drop/example/"
}

drop_second_half() {
  local drop=$here/spool/drop
  rsync -a "$examples/students/pgr-2026-autumn" "$drop/students/"
  write_slowly &
  writer=$!
}

drop_last() {
  local drop=$here/spool/drop
  wait_for 60 'the first flat set to be taken' test ! -e "$drop/finance/control.json"
  cp "$examples/finance-cost-centres/cost-centres.tsv" "$drop/finance/"
  sleep 0.3
  cp "$examples/finance-cost-centres/control.json" "$drop/finance/"
  wait "$writer" || fail 'the slow writer failed'
  writer=''
}

# A further set of the source hr: its control file differs in a comment only, so that its batch can be told from the first one's.
make_joiners() {
  local from=$examples/hr/staff-2026-11-23 to=$examples/hr/joiners-2026-11-24
  mkdir "$to"
  jq '. + {comment: "joiners"}' "$from/control.json" >"$to/control.json"
  jq '.[:20]' "$from/staff.json" >"$to/staff.json"
}

# The export was interrupted: its file ends in the middle of a record.
drop_cut_off() {
  cp -r "$examples/hr/joiners-2026-11-24" "$here/being-exported"
  head -c 3000 "$examples/hr/joiners-2026-11-24/staff.json" >"$here/being-exported/staff.json"
  mv "$here/being-exported" "$here/spool/drop/hr/joiners-2026-11-24"
}

# A complete, well-formed, wrong export: half of the students are missing.
drop_shrunken() {
  local from=$examples/students/pgr-2026-autumn to=$here/being-exported
  cp -r "$from" "$to"
  head -n 91 "$from/students.tsv" | head -c -1 >"$to/students.tsv" # no newline at the end, which would be one more record
  (cd "$to" && sha256sum control.json milestones.xml registration.json students.tsv supervisors.xml >SHA256SUMS)
  mv "$to" "$here/spool/drop/students/pgr-2026-autumn-again"
}

# The one set of a source that is held or rejected: its id, once its folder has the reason.
kept() { find "$here/spool/$1/$2" -mindepth 1 -maxdepth 1 -name '2*' -exec test -e '{}/REASON.txt' ';' -printf '%f\n' 2>/dev/null; }
is_kept() { [ -n "$(kept "$@")" ]; }
is_gone() { ! is_kept "$@"; }

importd() { local command=$1; shift; "$bin/haplo-importd" "$command" --config "$here/haplo-importd.conf" "$@"; }

# Runs a command as an administrator would, and adds it and its output to the session that is shown at the end.
administrate() {
  local output shown='' word
  for word; do [[ $word == *' '* ]] && shown+=" '$word'" || shown+=" $word"; done
  output=$(importd "$@" 2>&1) || problem "'haplo-importd$shown' ended with status $?"
  { printf '$ haplo-importd%s\n' "$shown"; [ -z "$output" ] || printf '%s\n' "$output"; } | sed "s|$here/||g" >>"$here/session.$session"
}

# The cut-off set was rejected: its file is corrected and the set retried.
settle_rejected() {
  local set file=staff.json
  set=$(kept rejected hr)
  session=rejected
  printf '$ cat rejected/hr/%s/REASON.txt\n' "$set" >"$here/session.rejected"
  sed -n '/^What was wrong/,/^$/p' "$here/spool/rejected/hr/$set/REASON.txt" | grep . >>"$here/session.rejected"
  grep -q 'staff.json:.*: error: ' "$here/session.rejected" || problem 'REASON.txt does not name the mistake'
  printf '$ cp %s rejected/hr/%s/files/\n' "$file" "$set" >>"$here/session.rejected"
  cp "$examples/hr/joiners-2026-11-24/$file" "$here/spool/rejected/hr/$set/files/"
  administrate retry "$set"
}

# The shrunken set was held: 'diff' shows why, and it is rejected and discarded.
settle_held() {
  local set difference
  set=$(kept held students)
  reason=$(importd show --json "$set" | jq -r .reason)
  [[ $reason == *"file 'students' has 90 records, 50% fewer than the 180 it had: ChangeLimit=30% ("* ]] \
    || problem "the shrunken set is held for another reason: $reason"
  session=held
  administrate diff "$set"
  mv "$here/session.held" "$here/difference"
  grep -qF "students: 90 records, 180 before: 90 removed by 'studentNumber'" "$here/difference" || problem 'diff shows something else'
  grep -v -e '^  *- ' -e 'no difference$' "$here/difference" >"$here/session.held"
  administrate reject "$set" --reason 'half of the students are missing'
  wait_for 30 'the rejected set to be moved' is_kept rejected students
  administrate discard "$set"
  wait_for 30 'the discarded set to be deleted' is_gone rejected students
}

all_settled() {
  local left
  left=$(find "$here/spool/rejected" "$here/spool/held" -name reason.json 2>/dev/null | wc -l)
  [ $(($(receipts | wc -l) + left)) -ge ${#sets[@]} ]
}
all_archived() { [ "$(receipts | wc -l)" -ge ${#sets[@]} ]; }

show_what_came_in() {
  local entry source how name mode sample
  for entry in "${sets[@]}"; do
    IFS='|' read -r source how name mode sample <<<"$entry"
    printf '   %-9s %-19s %-43s %2d files %6d bytes  %s\n' "$source" "$name" "$how" \
      "$(find "$examples/$sample" -type f | wc -l)" "$(bytes "$examples/$sample"/*)" "$mode"
  done
}

show_what_was_sent() {
  jq -rs '[.[] | select(.event == "request")] | sort_by(.number)[]
    | "\(.step)\t\(.status // "no answer")\t\(.answer // "" | split("\n")[0])"' "$record" \
    | awk -F '\t' '{ printf "   %-9s %-10s %s\n", $1, $2, $3 }'
}

show_jobs() {
  jobs_scheduled | jq -r '"   job \(.job)  batch \(.batch[0:12])…  \(.mode)\t\([.files[] | "\(.name) (\(.filename), \(.size) bytes)"] | join(", "))"' \
    | expand -t 50
}

# Compares one set as it was dropped with its receipt, the archive, and what the server has.
check_set() {
  local source=$1 name=$2 mode=$3 sample=$examples/$4
  local control receipt batch count
  control=$(digest "$sample/control.json")
  receipt=$(receipts | xargs -r grep -l "$control" || true)
  [ "$(wc -w <<<"$receipt")" = 1 ] || { problem "$4: $(wc -w <<<"$receipt") receipts instead of one"; return; }
  jq -e --arg source "$source" --arg name "$name" --arg mode "$mode" \
    '.source == $source and .name == $name and .mode == $mode and .result == "SCHEDULED"' "$receipt" >/dev/null \
    || problem "$4: its receipt speaks of another source, name, mode or result"
  diff -r "$sample" "$(dirname "$receipt")/files" >/dev/null \
    || problem "$4: the archive does not hold what was dropped"
  batch=$(jq -r .batch "$receipt")
  count=$(jobs_scheduled | jq -r --arg control "$control" 'select(.control == $control) | .batch' | wc -l)
  [ "$count" = 1 ] || problem "$4: scheduled $count times"
  [ "$(jobs_scheduled | jq -r --arg batch "$batch" 'select(.batch == $batch) | .mode')" = "$mode" ] \
    || problem "$4: its batch $batch was not scheduled as $mode"
  check_files "$4" "$receipt" "$batch"
}

# Every key of the control file: the same digest here, in the receipt twice, and in the batch.
check_files() {
  local sample=$1 receipt=$2 batch=$3 key file expected seen
  while read -r key; do
    file=$(jq -r --arg key "$key" '.files[] | select(.key == $key) | .file' "$receipt")
    [ -n "$file" ] || { problem "$sample: no file for $key in its receipt"; continue; }
    expected=$(digest "$examples/$sample/$file")
    seen=$(
      jq -r --arg key "$key" '.files[] | select(.key == $key) | .sha256, .sha256Server' "$receipt"
      jobs_scheduled | jq -r --arg batch "$batch" --arg key "$key" \
        'select(.batch == $batch) | .files[] | select(.name == $key) | .digest'
    )
    [ "$seen" = "$expected"$'\n'"$expected"$'\n'"$expected" ] \
      || problem "$sample: $key is not the same here, in the receipt and on the server"
  done < <(jq -r '.files | keys[]' "$examples/$sample/control.json")
  [ "$(jobs_scheduled | jq --arg batch "$batch" 'select(.batch == $batch) | .files | length')" \
    = "$(jq '.files | length' "$examples/$sample/control.json")" ] \
    || problem "$sample: the batch holds other files than the control file names"
}

# Within a source, jobs must follow the order in which the sets were dropped.
check_order() {
  local source=$1 entry from sample expected='' actual
  for entry in "${sets[@]}"; do
    IFS='|' read -r from _ _ _ sample <<<"$entry"
    [ "$from" != "$source" ] || expected+=$(digest "$examples/$sample/control.json")$'\n'
  done
  actual=$(jobs_scheduled | jq -r .control | grep -F "${expected%$'\n'}" || true)
  [ "$actual" = "${expected%$'\n'}" ] || problem "$source: not scheduled in the order of arrival"
}

# What became of the job of each set.
outcomes() { importd list --json | jq -r '"\(.source) \(.outcome.state)"' | sort; }
outcomes_known() { ! outcomes | grep -E 'pending|null'; }
expected_outcomes='example stuck
finance imported-with-errors
finance imported-with-errors
hr imported
hr imported
hr imported
students failed'

check_outcomes() {
  local source outcome count state seen
  seen=$(jq -r '"\(.source) \(.outcome.state)"' "$here/list.json" | sort)
  [ "$seen" = "$expected_outcomes" ] || problem "'list' has other outcomes: $(tr '\n' ' ' <<<"$seen")"
  while read -r source outcome; do
    grep -q "source=$source .*outcome=$outcome" "$here/daemon.log" || problem "the log has no outcome=$outcome of $source"
    count=$(grep -cxF "$source $outcome" <<<"$expected_outcomes")
    grep -qxF "haplo_importd_outcomes_total{source=\"$source\",outcome=\"$outcome\"} $count" "$here/metrics" \
      || problem "the metrics have not $count times the outcome $outcome of $source"
  done <<<"$expected_outcomes"
  while read -r source state; do
    grep -q "source=$source state=$state" "$here/daemon.log" || problem "the log has no state=$state of $source"
    grep -q "^haplo_importd_attempts_total{source=\"$source\",result=\"$state\"} [1-9]" "$here/metrics" \
      || problem "the metrics have no attempt of $source that was $state"
  done <<<$'hr rejected\nstudents held'
}

check_nothing_left() {
  local place
  for place in drop work held rejected; do
    [ -z "$(find "$here/spool/$place" -mindepth 2 2>/dev/null)" ] || problem "$place is not empty"
  done
  [ "$(jobs_scheduled | wc -l)" = ${#sets[@]} ] || problem "$(jobs_scheduled | wc -l) jobs instead of ${#sets[@]}"
}

show_result() {
  local entry source how name mode sample control
  for entry in "${sets[@]}"; do
    IFS='|' read -r source how name mode sample <<<"$entry"
    control=$(digest "$examples/$sample/control.json")
    printf '   %-9s %-18s %-43s scheduled %s×  archived %s×  %s\n' "$source" "$name" "$how" \
      "$(jobs_scheduled | grep -c "\"control\":\"$control\"" || true)" \
      "$(receipts | xargs -r grep -l "$control" | wc -l)" "$(outcome_of "$control")"
  done
}

# The outcome of the set with a control file of this digest.
outcome_of() {
  local receipt set
  receipt=$(receipts | xargs -r grep -l "$1" | sed -n 1p)
  set=$(basename "$(dirname "$receipt")")
  jq -r --arg set "$set" 'select(.set == $set) | .outcome.state' "$here/list.json"
}

echo "Imports ${#sets[@]} sample sets with default settings; this takes about half a minute …"
make_joiners
start_simulator
configure
start_daemon
note 'dropped: hr/staff-2026-11-23 (by mv), a flat set for finance, example/documentation (by cp)'
drop_first_half
note 'the server has scheduled the first set, and its answer is held back: kill -9 of the daemon'
kill_daemon
note 'dropped: students/pgr-2026-autumn (by rsync), while no daemon runs'
drop_second_half
start_daemon
note 'the daemon runs again, and a slow writer creates hr/leavers-2026-11-23'
sleep 0.5
explanation=$(importd explain "$here/spool/drop/hr/leavers-2026-11-23" || true)
note "explain: ${explanation//"$here/spool/"/}"
drop_last
note 'dropped: a second flat set for finance, and hr/joiners-2026-11-24, whose file is cut off'
drop_cut_off
wait_for 120 'six sets to be archived and one to be rejected' all_settled
is_kept rejected hr || problem 'the set with the cut-off file was not rejected'
note 'rejected: hr/joiners-2026-11-24. Its file is corrected, and the set retried'
settle_rejected
note 'dropped: students/pgr-2026-autumn-again, with half of the students missing'
drop_shrunken
wait_for 60 'the shrunken set to be held' is_kept held students
note 'held: students/pgr-2026-autumn-again, by ChangeLimit=30%. It is compared, rejected and discarded'
settle_held
wait_for 60 'all sets to be archived' all_archived
wait_for 60 'the outcomes of all jobs' outcomes_known
note "outcomes of the server's jobs: $(outcomes | cut -d ' ' -f 2 | sort | uniq -c | awk '{ printf "%s%d %s", sep, $1, $2; sep = ", " }')"
importd list --json >"$here/list.json"
importd list >"$here/list"
kill -TERM "$daemon"
wait "$daemon" || problem "the daemon ended with status $? on SIGTERM"
daemon=''

for entry in "${sets[@]}"; do
  IFS='|' read -r source how name mode sample <<<"$entry"
  check_set "$source" "$name" "$mode" "$sample"
done
check_order hr
check_order finance
check_nothing_left
check_outcomes

if [ "$problems" = 0 ]; then
  heading "Result: ${#sets[@]} sets, each scheduled exactly once, byte for byte, in order, and archived"
else
  heading "Result: $problems of the checks failed"
fi
show_result
heading 'Events'
cat "$here/account"
heading 'A set was rejected: the administrator corrects its file and retries it'
indent <"$here/session.rejected"
heading 'A shrunken export was held: the administrator compares it with the one before, and rejects it'
indent <"$here/session.held"
if [ "${VERBOSE:-}" = 1 ]; then
  heading 'The sets as they were dropped'
  show_what_came_in
  heading 'The reason for which the shrunken export was held, and its differences'
  indent <<<"${reason//"$here/"/}"
  indent <"$here/difference"
  heading 'haplo-importd list'
  indent <"$here/list"
  heading "The daemon's log"
  log
  log_shown=yes
  heading 'Every request, as the server received it'
  show_what_was_sent
  heading 'Jobs at the server, in the order in which they run'
  show_jobs
  heading 'One receipt'
  receipts | sed -n 1p | xargs -r jq . | indent
else
  printf '\nmake demo VERBOSE=1 also shows the list, the log, every request, and a receipt.\n'
fi
[ "$problems" = 0 ] || fail "$problems of the checks failed"
