# Sets to drop, and what became of them at the simulated server. A set here has one data file, unlike any other by its content.

spool=/var/spool/haplo-importd
conf=/etc/haplo-importd/haplo-importd.conf.d
record=/srv/simulator/record.jsonl

set_data() { printf '[{"set":"%s"}]' "$1"; }
set_digest() { set_data "$1" | sha256sum | cut -d ' ' -f 1; }

# drop USER SOURCE NAME: writes a folder into the source's drop directory, as one of the guest's users.
drop() { make_set "$1" "$spool/drop/$2/$3"; }

# make_set USER DIRECTORY: writes a folder with a set of that folder's name.
make_set() {
  guest_as "$1" mkdir "$2"
  set_data "${2##*/}" | guest_as "$1" tee "$2/data.json" >/dev/null
  guest_as "$1" tee "$2/control.json" >/dev/null <<'END'
{"dataImportControlFileVersion": 0, "model": "test:model", "files": {"data": {"read": "json"}},
 "instructions": [{"source": "set", "destination": "object", "name": "dc:attribute:title"}]}
END
}

simulator_start() {
  guest mkdir -p "${record%/*}"
  guest sh -c 'umask 077; head -c 33 /dev/urandom | base64 | tr +/ -_ >/srv/simulator/key'
  guest systemd-run --quiet --unit simulator haplo-simulator --port 8080 --port-file /srv/simulator/port \
    --api-key-file /srv/simulator/key --record "$record"
  wait_for 20 'the simulator' guest test -s /srv/simulator/port
}

# The simulator's own door. curl is this machine's: the guest need not have it.
simulator_door() { nsenter --target "$guest_init" --net curl -sf "$@"; }

# Sets the faults of the simulator; without arguments, there are none.
faults() {
  simulator_door -X DELETE http://127.0.0.1:8080/simulator/faults >/dev/null
  local fault
  for fault in "$@"; do simulator_door -d "$fault" http://127.0.0.1:8080/simulator/faults >/dev/null; done
}

# requests_of STEP: how many the simulator has had.
requests_of() { simulator_door http://127.0.0.1:8080/simulator/record | jq ".requests.$1 // 0"; }
requests_more_than() { [ "$(requests_of "$1")" -gt "$2" ]; }

# How often the server has scheduled a set.
times_scheduled() {
  guest cat "$record" | jq -r --arg digest "$(set_digest "$1")" \
    'select(.event == "scheduled") | select(any(.files[]; .digest == $digest)) | .job' | wc -l
}

# The server's record has an event of a kind about a set's data.
has_event() {
  # Not by jq's exit status: that of 1.6 is about the last line of the record alone.
  guest cat "$record" | jq -c --arg event "$2" --arg digest "$(set_digest "$1")" \
    'select(.event == $event and (.digest == $digest or any(.files[]?; .digest == $digest)))' | grep -q .
}

# The folder in which a dropped set stands in an area of the spool; fails if it stands in none.
place_of() {
  guest find "$spool/$2" -name data.json -exec grep -lF "$(set_data "$1")" {} + | sed 's|/files/data.json$||' | grep .
}

# A set's own id.
id_of() { local place; place=$(place_of "$1" archive) && echo "${place##*/}"; }

# Succeeds once a set is in the archive and was scheduled exactly once.
delivered() {
  wait_for 40 "the archive to have $1" place_of "$1" archive || return 1
  is 1 times_scheduled "$1"
}
