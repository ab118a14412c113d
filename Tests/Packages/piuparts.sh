#!/usr/bin/env bash
# Has piuparts install, upgrade, remove and purge the packages in a clean Debian, and compare what is on the disk before and after.
# The earlier version is the present one under a lower number.
#
# Usage: piuparts.sh SUITE DIRECTORY-WITH-THE-PACKAGES WORK-DIRECTORY. As root, with mmdebstrap and piuparts.
set -euo pipefail

suite=$1
packages=$(realpath "$2")
rm -rf "$3/older"
mkdir -p "$3/older"
work=$(realpath "$3")
archive=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sed -n 1p)

for package in "$packages"/*.deb; do
  rm -rf "$work/raw"
  dpkg-deb --raw-extract "$package" "$work/raw"
  sed -i 's/^Version: .*/Version: 0.0.1/' "$work/raw/DEBIAN/control"
  dpkg-deb --build "$work/raw" "$work/older/" >/dev/null
done
rm -r "$work/raw"
(cd "$work/older" && dpkg-scanpackages --multiversion . >Packages 2>/dev/null)

# With systemd, and with the directories that systemd-tmpfiles makes of its own: they would be taken for ours.
mmdebstrap --quiet --variant=minbase --include=systemd --customize-hook='chroot "$1" systemd-tmpfiles --create >/dev/null || true' \
  "$suite" "$work/root.tar.gz" "$archive"
# apt-get configures libraries that it installs in debconf's directory, which is left behind on Debian 13, and no package's.
piuparts --basetgz "$work/root.tar.gz" --distribution "$suite" --mirror "$archive main" --no-eatmydata \
  --ignore /var/cache/debconf/tmp.ci/ \
  --bindmount "$work/older" --extra-repo "deb [trusted=yes] file:$work/older ./" \
  --install-remove-install --log-file "$work/piuparts.log" 2>&1 "$packages"/*.deb \
  || { tail -n 60 "$work/piuparts.log"; exit 1; }
grep -E 'PASS|INFO: .*(installs|upgrades|purges)' "$work/piuparts.log"
