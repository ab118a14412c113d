#!/usr/bin/env bash
# Runs a suite's own lintian on the packages, in a clean Debian of that suite, which is discarded afterwards. Fails on errors and
# warnings.
#
# Usage: lintian.sh SUITE DIRECTORY-WITH-THE-PACKAGES. As root, with mmdebstrap. The mirror is the one that apt on this machine uses.
set -euo pipefail

suite=$1
packages=$(cd "$2" && pwd)
archive=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sed -n 1p)

# lintian does not run in the root of the guest: the packages that it needs would hide a missing dependency there.
mmdebstrap --quiet --variant=apt --include=lintian --format=null \
  --customize-hook='mkdir "$1/srv/packages"' \
  --customize-hook="sync-in $packages /srv/packages" \
  --customize-hook='chroot "$1" sh -c "lintian --version && lintian --fail-on error,warning --allow-root --info /srv/packages/*.deb"' \
  "$suite" - "$archive" >&2
echo "lintian of $suite has no errors and no warnings"
