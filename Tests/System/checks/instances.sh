heading 'Several instances, each with a server of its own'

# start_another NAME PORT: a second simulator, and an instance for it, by the example that is installed.
start_another() {
  local name=$1 port=$2 at=/etc/haplo-importd/$1
  guest mkdir -p "/srv/$name"
  guest sh -c 'umask 077; head -c 33 /dev/urandom | base64 | tr +/ -_ >"/srv/$1/key"' - "$name"
  guest systemd-run --quiet --unit "simulator-$name" haplo-simulator --port "$port" --port-file "/srv/$name/port" \
    --api-key-file "/srv/$name/key" --record "/srv/$name/record.jsonl"
  wait_for 20 'the simulator' guest test -s "/srv/$name/port"
  guest sh -c 'sed -e "s/NAME/$1/g" -e "s|^URL=.*|URL=http://127.0.0.1:$2|" -e "s/^Mode=.*/Mode=import\nQuietSec=500ms/" \
    /usr/share/doc/haplo-importd/examples/instance.conf | install -D -m 0644 /dev/stdin "$3/haplo-importd.conf"' - "$name" "$port" "$at"
  guest sh -c 'printf "[Daemon]\nMinFreeSpace=1M\n" | install -D -m 0644 /dev/stdin "$1"' - "$at/haplo-importd.conf.d/10-test.conf"
  # A spool on the overlay would miss writers.
  guest mkdir -p "/var/spool/haplo-importd-$name"
  if [ "$name" = ext4 ]; then
    guest mount --bind /srv/ext4-file-system /var/spool/haplo-importd-ext4
  else
    guest mount -t tmpfs -o size=64m spool "/var/spool/haplo-importd-$name"
  fi
}
instance_key() { guest install -m 0600 "/srv/$1/key" "/etc/haplo-importd/$1/api-key"; }
instance() { guest haplo-importd "$2" --instance "$1" "${@:3}"; }
# The lines of the unit and of an instance must differ in nothing but names: the same switches for the same sandbox.
same_sandbox() {
  local unit template
  unit=$(guest sed '/^#/d' /usr/lib/systemd/system/haplo-importd.service)
  template=$(guest sed -e '/^#/d' -e '/-directories@/d' -e '/^SyslogIdentifier=/d' -e 's/ (%i)//' -e 's/-%i//g' -e 's|/%i||g' \
    -e 's| --config /etc/haplo-importd/haplo-importd.conf||' /usr/lib/systemd/system/haplo-importd@.service)
  diff <(echo "$unit") <(echo "$template")
}
# deliver_to NAME SET: drops a set at an instance, and compares what its server has.
deliver_to() {
  (
    spool=/var/spool/haplo-importd-$1 record=/srv/$1/record.jsonl
    drop haplo-importd hr "$2" && delivered "$2"
  )
}
elsewhere_is_nothing() { (record=/srv/$1/record.jsonl && is 0 times_scheduled "$2"); }

check 'their unit is that of the one daemon, with names of their own' same_sandbox
check 'it passes systemd-analyze verify' is '' guest sh -c \
  'cp /usr/lib/systemd/system/haplo-importd@.service /tmp/haplo-importd@fin.service; systemd-analyze verify --man=no /tmp/haplo-importd@fin.service 2>&1 | grep haplo'
check 'systemd-analyze security: at most 1.5' is_tight haplo-importd@.service
for name in fin hr-east; do
  start_another "$name" "$((8100 + ${#name}))"
  check "$name: without a key, start is no error" guest systemctl start "haplo-importd@$name"
  check '  and starts nothing' is inactive guest systemctl is-active "haplo-importd@$name"
  instance_key "$name"
  check '  enabled with one, it starts' guest systemctl enable --now "haplo-importd@$name"
  check "  'config' finds nothing that its sandbox would not let it do" refused prints 'sandbox' instance "$name" config
  check '  its directories are as the daemon has them' is '2755 haplo-importd haplo-importd' owner_and_mode "/var/spool/haplo-importd-$name/drop"
  check '  its socket belongs to the administrators' \
    is '660 haplo-importd haplo-importd-admin' owner_and_mode "/run/haplo-importd-$name/control"
  check "  one of them may ask for its status" prints 'Daemon   running' guest_as "$colleague" haplo-importd status \
    --instance "$name"
done
check 'the first daemon runs beside them' is active guest systemctl is-active haplo-importd
drop "$exporter" hr for-the-first
check 'what is dropped there goes to the first server' delivered for-the-first
for name in fin hr-east; do check "what is dropped at $name goes to its server" deliver_to "$name" "for-$name"; done
check 'and to no other' is '0 0' echo "$(times_scheduled for-fin) $(times_scheduled for-hr-east)"
check 'nor from the first to theirs' elsewhere_is_nothing fin for-the-first
check 'the journal has them apart' prints 'source=hr state=archived' guest journalctl --unit haplo-importd@fin --no-pager
check '  by the unit' refused prints "$(id_of for-the-first)" guest journalctl --unit haplo-importd@fin --no-pager

check 'an instance verifies its archive by a unit of its own' guest systemctl start haplo-importd-verify@fin
check '  and says so' prints 'all as recorded' guest journalctl --no-pager --output cat --unit haplo-importd-verify@fin
check '  by a timer, too' guest systemctl start haplo-importd-verify@fin.timer
guest systemctl stop haplo-importd-verify@fin.timer
check "beside the daemon, the instance's 'once' does nothing" guest systemctl start haplo-importd-once@fin
guest systemctl stop haplo-importd@fin
drop_at_fin() { (spool=/var/spool/haplo-importd-fin && drop haplo-importd hr "$1"); }
delivered_at_fin() { (spool=/var/spool/haplo-importd-fin record=/srv/fin/record.jsonl && delivered "$1"); }
drop_at_fin by-once
check "in its place, haplo-importd-once@fin.service delivers" guest systemctl start haplo-importd-once@fin
check '  what lay there' delivered_at_fin by-once
check '  and haplo-importd-once@fin.timer starts' guest systemctl start haplo-importd-once@fin.timer
guest systemctl stop haplo-importd-once@fin.timer haplo-importd-once@fin.service
guest systemctl start haplo-importd@fin
check 'haplo-importd-notify@fin.path starts' guest systemctl start haplo-importd-notify@fin.path
check '  and makes a place for the notices of the instance alone' wait_for 10 'the directory' is '750 haplo-importd haplo-importd' \
  owner_and_mode /var/lib/haplo-importd-fin/notify/new
check '  not for those of the daemon without an instance' refused guest test -e /var/lib/haplo-importd/notify/new
(spool=/var/spool/haplo-importd-fin exporter=haplo-importd && drop_broken at-fin && is_rejected at-fin) || true
id=$(spool=/var/spool/haplo-importd-fin && rejected_id at-fin || true)
check 'haplo-importd-notify@SET delivers the notice about a rejected set of the instance' wait_for 20 'the notice' prints "$id" \
  guest journalctl --no-pager --output cat --unit "haplo-importd-notify@$id.service" --identifier haplo-importd-notify
check '  and the notice is gone' wait_for 10 'that' is '' guest find /var/lib/haplo-importd-fin/notify /var/lib/haplo-importd/notify -type f
guest systemctl stop haplo-importd-notify@fin.path
guest rm -r /var/lib/haplo-importd-fin/notify /var/lib/haplo-importd/notify
check '  which can be discarded' instance fin discard --all --state rejected

process=$(guest systemctl show --property MainPID --value haplo-importd@fin)
check 'the package is installed anew' install_package haplo-importd
check '  and an instance runs on, with the new program' refused is "$process" \
  guest systemctl show --property MainPID --value haplo-importd@fin
check '  active' is active guest systemctl is-active haplo-importd@fin
check 'an instance that is stopped names itself' prints 'systemctl start haplo-importd@hr-east' guest sh -c \
  'systemctl stop haplo-importd@hr-east; haplo-importd status --instance hr-east'
# The last one is there when the package is removed.
guest systemctl disable --quiet haplo-importd@hr-east
