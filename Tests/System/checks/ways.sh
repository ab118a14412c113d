heading 'Ways of writing: docs/permissions.md, on tmpfs and on ext4, with default settings'

# Rows of the table: number, user, command, remark.
ways() {
  sed -n 's/\\|/\x01/g; s/^| \(root\|exporter\) | `\(.*\)` | \(.*\)|$/\1\t\2\t\3/p' "$documents/docs/permissions.md" | tr '\001' '|' \
    | awk '{ printf "%d\t%s\n", NR, $0 }'
}
user_of() { case $1 in root) echo root ;; *) echo "$exporter" ;; esac; }

# What ssh would run at the other end, without a network: the client and the server program are the real ones.
guest_write /srv/local-ssh <<'END'
#!/bin/sh
subsystem=''
while [ $# -gt 0 ]; do
  case $1 in
    -s) subsystem=yes ;;
    --) shift; break ;;
    -[Flop]) shift ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
shift # the host
if [ "$subsystem" ]; then exec /usr/lib/openssh/sftp-server; else exec sh -c "$*"; fi
END
guest chmod 755 /srv/local-ssh

# configure_ways DIRECTORY-OF-THE-CONFIGURATION: a source for each way; those of the exporter's group by the line of docs/permissions.md.
configure_ways() {
  local number who
  guest_write "$1/haplo-importd.conf.d/70-ways.conf" < <(ways | awk '{ printf "[Source way%d]\nMode=import\n", $1 }')
  while IFS=$'\t' read -r number who _; do
    [ "$who" != exporter ] || exporter_line "way$number" "$exporter"
  done < <(ways) | sed "s|/var/spool/haplo-importd/|$spool/|" | guest_write "/etc/tmpfiles.d/haplo-importd-ways-${spool##*/}.conf"
  guest systemd-tmpfiles --create "/etc/tmpfiles.d/haplo-importd-ways-${spool##*/}.conf"
  guest install -d -o "$exporter" -g "$exporter" "$spool/elsewhere-exporter" "/srv/elsewhere-exporter"
  guest install -d "$spool/elsewhere-root" "/srv/elsewhere-root"
}

# write_way NAME WHO COMMAND REMARK DROP: makes the set NAME as that user has it at home, and writes it as the table says.
write_way() {
  local name=$1 who=$2 command=$3 remark=$4 drop=$5 base=/srv/elsewhere-$2
  case $remark in 'same file system'*) base=$spool/elsewhere-$who ;; esac
  make_set "$(user_of "$who")" "$base/$name"
  case $remark in *'mode 0770'*) guest chmod 0770 "$base/$name" ;; esac
  case $command in
    *SET.tar*) guest_as "$(user_of "$who")" tar -C "$base" -cf "$base/$name.tar" "$name" ;;
    *SET.zip*) guest_as "$(user_of "$who")" sh -c 'cd "$1" && zip -qr "$2.zip" "$2"' - "$base" "$name" ;;
  esac
  command=$(sed -e "s|SET|$base/$name|g; s|NAME|$name|g; s|DROP|$drop|g" \
    -e 's/\(^\|[;|] *\)\(scp\|sftp\) /\1\2 -q -S \/srv\/local-ssh /' <<<"$command")
  guest_as "$(user_of "$who")" sh -c "cd / && $command" >/dev/null
}
write_all_ways() {
  local number who command remark
  while IFS=$'\t' read -r number who command remark; do
    write_way "$1-$number" "$who" "$command" "$remark" "$spool/drop/way$number" </dev/null \
      || echo "$1: way $number could not be written: $command" >&2
  done < <(ways)
}
check_all_ways() {
  local number who command remark tool
  while IFS=$'\t' read -r number who command remark; do
    tool=$(sed 's/^umask 077; //; s/.*| //; s/ .*//' <<<"$command")
    if guest sh -c 'command -v "$1"' - "$tool" >/dev/null; then
      check "$1, $who: $command${remark:+ (${remark% })}" delivered "$1-$number"
    else
      echo "      $tool is not here: '$command' is left out"
    fi
  done < <(ways)
  check "$1: nothing is left in the drop directories" is '' guest find $spool/drop -mindepth 2 -path '*/way*' -type f
}

# A file system of its own for an instance, made before the guest was started.
start_another ext4 8120
instance_key ext4
check 'on ext4' is ext2/ext3 guest stat --file-system --format %T /var/spool/haplo-importd-ext4
check '  an instance starts' guest systemctl start haplo-importd@ext4
configure_ways /etc/haplo-importd
check 'a source for each way, on tmpfs' guest systemctl reload haplo-importd
(
  spool=/var/spool/haplo-importd-ext4
  configure_ways /etc/haplo-importd/ext4
)
check '  and on ext4' guest systemctl reload haplo-importd@ext4
wait_for 10 'the drop directories' guest test -d $spool/drop/way1 -a -d /var/spool/haplo-importd-ext4/drop/way1
write_all_ways tmpfs
( spool=/var/spool/haplo-importd-ext4 && write_all_ways ext4 )
check_all_ways tmpfs
spool_of_all=$spool record_of_all=$record
spool=/var/spool/haplo-importd-ext4 record=/srv/ext4/record.jsonl
check_all_ways ext4
spool=$spool_of_all record=$record_of_all
guest rm /etc/haplo-importd/haplo-importd.conf.d/70-ways.conf
guest rm -rf $spool/elsewhere-root $spool/elsewhere-exporter
guest systemctl reload haplo-importd
guest systemctl disable --quiet --now haplo-importd@ext4
