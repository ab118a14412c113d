# Servers by which sets come in: each listens on loopback, and has all of the test's directory for its tree.

ssh_port=2022 ftp_port=2021 rsync_port=2873 smb_port=2445

start_servers() {
  start_sshd
  start_rsyncd
  start_vsftpd
  start_samba
  local name port
  for name in ssh ftp rsync smb; do
    port=${name}_port
    wait_for 20 "$name" is_listening "${!port}" || fail "no $name server"
  done
}

start_sshd() {
  local at=$work/sshd
  mkdir -p "$at" /run/sshd
  ssh-keygen -q -t ed25519 -N '' -f "$at/host-key"
  as_exporter ssh-keygen -q -t ed25519 -N '' -f "$work/home/key"
  cp "$work/home/key.pub" "$at/authorized"
  cat >"$at/config" <<END
Port $ssh_port
ListenAddress 127.0.0.1
HostKey $at/host-key
AuthorizedKeysFile $at/authorized
StrictModes no
PidFile none
UsePAM no
Subsystem sftp /usr/lib/openssh/sftp-server
END
  start_other sshd /usr/sbin/sshd -D -e -f "$at/config"
}

start_rsyncd() {
  local user
  {
    printf 'use chroot = no\nread only = no\nlock file = %s\npath = %s\n' "$work/rsyncd.lock" "$work"
    for user in "$exporter" "$daemon_user"; do printf '[%s]\nuid = %s\ngid = %s\n' "$user" "$user" "$user"; done
  } >"$work/rsyncd.conf"
  start_other rsyncd rsync --daemon --no-detach --address 127.0.0.1 --port "$rsync_port" --config "$work/rsyncd.conf"
}

start_vsftpd() {
  cat >"$work/vsftpd.conf" <<END
listen=YES
listen_address=127.0.0.1
listen_port=$ftp_port
background=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=$work
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
connect_from_port_20=NO
secure_chroot_dir=$work/empty
END
  start_other vsftpd vsftpd "$work/vsftpd.conf"
}

start_samba() {
  local at=$work/samba
  mkdir -p "$at"
  # What was sent is written in pieces of 64 KiB, the least that can be said.
  cat >"$at/smb.conf" <<END
[global]
server role = standalone server
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = $smb_port
map to guest = bad user
guest account = $exporter
disable spoolss = yes
load printers = no
smb2 max write = 65536
lock directory = $at/lock
state directory = $at/state
cache directory = $at/cache
private dir = $at/private
pid directory = $at/pid
ncalrpc dir = $at/rpc
log file = $at/log
[all]
path = $work
guest ok = yes
read only = no
create mask = 0660
directory mask = 2770
END
  mkdir -p "$at"/{lock,state,cache,private,pid,rpc}
  start_other smbd smbd --foreground --no-process-group --debug-stdout --configfile "$at/smb.conf"
}
