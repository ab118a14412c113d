#!/usr/bin/env bash
# Tries the daemon with other people's programs: OpenSSH, rsync, Samba, vsftpd, cp and mv drop sets, slowly; nginx and tinyproxy
# stand between it and the simulated server.
#
# Usage: peer-test.sh DIRECTORY-OF-THE-PROGRAMS DIRECTORY-OF-BORROW.SH. As root: it runs in namespaces of its own for mounts,
# network and processes, so that nothing of it can be reached, or is left behind. One line for each thing tried; exit status 0
# only if all of it went well. With KEEP=1 it keeps its directory and says where it is.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/../System/checks.sh"
bin=$(cd "$1" && pwd)
borrowed=$(cd "$2/root" && pwd)
[ "$(id -u)" = 0 ] || fail 'servers of other people need root'
if [ -z "${PEERS_DIRECTORY:-}" ]; then
  PEERS_DIRECTORY=$(mktemp -d "${TMPDIR:-/tmp}/haplo-peers.XXXXXX")
  export PEERS_DIRECTORY
  trap 'rmdir "$PEERS_DIRECTORY"' EXIT
  unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private "$0" "$@"
  exit
fi

# What follows mounts over files of /etc: never outside of the namespaces, where this is not the first process.
[ "$$" = 1 ] || fail 'PEERS_DIRECTORY is for this script itself; unset it'
work=$PEERS_DIRECTORY
for part in place users drops traps proxies; do source "$here/$part.sh"; done

clean_up() {
  local status=$?
  stop_all
  if [ "${KEEP:-}" = 1 ]; then
    mkdir "$work.kept" && cp -a "$work/." "$work.kept/" && echo "kept: $work.kept"
  elif [ "$status" != 0 ]; then
    show_logs
  fi
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A file system that knows leases, whatever this machine's is, and another one from which cp and mv must copy.
mount -t tmpfs -o mode=0755,size=256m peers "$work"
mkdir "$work/elsewhere" && mount -t tmpfs -o mode=1777,size=64m elsewhere "$work/elsewhere"
mount -t overlay -o "lowerdir=$borrowed/usr:/usr" peers /usr
ip link set lo up
make_users

try_drops
try_rights
try_broken_off
try_proxies

[ "$problems" = 0 ] || fail "$problems of $tried things went wrong"
heading "All $tried things went as they should, in $SECONDS s."
