#!/usr/bin/env bash
# Tries the daemon with other people's programs: OpenSSH, rsync, Samba, vsftpd, cp and mv drop sets, slowly; nginx and tinyproxy
# stand between it and the simulated server.
#
# Usage: peer-test.sh DIRECTORY-OF-THE-PROGRAMS DIRECTORY-OF-BORROW.SH. As root: it runs apart (apart.sh). One line for each
# thing tried; exit status 0 only if all of it went well. With KEEP=1 it keeps its directory and says where it is.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/../System/checks.sh"
bin=$(cd "$1" && pwd)
borrowed=$(cd "$2/root" && pwd)
source "$here/apart.sh"
run_apart peers "$0" "$@"
for part in place users drops traps proxies; do source "$here/$part.sh"; done
clean_up_at_the_end

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
