#!/usr/bin/env bash
# Fetches other people's programs from Debian and unpacks them into a directory, without installing them: no server of theirs
# is enabled or started on this machine, and nothing in /usr changes. The tests lay that directory over /usr for themselves.
#
# Usage: borrow.sh DIRECTORY PACKAGE…. What is missing here comes with them. Done once: a directory that is complete stays.
set -euo pipefail

directory=$1
shift
# Another Debian, or other packages, need other files.
wanted="$(dpkg --print-architecture) $(cat /etc/debian_version) $*"
[ "$(cat "$directory/complete" 2>/dev/null)" != "$wanted" ] || exit 0

rm -rf "$directory"
mkdir -p "$directory/archives/partial" "$directory/root"
archives=$(realpath "$directory/archives")
apt-get update -q
# As root, so that apt needs no user of its own in a directory of somebody else's; without a lock, for nothing is installed.
DEBIAN_FRONTEND=noninteractive apt-get install -qy --download-only --no-install-recommends \
  -o "Dir::Cache::archives=$archives" -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
for archive in "$archives"/*.deb; do dpkg-deb --extract "$archive" "$directory/root"; done
rm -r "$archives"
printf '%s\n' "$wanted" >"$directory/complete"
