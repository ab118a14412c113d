# What other people's programs do to a set beside writing it slowly: they keep rights that lock the daemon out, and they break off.

# A folder that is made with the rights it has at home, 755, does not let the daemon move it, default ACL or not.
try_rights() {
  heading 'Rights that come along'
  local at=$work/home/kept tool folder
  make_drop drops kept-rights
  printf '[Source kept-rights]\nMode=import\nQuietSec=150ms\n' >"$work/drops/haplo-importd.conf.d/20-kept.conf"
  start_daemon drops
  for tool in rsync sftp; do
    folder=$work/drops/spool/drop/kept-rights/by-$tool
    rm -rf "$at-$tool" && make_set "$exporter" "$at-$tool" "kept rights, $tool" 100
    chmod 755 "$at-$tool" && chmod 644 "$at-$tool"/*
    "keep_rights_by_$tool" "$at-$tool" "$folder" >"$work/$tool-kept.log" 2>&1
    check "$tool keeps 755: not taken, for the reason that is told" \
      wait_for 10 'the reason' says 65 'chmod g+w' importd drops explain "$folder"
    check '  and once its rights are mended, it is' mended_and_delivered "$folder" "$at-$tool"
    make_set "$exporter" "$at-$tool-again" "other rights, $tool" 100
    chmod 755 "$at-$tool-again" && chmod 644 "$at-$tool-again"/*
    "give_rights_by_$tool" "$at-$tool-again" "$folder-again" >"$work/$tool-given.log" 2>&1
    check "$tool, told not to keep them: taken" archived_once "$at-$tool-again"
  done
  stop_daemon drops
}
keep_rights_by_rsync() {
  as_exporter rsync -a --port "$rsync_port" "$1/" "rsync://127.0.0.1/$exporter${2#"$work"}/"
}
give_rights_by_rsync() {
  as_exporter rsync -a --no-perms --chmod=ugo=rwX --port "$rsync_port" "$1/" "rsync://127.0.0.1/$exporter${2#"$work"}/"
}
keep_rights_by_sftp() { echo "put -r $1 $2" | by_sftp; }
give_rights_by_sftp() { printf 'mkdir %s\nput %s/* %s/\n' "$2" "$1" "$2" | by_sftp; }
by_sftp() { as_exporter sftp -q -P "$ssh_port" "${ssh_options[@]}" -b - "$exporter@127.0.0.1"; }

mended_and_delivered() { as_exporter chmod 770 "$1" && archived_once "$2"; }
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
