#!/usr/bin/env bash
# Makes the root of a guest that has nothing but a minimal Debian, systemd, autopkgtest, and what the packages themselves ask for:
# what they forgot to ask for is missing there. The mirror is the one that apt on this machine uses.
#
# Usage: clean-root.sh SUITE DIRECTORY-WITH-THE-PACKAGES ROOT. As root, with mmdebstrap. ROOT is made, or made anew.
set -euo pipefail

suite=$1
packages=$(cd "$2" && pwd)
root=$3
sources=$(mktemp --suffix .list "${TMPDIR:-/tmp}/haplo-sources.XXXXXX")
trap 'rm -f "$sources"' EXIT

# The first archive that apt knows, whatever form it is written in; a date in its path would be another suite's.
archive=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sed -n 1p)
echo "deb $archive $suite main" >"$sources"

rm -rf "$root"
mmdebstrap --quiet --variant=minbase --include=systemd-sysv,dbus,passwd,autopkgtest \
  --customize-hook="copy-in $packages /root" \
  --customize-hook='chroot "$1" sh -c "apt-get -q install -y --no-install-recommends /root/*/*.deb && apt-get -q purge -y haplo-importd haplo-importd-simulator"' \
  "$suite" "$root" "$sources"
