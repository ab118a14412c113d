# What the documents say, taken from the documents, so that text and test cannot differ.

documents=$(cd "$here/../.." && pwd)

# blocks FILE HEADING LANGUAGE: prints the fenced blocks of one language between a heading of any level and the next one; LANGUAGE
# may be empty.
blocks() {
  awk -v heading="$2" -v fence="\`\`\`$3" '
    /^```/ { shown = !open && section && $0 == fence; open = !open; next }
    !open && /^##+ / { sub(/^#+ /, ""); section = $0 == heading }
    shown' "$documents/$1"
}

# as_documented FILE HEADING [SED-SCRIPT]: runs the shell commands of a section in the guest, as root, each of which must succeed.
# `editor FILE` writes the simulator's key of that name into the file, and `make` does nothing: the packages are built already.
as_documented() {
  local commands
  commands=$(blocks "$1" "$2" sh | sed -e "${3:-}")
  [ -n "$commands" ] || { echo "$1 has no commands under '$2'"; return 1; }
  guest sh -exc 'mkdir -p /srv/documents/.build && ln -sfT /root/packages /srv/documents/.build/deb && cd /srv/documents
    editor() { case $1 in *outcome-key) cat /srv/simulator/outcome-key ;; *) cat /srv/simulator/key ;; esac >"$1"; }
    make() { :; }
    eval "$1"' - "$commands" </dev/null
}

# The line of tmpfiles.d that docs/permissions.md gives for an exporter that is another user, for a source and a group.
exporter_line() {
  blocks docs/permissions.md 'An exporter that is another user' sh | sed -n "s|^\(d /var/spool/haplo-importd/drop/\)hr \(.*\) hr-export |\1$1 \2 $2 |p" | grep .
}
