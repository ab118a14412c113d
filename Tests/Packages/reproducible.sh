#!/usr/bin/env bash
# Builds the packages a second time: from the source package, in another directory, later, with another umask, locale, time zone and
# home, in a clean Debian that has nothing but the build dependencies and this machine's Swift toolchain. Fails if a package differs
# from the first one, or if a build dependency is missing.
#
# Usage: reproducible.sh DIRECTORY-OF-source.sh DIRECTORY-WITH-THE-PACKAGES ROOT. As root, with mmdebstrap. ROOT is made anew.
set -euo pipefail

source=$(realpath "$1")
packages=$(realpath "$2")
mkdir -p "$3"
root=$(realpath "$3")
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
toolchain=$(realpath "$(command -v swift)")
toolchain=${toolchain%/usr/bin/*}
tree=$(cd "$source" && echo haplo-importd-*/)
# The packages with the libraries that the toolchain's own programs need: its requirements, not the source's.
libraries() {
  local program library
  for program in swift swift-build swift-frontend clang lld; do ldd "$toolchain/usr/bin/$program"; done \
    | awk '$2 == "=>" && $3 ~ "^/" { print $3 }' | grep -v "^$toolchain/" | sort -u | xargs realpath \
    | while read -r library; do dpkg-query --search "$library" 2>/dev/null || dpkg-query --search "${library#/usr}"; done | cut -d : -f 1 | sort -u
}
place=/srv/a-second-place/with-another-name

rm -rf "$root"
mmdebstrap --quiet --variant=buildd --include="$(libraries | paste -sd ,)" \
  --customize-hook="mkdir -p \"\$1$place\" \"\$1$toolchain\" && cp -r \"$source/$tree\" \"\$1$place/\"" \
  --customize-hook="chroot \"\$1\" sh -c 'cd $place/$tree && apt-get -q build-dep -y --no-install-recommends .'" \
  "$suite" "$root" "$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sed -n 1p)"

unshare --mount --net --pid --fork --kill-child --propagation private bash -ec '
  mount --bind "$1" "$2$1"
  mount --rbind /dev "$2/dev"
  mount -t proc proc "$2/proc"
  exec chroot "$2" env -i PATH="$1/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/srv TZ=Pacific/Kiritimati LC_ALL=C \
    bash -ec "umask 002; cd $3; dpkg-buildpackage --build=binary --no-sign"
' - "$toolchain" "$root" "$place/$tree"

differ=0
for package in "$packages"/*.deb; do
  if cmp "$package" "$root$place/${package##*/}"; then
    echo "the same: ${package##*/}"
  else
    differ=1
    ! command -v diffoscope >/dev/null || diffoscope --max-report-size 20000 "$package" "$root$place/${package##*/}" || true
  fi
done
exit "$differ"
