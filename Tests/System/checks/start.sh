heading 'Configured and started'

configure() {
  guest useradd --system --shell /bin/sh "$exporter"
  guest useradd --system --shell /bin/sh --groups haplo-importd-admin "$colleague"
  exporter_line hr "$exporter" | guest_write /etc/tmpfiles.d/haplo-importd-hr.conf
  guest systemd-tmpfiles --create haplo-importd-hr.conf
  guest install -m 0600 /srv/simulator/key /etc/haplo-importd/api-key
  guest_write /etc/haplo-importd/haplo-importd.conf.d/10-test.conf <<'END'
[Server]
URL=http://127.0.0.1:8080
[Daemon]
MinFreeSpace=1M
[Source hr]
Mode=import
QuietSec=500ms
[Source finance]
Mode=import
QuietSec=500ms
END
}

main_process() { guest systemctl show --property MainPID --value haplo-importd; }
credential_is_hidden() { refused guest_as "$1" cat /etc/haplo-importd/api-key; }
environment_has_no_key() { refused guest sh -c 'tr "\0" "\n" </proc/$1/environ | grep -qF "$(cat /srv/simulator/key)"' - "$(main_process)"; }

configure
check "'haplo-importd config' finds nothing wrong" guest haplo-importd config
check 'systemctl start succeeds' guest systemctl start haplo-importd
# Straight after the start: READY=1 comes behind the first scan, and nothing has been waited for.
check 'and has waited for READY: the journal has the start' \
  prints 'has started' guest journalctl MESSAGE_ID=5b4d8d0f7a5c4ba0a2a6d2a9b4c0f101 --no-pager
check 'a missing drop directory was made, setgid, in the sandbox' \
  is '2770 haplo-importd haplo-importd' owner_and_mode $spool/drop/finance
check 'systemctl status shows what it is doing' prints 'Status: "idle' guest systemctl status haplo-importd --no-pager
check "the daemon's own user cannot read the key's file" credential_is_hidden haplo-importd
check 'nor can an administrator without root' credential_is_hidden "$colleague"
check 'the key is not in the environment' environment_has_no_key
check 'it prints nothing beside its log' is '' guest journalctl --unit haplo-importd _TRANSPORT=stdout --output cat
check 'the control socket belongs to the administrators' \
  is '660 haplo-importd haplo-importd-admin' owner_and_mode /run/haplo-importd/control
check 'one of them may ask for the status' prints 'Daemon   running' guest_as "$colleague" haplo-importd status
check 'one of them may read the configuration' guest_as "$colleague" haplo-importd config
check 'an exporter may not ask (77)' ends_with 77 guest_as "$exporter" haplo-importd status
check "an exporter sees no other source's directory" refused guest_as "$exporter" ls $spool/drop/finance
check 'a second daemon ends with 75 and names the first' \
  prints "$(main_process)" guest sh -c 'CREDENTIALS_DIRECTORY=/etc/haplo-importd haplo-importd once; test $? = 75'

drop "$exporter" hr first-set
check 'a set that an exporter drops is scheduled once and archived' delivered first-set
check "its data are the exporter's bytes" \
  is "$(set_data first-set)" guest cat "$(place_of first-set archive)/files/data.json"
check 'one of the administrators sees it in the list' prints "$(id_of first-set)" guest_as "$colleague" haplo-importd list
