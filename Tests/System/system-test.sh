#!/usr/bin/env bash
# Installs the Debian packages in a guest with a real systemd and journald, and tries there what an administrator does.
#
# Usage: system-test.sh DIRECTORY-WITH-THE-PACKAGES [ROOT-OF-THE-GUEST]. As root. One line for each thing tried; exit status 0 only if
# all of it went well. With SHELL_AT_END=1 it ends with a shell in the guest. PARTS= names the checks to run, of checks/*.sh.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
packages=$(cd "$1" && pwd)
root=$(realpath "${2:-/}")
for part in checks guest sets documents; do source "$here/$part.sh"; done
[ "$(id -u)" = 0 ] || fail 'a guest needs root'

clean_up() {
  local status=$?
  if [ "$status" != 0 ] && [ -n "$guest_init" ]; then
    heading 'The end of the journal'
    guest journalctl --unit haplo-importd --lines 40 --no-pager || true
  fi
  guest_stop
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

guest_start "$root"
heading "A guest with $(guest systemctl --version | sed -n 1p)"
# The spool is on a file system of its own: on an overlay, leases and events can miss writers.
guest mkdir -p "$spool"
guest mount -t tmpfs -o size=256m spool "$spool"
for package in "$packages"/*.deb; do guest_write "/root/packages/${package##*/}" <"$package"; done
# sshd, which is not installed on this machine: no server of the tests is enabled here.
[ "$root" != / ] || [ ! -e "$here/../../.build/sshd/complete" ] || tar -C "$here/../../.build/sshd/root" -c . | guest tar -C / -x --keep-directory-symlink

# Later parts build on earlier ones.
for part in ${PARTS:-readme install start log reload telling crashes upgrade once sandbox examples fetch instances outcomes ways remove autopkgtest}; do source "$here/checks/$part.sh"; done

[ "${SHELL_AT_END:-}" != 1 ] || guest bash -i </dev/tty >/dev/tty 2>&1 || true
[ "$problems" = 0 ] || fail "$problems of $tried things went wrong"
heading "All $tried things went as they should, in $SECONDS s."
