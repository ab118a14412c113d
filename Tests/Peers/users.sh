# The users of the test: the daemon's, the exporting system's, and those that the servers insist on. They exist in this mount
# namespace only. The drop directories are made by the line of tmpfiles.d in docs/permissions.md for an exporter that is another user.

daemon_user=haplo-importd
exporter=hr-export

make_users() {
  local file copies=${work:?}/etc
  mkdir -p "$copies" "$work/home" "$work/empty"
  grep -vE "^($daemon_user|$exporter|sshd|ftp):" /etc/passwd >"$copies/passwd"
  grep -vE "^($daemon_user|$exporter):" /etc/group >"$copies/group"
  # No password, but not locked either: a key will do.
  grep -vE "^($daemon_user|$exporter|sshd|ftp):" /etc/shadow >"$copies/shadow"
  printf '%s\n' "$daemon_user:x:64001:64001::$work/empty:/usr/sbin/nologin" "$exporter:x:64002:64002::$work/home:/bin/sh" \
    "sshd:x:64003:65534::$work/empty:/usr/sbin/nologin" "ftp:x:64004:64002::$work/empty:/usr/sbin/nologin" >>"$copies/passwd"
  printf '%s\n' "$daemon_user:x:64001:" "$exporter:x:64002:" >>"$copies/group"
  printf '%s\n' "$exporter:*:19000:0:99999:7:::" >>"$copies/shadow"
  for file in passwd group shadow; do mount --bind "$copies/$file" "/etc/$file"; done
  chown "$exporter:$exporter" "$work/home"
}

as_user() { setpriv --reuid "$1" --regid "$1" --init-groups "${@:2}"; }
as_exporter() { as_user "$exporter" "$@"; }

# make_drop PLACE SOURCE: as docs/permissions.md says for an exporter that is another user.
make_drop() {
  local drop=$work/$1/spool/drop/$2 lines=$work/tmpfiles.conf
  printf '%s\n' "d $drop 2770 $daemon_user $exporter -" >"$lines"
  systemd-tmpfiles --create "$lines"
}
