# What the documents say, taken from the documents, so that text and test cannot differ.

documents=$(cd "$here/../.." && pwd)

# blocks FILE HEADING LANGUAGE: prints the fenced blocks of one language in one section; LANGUAGE may be empty.
blocks() {
  awk -v heading="## $2" -v fence="\`\`\`$3" '
    /^```/ { shown = !open && section && $0 == fence; open = !open; next }
    !open && /^## / { section = $0 == heading }
    shown' "$documents/$1"
}

# as_documented FILE HEADING [SED-SCRIPT]: runs the shell commands of a section in the guest, as root, each of which must succeed.
# `editor FILE` writes the simulator's key into the file, and `make` is what was done before.
as_documented() {
  local commands
  commands=$(blocks "$1" "$2" sh | sed -e "${3:-}")
  [ -n "$commands" ] || { echo "$1 has no commands under '$2'"; return 1; }
  guest sh -exc 'mkdir -p /srv/documents/.build && ln -sfT /root/packages /srv/documents/.build/deb && cd /srv/documents
    editor() { cat /srv/simulator/key >"$1"; }
    make() { :; }
    eval "$1"' - "$commands" </dev/null
}

# The line of tmpfiles.d that README gives for an exporter that is another user, for a source and a group.
exporter_line() {
  blocks README.md 'First import' '' | sed -n "s|^\(d /var/spool/haplo-importd/drop/\)hr \(.*\) hr-export |\1$1 \2 $2 |p" | grep .
}
