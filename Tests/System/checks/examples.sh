heading "Other people's steps: an encrypted key, a dead man's switch, an SFTP server, PGP"

examples=/usr/share/doc/haplo-importd/examples

# --- The key as an encrypted file
credential_of() { guest systemctl show --property LoadCredentialEncrypted --value haplo-importd; }
if has systemd-creds; then
  check "the commands of 'Encrypt the API key'" as_documented docs/operations.md 'Encrypt the API key'
  check '  leave no readable key' refused guest test -e /etc/haplo-importd/api-key
  check '  nor one that can be read in the encrypted file' refused guest grep -qF "$(guest cat /srv/simulator/key)" /etc/haplo-importd/api-key.cred
  check '  and the daemon runs' is active guest systemctl is-active haplo-importd
  drop "$exporter" hr by-an-encrypted-key
  check '  and imports with it' delivered by-an-encrypted-key
  check "the commands of 'Replace an encrypted API key'" as_documented docs/operations.md 'Replace an encrypted API key'
  check '  leave no readable key' refused guest test -e /etc/haplo-importd/api-key
  drop "$exporter" hr by-another-encrypted-key
  check '  and the daemon imports with the new one' delivered by-another-encrypted-key
  check '  a file that was changed is refused' refused guest sh -ec 'cp -a /etc/haplo-importd/api-key.cred /root/api-key.cred
    sed -i "2s/[A-Za-z]/-/" /etc/haplo-importd/api-key.cred && systemctl restart haplo-importd'
  guest sh -ec 'mv /root/api-key.cred /etc/haplo-importd/api-key.cred && systemctl reset-failed haplo-importd && systemctl restart haplo-importd'
  guest rm -r /etc/systemd/system/haplo-importd.service.d/50-encrypted-key.conf
  guest systemctl daemon-reload
  instance_key_back() { guest install -m 0600 /srv/simulator/key /etc/haplo-importd/api-key; }
  instance_key_back
  check 'with a plain key again, it starts' guest systemctl restart haplo-importd
else
  left_out systemd-creds
fi

# --- A dead man's switch
if has python3 && has curl; then
  guest_write /srv/switch.py <<'END'
import http.server
class Switch(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("ping", self.path, flush=True)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", 8130), Switch).serve_forever()
END
  guest systemd-run --quiet --unit switch python3 /srv/switch.py
  pings() { guest journalctl --no-pager --output cat --unit switch | grep -c "^ping /$1\$"; }
  check "the commands of 'A dead man's switch'" as_documented docs/monitoring.md "A dead man's switch" \
    's|https://hc-ping.com/[0-9-]*|http://127.0.0.1:8130/all-is-well|'
  guest systemctl disable --quiet --now haplo-importd-alive.timer
  guest sh -c 'printf "[Timer]\nOnCalendar=\nOnCalendar=*:*:*\nRandomizedDelaySec=0\nAccuracySec=100ms\n" | install -D /dev/stdin /run/systemd/system/haplo-importd-alive.timer.d/50-test.conf'
  guest systemctl daemon-reload
  check 'the switch waits for somebody to listen' wait_for 10 'it' simulator_door http://127.0.0.1:8130/hello
  check "'status --check' says OK" prints 'HAPLO-IMPORTD OK' guest haplo-importd status --check
  check 'then the unit pings' guest systemctl start haplo-importd-alive
  check '  once' is 1 pings all-is-well
  drop_broken not-well
  check 'with a rejected set' is_rejected not-well
  check '  the unit does not fail' guest systemctl start haplo-importd-alive
  check '  and does not ping' is 1 pings all-is-well
  guest haplo-importd discard --all --state rejected >/dev/null
  guest systemctl stop haplo-importd
  check 'without the daemon the unit does not fail' guest systemctl start haplo-importd-alive
  check '  and does not ping' is 1 pings all-is-well
  guest systemctl start haplo-importd
  guest systemctl start haplo-importd-alive.timer
  more_than_one_ping() { [ "$(pings all-is-well)" -gt 1 ]; }
  check 'the timer pings by itself' wait_for 20 'the ping' more_than_one_ping
  check '  the address is in no process list or journal' refused prints all-is-well guest journalctl --no-pager --unit haplo-importd-alive
  guest systemctl stop haplo-importd-alive.timer

  guest sh -c 'umask 077; echo "url = \"http://127.0.0.1:8130/once\"" >/etc/haplo-importd/alive'
  guest install -D $examples/monitoring/once-alive.conf /run/systemd/system/haplo-importd-once.service.d/50-alive.conf
  guest systemctl daemon-reload
  guest systemctl stop haplo-importd
  check 'after a run of the timer that left nothing to do' guest systemctl start haplo-importd-once
  check '  it pings' wait_for 10 'the ping' is 1 pings once
  runs=$(guest journalctl --no-pager --output cat --unit haplo-importd-alive | grep -c '^Finished')
  faults any:503
  drop haplo-importd finance deferred-by-once
  check 'after one that could not deliver a set (75)' guest systemctl start haplo-importd-once
  runs_of_alive() { guest journalctl --no-pager --output cat --unit haplo-importd-alive | grep -c '^Finished'; }
  more_runs_than() { [ "$(runs_of_alive)" -gt "$1" ]; }
  check '  it is asked' wait_for 10 'that' more_runs_than "$runs"
  check '  and does not ping' is 1 pings once
  faults
  guest systemctl start haplo-importd
  check '  which is delivered later' delivered deferred-by-once
  guest sh -c 'rm -r /run/systemd/system/haplo-importd-once.service.d /run/systemd/system/haplo-importd-alive.timer.d /etc/systemd/system/haplo-importd-alive.* \
    /etc/haplo-importd/alive'
  guest systemctl stop switch
  guest systemctl daemon-reload
else
  left_out 'python3 or curl'
fi

# --- The bug script
bug_report() { guest sh -c '/usr/share/bug/haplo-importd/script 3>&1 >/dev/null'; }
guest sh -c 'printf "[Server]\nProxy=http://somebody:%s@127.0.0.1:9\n" "$(cat /srv/simulator/key)" >'"$conf/80-proxy.conf"
check 'the script for bug reports has the version' prints "haplo-importd $(guest haplo-importd version | cut -d ' ' -f 2)" bug_report
check '  the settings, with the file of each' prints "$conf/10-test.conf:2" bug_report
check '  the state of the units' prints 'haplo-importd.service - Haplo importer' bug_report
check '  the last lines of the log' prints 'state=archived' bug_report
check '  and not the key, though it is a password in the configuration' refused prints "$(guest cat /srv/simulator/key)" bug_report
guest sh -c 'cat /srv/simulator/key >>'"$conf/80-proxy.conf"
check '  nor when it stands in a line of its own there' refused prints "$(guest cat /srv/simulator/key)" bug_report
check '  which it says is wrong' prints '80-proxy.conf:3: error' bug_report
guest rm "$conf/80-proxy.conf"
check '  for a user who may ask nothing it ends well, too' prints 'haplo-importd-admin' guest_as "$exporter" sh -c '/usr/share/bug/haplo-importd/script 3>&1'
