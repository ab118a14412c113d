#!/usr/bin/env bash
# How long a systemd path unit and the script take to the first byte of the first request, in a guest with a real systemd: prints
# milliseconds as a JSON list. Usage: path-unit.sh MOVES. As root, with systemd-nspawn.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/../../System/checks.sh"
source "$here/../../System/guest.sh"
trap guest_stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

guest_start / >&2
for file in stopwatch.py peers/upload.sh peers/path_unit.py; do
  guest_write "/run/bench/${file##*/}" <"$here/../$file"
done
guest /usr/bin/python3 /run/bench/path_unit.py "$1"
