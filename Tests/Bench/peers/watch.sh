#!/bin/bash
# Sends every folder that is moved into a directory, by inotifywait and the script. Usage: watch.sh DIRECTORY URL KEY-FILE
here=$(dirname "$0")
inotifywait --monitor --quiet --event moved_to --format '%w%f' "$1" | while read -r folder; do
  bash "$here/upload.sh" "$2" "$3" "$folder" >/dev/null
done
