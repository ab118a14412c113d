# Places: each has a simulated server, and a daemon with spool, state and log of its own. Everything is ended by its number.

declare -A daemons=() simulators=()
others=() # what else was started here

# place NAME: makes a place, and starts its simulator. Its configuration is to be written to conf.d/*.conf.
place() {
  local at=$work/$1
  mkdir -p "$at"/{state,run,haplo-importd.conf.d} "$at"/spool/{drop,work,held,rejected,archive}
  chown -R "$daemon_user:$daemon_user" "$at"/{state,run,spool}
  (umask 077 && head -c 33 /dev/urandom | base64 | tr '+/' '-_' >"$at/key")
  chown "$daemon_user" "$at/key"
  start_simulator "$1"
  cat >"$at/haplo-importd.conf" <<CONF
[Server]
URL=http://127.0.0.1:$(port_of "$1")
APIKeyFile=$at/key
[Daemon]
SpoolDirectory=$at/spool
StateDirectory=$at/state
RuntimeDirectory=$at/run
MinFreeSpace=1M
CONF
}

# start_simulator PLACE [OPTION…]: on the same port as before, if there was one. It forgets its batches, not its record.
start_simulator() {
  local at=$work/$1 port=0
  [ ! -s "$at/port" ] || port=$(cat "$at/port")
  rm -f "$at/port"
  "$bin/haplo-simulator" --port "$port" --port-file "$at/port" --api-key-file "$at/key" --record "$at/record" \
    "${@:2}" >>"$at/simulator.log" 2>&1 &
  simulators[$1]=$!
  wait_for 20 'the simulator' test -s "$at/port"
}
stop_simulator() { stop "${simulators[$1]}" && unset "simulators[$1]"; }

port_of() { cat "$work/$1/port"; }

# importd PLACE COMMAND…: as the unit starts it: a user of its own, with the capabilities that leases on other users' files and
# ACL entries for them need. With in_place=exec, the shell becomes it.
importd() {
  ${in_place:-} setpriv --reuid "$daemon_user" --regid "$daemon_user" --init-groups --inh-caps="-all,${capabilities:-+lease,+fowner}" \
    --ambient-caps="-all,${capabilities:-+lease,+fowner}" --bounding-set="-all,${capabilities:-+lease,+fowner}" --no-new-privs env "${preload[@]}" \
    "$bin/haplo-importd" "$2" --config "$work/$1/haplo-importd.conf" "${@:3}"
}
preload=() # LD_PRELOAD=FILE, for a daemon that is to be fooled

start_daemon() {
  : >"$work/$1/log"
  in_place=exec importd "$1" run 2>>"$work/$1/log" &
  daemons[$1]=$!
  wait_for 20 'the daemon to start' grep -q 'has started' "$work/$1/log"
}
stop_daemon() { stop "${daemons[$1]}" && unset "daemons[$1]"; }

# stop PROCESS…: ends what was started here, and waits for it.
stop() {
  kill -TERM "$@" 2>/dev/null || true
  wait "$@" 2>/dev/null || true
}

# start_other LOG COMMAND…: somebody else's server, in the foreground of its own process.
start_other() {
  "${@:2}" >"$work/$1.log" 2>&1 </dev/null &
  others+=($!)
}
is_listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

stop_all() {
  local process
  for process in "${daemons[@]}" "${simulators[@]}" "${others[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
}

show_logs() {
  local log
  for log in "$work"/*/log "$work"/*.log; do
    [ -s "$log" ] || continue
    heading "The end of ${log#"$work/"}"
    tail -n 15 "$log" | cut -c 1-300
  done
}

# make_set USER DIRECTORY NAME BYTES: makes a set with one data file, unlike any other by control file and data.
make_set() {
  as_user "$1" sh -c 'umask 007; mkdir "$1"; cat >"$1/control.json"' - "$2" <<END
{"dataImportControlFileVersion": 0, "model": "test:model", "files": {"data": {"read": "json"}},
 "instructions": [{"source": "n", "destination": "object", "name": "$3"}]}
END
  awk -v set="$3" -v size="$4" 'BEGIN {
    printf "["
    for (n = 1; n == 1 || written < size; n++) {
      line = sprintf("%s{\"set\": \"%s\", \"n\": %d}", n > 1 ? ",\n" : "", set, n)
      written += length(line)
      printf "%s", line
    }
    print "]" }' | as_user "$1" sh -c 'umask 007; cat >"$1/data.json"' - "$2"
}

# preloadable LIBRARY SOURCE OPTION…: compiles what is preloaded into a daemon that is to be fooled.
preloadable() { "$(command -v clang || command -v cc)" -shared -fPIC -o "$1" "${@:3}" "$2"; }

digest() { sha256sum "$1" | cut -d ' ' -f 1; }

# faults PLACE [FAULT…]: the simulator misbehaves so from now on; without one, it behaves.
faults() {
  local url fault
  url=http://127.0.0.1:$(port_of "$1")/simulator/faults
  curl -sf -X DELETE "$url" >/dev/null
  for fault in "${@:2}"; do curl -sf -d "$fault" "$url" >/dev/null; done
}

# jobs_of PLACE CONTROL: the digests of each job that was scheduled with this control file, a line each.
jobs_of() {
  jq -r --arg control "$2" 'select(.event == "scheduled" and .control == $control) | [.files[].digest] | sort | join(" ")' \
    "$work/$1/record"
}
