#!/usr/bin/env bash
# Makes a Debian source package of the files that git knows or would add, has lintian look at it, and has uscan look for releases by
# debian/watch, in a repository of its own in place of the project's.
#
# Usage: source.sh DIRECTORY. It is made anew, and holds haplo-importd-VERSION/, the tree as unpacked, as well.
set -euo pipefail
cd "$(dirname "$0")/../.."

directory=$1
version=$(dpkg-parsechangelog --show-field Version)
epoch=$(dpkg-parsechangelog --show-field Timestamp)
tree=haplo-importd-${version%-*}

rm -rf "$directory"
mkdir -p "$directory/$tree"
directory=$(realpath "$directory")
git ls-files -z --cached --others --exclude-standard | tar --null --files-from - --create | tar --extract --directory "$directory/$tree"
cd "$directory"
tar --create --sort name --mtime "@$epoch" --owner 0 --group 0 --numeric-owner --mode go=rX,u+rw,a-s --exclude "$tree/debian" "$tree" \
  | gzip --no-name >"haplo-importd_${version%-*}.orig.tar.gz"
dpkg-source --build "$tree"
lintian --fail-on error,warning --allow-root ./*.dsc

git init --quiet releases
git -C releases -c user.name=nobody -c user.email=nobody@localhost commit --quiet --allow-empty --message 'A release'
for tag in v0.0.9 v99.0.1 v99.0.1-draft; do git -C releases tag "$tag"; done
sed "s|https://[^ ]*|file://$directory/releases|" "$tree/debian/watch" >watch
found=$(uscan --no-download --dehs --watchfile watch --package haplo-importd --upstream-version "${version%-*}" | sed -n 's|<upstream-version>\(.*\)</.*|\1|p')
[ "$found" = 99.0.1 ] || { echo "error: by debian/watch, uscan found '$found' in place of 99.0.1"; exit 1; }
echo "by debian/watch, uscan finds the newest release"
