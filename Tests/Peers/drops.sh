# Each tool writes a set more slowly than QuietSec= allows, into a daemon that asks whether anyone writes, and into one that is
# fooled about it. The first must take the whole set, once; what the second takes shows that the tool was slow enough to tell.

source "$here/servers.sh"

# What writes, and how.
declare -A tools=(
  [sftp]='sftp: mkdir, put'
  [scp]='scp, flat, control file first'
  [rsync-inplace]='rsync daemon, --inplace'
  [ftp]='vsftpd, flat, control file first'
  [samba]='smbd: mkdir, put'
  [rsync]='rsync daemon, by temporary names'
  [cp]='cp, flat, from another file system'
  [mv]='mv from another file system'
)
rate=250 # KiB a second
size=1000000 # bytes of a data file: some of the tools write a quarter of that at once

staged() { echo "$work/elsewhere/$1-$2"; }
target() { echo "$work/$1/spool/drop/$2"; }

# A file that rsync or mv is writing is readable by its owner alone until it is whole, which would hide what the lease does:
# there the exporter is the daemon's own user.
writer_of() { case $1 in rsync-inplace | mv) echo "$daemon_user" ;; *) echo "$exporter" ;; esac; }

stage() { make_set "$(writer_of "$2")" "$(staged "$1" "$2")" "$1/$2" "$size"; }

ssh_options=(-o "IdentityFile=$work/home/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
  -o BatchMode=yes -F none)

write_by_sftp() {
  as_exporter sftp -q -P "$ssh_port" -l $((rate * 8)) "${ssh_options[@]}" -b - "$exporter@127.0.0.1" <<END
mkdir $2/by-sftp
put $1/control.json $2/by-sftp/
put $1/data.json $2/by-sftp/
END
}
write_by_scp() {
  as_exporter scp -q -P "$ssh_port" -l $((rate * 8)) "${ssh_options[@]}" "$1/control.json" "$1/data.json" "$exporter@127.0.0.1:$2/"
}
write_by_rsync() { by_rsync "$exporter" "$@"; }
write_by_rsync-inplace() { by_rsync "$daemon_user" "$@" --inplace; }
by_rsync() {
  as_user "$1" rsync --recursive --bwlimit "$rate" --port "$rsync_port" "${@:4}" "$2" "rsync://127.0.0.1/$1${3#"$work"}/"
}
write_by_ftp() {
  local file
  for file in control data; do
    curl -sS --limit-rate "${rate}k" -T "$1/$file.json" "ftp://127.0.0.1:$ftp_port${2#"$work"}/$file.json"
  done
}
# smbclient sends what comes through a pipe, and what comes is slow.
write_by_samba() {
  local to=${2#"$work/"}/by-samba
  slowly "$1/data.json" | smbclient --configfile /dev/null --no-pass --user guest --port "$smb_port" //127.0.0.1/all \
    --command "mkdir $to; put $1/control.json $to/control.json; put - $to/data.json"
}
slowly() {
  local number
  for ((number = 0; number * 65536 < $(stat -c %s "$1"); number++)); do
    dd if="$1" bs=65536 skip="$number" count=1 status=none
    sleep 0.4
  done
}
write_by_cp() { delayed "$exporter" cp "$1/control.json" "$1/data.json" "$2/"; }
write_by_mv() { delayed "$daemon_user" mv "$1" "$2/by-mv"; }
# Neither can be told to be slow: the kernel lets each write wait.
delayed() {
  as_user "$1" strace -f -qq -o /dev/null -e trace=write,copy_file_range,sendfile \
    -e inject=write,copy_file_range,sendfile:delay_enter=500000 sh -c 'umask 007; exec "$@"' - "${@:2}"
}

configure_drops() {
  local tool
  for tool in "${!tools[@]}"; do
    make_drop "$1" "$tool"
    printf '[Source %s]\nMode=import\nQuietSec=150ms\nCheck=%s\n' "$tool" "$2"
  done >"$work/$1/haplo-importd.conf.d/10-sources.conf"
}

write_all() {
  local place tool process begin writers=()
  for tool in "${!tools[@]}"; do
    for place in drops fooled; do
      stage "$place" "$tool"
      digest "$(staged "$place" "$tool")/control.json" >"$work/$place/$tool.control"
      digest "$(staged "$place" "$tool")/data.json" >"$work/$place/$tool.data"
      { time "write_by_$tool" "$(staged "$place" "$tool")" "$(target "$place" "$tool")"; } >"$work/$place/$tool.log" 2>&1 &
      writers+=($!)
    done
  done
  for process in "${writers[@]}"; do wait "$process" || true; done
}

# How many times a tool's set was scheduled with its own bytes, and how many times with others.
scheduled_whole() { jobs_of "$1" "$(cat "$work/$1/$2.control")" | grep -cxF "$(cat "$work/$1/$2.data")" || true; }
scheduled_otherwise() { jobs_of "$1" "$(cat "$work/$1/$2.control")" | grep -cvxF "$(cat "$work/$1/$2.data")" || true; }

taken_whole_and_once() {
  wait_for 30 'the set to be archived' is_archived "$1" || { cat "$work/drops/$1.log"; return 1; }
  is 1 scheduled_whole drops "$1" && is 0 scheduled_otherwise drops "$1"
}
is_archived() { [ -n "$(find "$work/drops/spool/archive/$1" -name receipt.json 2>/dev/null)" ]; }
# Half a control file is rejected.
has_half() { [ "$(scheduled_otherwise fooled "$1")" = 1 ] || [ -n "$(find "$work/fooled/spool/rejected/$1" -name reason.json)" ]; }
taken_half() { wait_for 10 'half a set' has_half "$1"; }
seconds_of() { awk '/^real/ { split($2, part, /[ms]/); printf "%.1f", part[1] * 60 + part[2] }' "$work/drops/$1.log"; }

try_drops() {
  heading "Sets that other people's programs write more slowly than QuietSec= (150 ms)"
  place drops && place fooled
  configure_drops drops full
  configure_drops fooled off
  preloadable "$work/nobody-writes.so" "$here/nobody-writes.c"
  start_servers
  start_daemon drops
  preload=("LD_PRELOAD=$work/nobody-writes.so")
  start_daemon fooled
  preload=()
  write_all
  local tool
  for tool in $(printf '%s\n' "${!tools[@]}" | sort); do
    check "${tools[$tool]}: written in $(seconds_of "$tool") s, taken whole, and once" taken_whole_and_once "$tool"
    [ "$tool" = rsync ] || check "  and a daemon that does not ask who writes takes half of it" taken_half "$tool"
  done
  stop_daemon drops
  stop_daemon fooled
}
