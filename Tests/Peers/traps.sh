# Sets whose permissions lock the daemon out, and transfers that break off.

# A folder that is created with the mode that it has at home, 755, or moved in with 0770 and the exporter's own group, does not
# let the daemon move it: the daemon grants itself access, if it has CAP_FOWNER.
try_rights() {
  heading 'Permissions that come along'
  local at=$work/home/kept tool folder
  make_drop drops kept-rights
  printf '[Source kept-rights]\nMode=import\nQuietSec=150ms\n' >"$work/drops/haplo-importd.conf.d/20-kept.conf"
  capabilities=+lease
  start_daemon drops
  for tool in rsync sftp mv; do
    folder=$work/drops/spool/drop/kept-rights/by-$tool
    rm -rf "$at-$tool" && make_set "$exporter" "$at-$tool" "kept rights, $tool" 100
    cp -r "$at-$tool" "$at-$tool-original"
    "write_rights_by_$tool" "$at-$tool" "$folder" >"$work/$tool-kept.log" 2>&1
    check "$tool: without CAP_FOWNER not claimed, and 'explain' prints the command" \
      wait_for 10 'the reason' says 65 "setfacl -R -m u:$daemon_user:rwX" importd drops explain "$folder"
  done
  stop_daemon drops
  capabilities=+lease,+fowner
  start_daemon drops
  for tool in rsync sftp mv; do
    check "$tool: with it, claimed as it is" archived_once "$at-$tool-original"
  done
  stop_daemon drops
}
write_rights_by_rsync() {
  chmod 755 "$1" && chmod 600 "$1"/*
  as_exporter rsync -a --port "$rsync_port" "$1/" "rsync://127.0.0.1/$exporter${2#"$work"}/"
}
write_rights_by_sftp() {
  chmod 755 "$1" && chmod 644 "$1"/*
  echo "put -r $1 $2" | as_exporter sftp -q -P "$ssh_port" "${ssh_options[@]}" -b - "$exporter@127.0.0.1"
}
write_rights_by_mv() { chmod 770 "$1" && as_exporter mv "$1" "$2"; }

archived_once() { wait_for 20 'it to be scheduled' is "$(digest "$1/data.json")" jobs_of drops "$(digest "$1/control.json")"; }

# A connection that breaks leaves half a file that nobody writes any more: no daemon can tell. A marker can.
try_broken_off() {
  heading 'A transfer that breaks off'
  local at=$work/home/broken to=$work/drops/spool/drop/broken-off
  make_drop drops broken-off
  printf '[Source broken-off]\nMode=import\nQuietSec=150ms\nMarkerFile=export.done\n' >"$work/drops/haplo-importd.conf.d/30-broken.conf"
  start_daemon drops
  make_set "$exporter" "$at" 'broken off' "$size"
  : >"$at/export.done"
  as_exporter timeout 2 scp -q -P "$ssh_port" -l $((rate * 8)) "${ssh_options[@]}" "$at/control.json" "$at/data.json" \
    "$exporter@127.0.0.1:$to/" >"$work/broken.log" 2>&1 || true
  check 'half a file lies there' is_shorter "$to/data.json" "$at/data.json"
  check '  and is not taken, for its marker is missing' wait_for 10 'the reason' says 75 export.done importd drops explain "$to/control.json"
  as_exporter scp -q -P "$ssh_port" "${ssh_options[@]}" "$at/control.json" "$at/data.json" "$exporter@127.0.0.1:$to/"
  check '  nor is the whole one, yet' is '' jobs_of drops "$(digest "$at/control.json")"
  as_exporter scp -q -P "$ssh_port" "${ssh_options[@]}" "$at/export.done" "$exporter@127.0.0.1:$to/"
  check '  but with its marker, once and whole' archived_once "$at"
  stop_daemon drops
}
is_shorter() { [ "$(stat -c %s "$1")" -lt "$(stat -c %s "$2")" ]; }
