# For the scripts that try to break the promise from outside; to be sourced. A run has a place of its own:
#   here      its directory, with key, outcome-key, port, conf, record (the server's), expected (what was dropped) and logs
#   spool     its spool directory
#   drops     directory of the drop directories, one a source
#   sources   the sources
# and `bin` is the directory of the programs. Each broken promise is printed, and counted in `lost`.

broken() {
  printf 'broken: %s: %s\n' "$here" "$*" >&2
  lost=$((lost + 1))
}

# Waits until a command succeeds, for at most so many seconds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# Starts a server of this place's own. Arguments: its faults.
start_simulator() {
  local arguments=() fault name
  for fault; do arguments+=(--fault "$fault"); done
  for name in key outcome-key; do (umask 077 && head -c 33 /dev/urandom | base64 | tr '+/' '-_' >"$here/$name"); done
  "$bin/haplo-simulator" --port 0 --port-file "$here/port" --api-key-file "$here/key" --record "$here/record" \
    --outcome-key-file "$here/outcome-key" "${arguments[@]}" >>"$here/simulator.log" 2>&1 &
  simulator=$!
  wait_for 30 test -s "$here/port" || { echo "error: the simulator does not start, see $here/simulator.log" >&2; exit 2; }
  : >"$here/expected"
}

stop_simulator() {
  kill -TERM "$simulator" && wait "$simulator" 2>/dev/null || true
  simulator=''
}

# Makes a set of source $1 with the number $2 in the directory $3, and notes that it is expected. With `no-control` as $4
# the source has a control file of its own.
make_set() {
  local source=$1 number=$2 folder=$3 key
  mkdir "$folder"
  for key in data0 data1; do
    printf '[{"first": "%s %s", "n": %s}]\n' "$source" "$key" "$number" >"$folder/$key.json"
  done
  [ "${4:-}" = no-control ] || make_control "$folder/control.json"
  echo "$source $(digest "$folder/data0.json") $(digest "$folder/data1.json")" >>"$here/expected"
}

make_control() {
  cat >"$1" <<'END_OF_CONTROL'
{"dataImportControlFileVersion": 0, "model": "std:person",
 "files": {"data0": {"read": "json"}, "data1": {"read": "json"}},
 "instructions": [{"source": "first", "destination": "profile", "name": "first"}]}
END_OF_CONTROL
}

digest() { sha256sum "$1" | cut -d ' ' -f 1; }
left_over() {
  find "$drops" -mindepth 2 -print -quit
  find "$spool/work" -mindepth 2 -print -quit
}
is_empty() { [ -z "$(left_over 2>/dev/null)" ]; }

# Compares what was dropped with the server's record, and looks where every file is now.
verify() {
  local line source digests found path
  jq -r 'select(.event == "scheduled") | [.files | sort_by(.name)[] | .digest] | join(" ")' "$here/record" >"$here/jobs"
  find "$spool" "$drops" -type f -exec sha256sum {} + | sort -u >"$here/places"
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
  for source in $sources; do
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
  find "$spool/archive" -name receipt.json -exec jq -r .batch {} + | sort >"$here/batches"
  jq -r 'select(.event == "scheduled") | .batch' "$here/record" | sort | cmp -s - "$here/batches" \
    || broken 'the receipts name other batches than were scheduled'
}

# Runs `once` until nothing is left to do, at most five times.
finish_with_once() {
  local try
  for try in 1 2 3 4 5; do
    if "$bin/haplo-importd" once --config "$here/conf" 2>>"$here/daemon.log" && is_empty; then return; fi
    sleep 0.2
  done
}

count_schedules() { jq -s 'map(select(.event == "scheduled")) | length' "$here/record"; }
