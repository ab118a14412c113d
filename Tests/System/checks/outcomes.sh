heading 'What became of the imports: a second key, and the jobs pages'

# An instance with a server of its own, whose jobs end in every way.
jobs_spool=/var/spool/haplo-importd-jobs
jobs_metrics=/run/haplo-importd-jobs/haplo-importd.prom

start_jobs() {
  guest mkdir -p /srv/jobs "$jobs_spool"
  guest mount -t tmpfs -o size=64m spool "$jobs_spool"
  guest sh -c 'umask 077; for name in key outcome-key; do head -c 33 /dev/urandom | base64 | tr +/ -_ >"/srv/jobs/$name"; done'
  guest systemd-run --quiet --unit simulator-jobs haplo-simulator --port 8120 --port-file /srv/jobs/port --api-key-file /srv/jobs/key \
    --outcome-key-file /srv/jobs/outcome-key --record /srv/jobs/record.jsonl --job-time 200ms \
    --fault schedule:complete:errors=2:comment=job-partial --fault schedule:exception:comment=job-broken \
    --fault schedule:stuck:comment=job-lost
  wait_for 20 'the simulator' guest test -s /srv/jobs/port
  guest sh -c 'sed -e s/NAME/jobs/g -e "s|^URL=.*|URL=http://127.0.0.1:8120|" -e "s/^Mode=.*/Mode=import\nQuietSec=500ms\nComment=%n %i/" \
    /usr/share/doc/haplo-importd/examples/instance.conf | install -D -m 0644 /dev/stdin /etc/haplo-importd/jobs/haplo-importd.conf'
  guest sh -c 'printf "[Daemon]\nMinFreeSpace=1M\nMetricsFile=%s\n" "$1" |
    install -D -m 0644 /dev/stdin /etc/haplo-importd/jobs/haplo-importd.conf.d/10-test.conf' - "$jobs_metrics"
  guest install -m 0600 /srv/jobs/key /etc/haplo-importd/jobs/api-key
}
jobs() { guest haplo-importd "$1" --instance jobs "${@:2}"; }
# drop_job NAME: drops a set, and waits until the server has scheduled it, so that the order of the jobs is that of the drops.
drop_job() {
  (
    spool=$jobs_spool record=/srv/jobs/record.jsonl
    drop haplo-importd hr "$1" && delivered "$1"
  )
}
outcome_of() { jobs list --json --all | jq -r --arg name "$1" 'select(.name == $name) | .outcome | [.state, .errors] | map(. // "-") | join(" ")'; }
has_outcome() { wait_for 60 "the outcome of $1" is "$2" outcome_of "$1"; }
in_journal() { guest journalctl --no-pager --output cat --unit haplo-importd@jobs "HAPLO_OUTCOME=$1" | grep -F 'set='; }
# in_metrics OUTCOME COUNT
in_metrics() { wait_for 15 'the figure' prints "haplo_importd_outcomes_total{source=\"hr\",outcome=\"$1\"} $2" guest cat "$jobs_metrics"; }
requests_for_pages() {
  simulator_door http://127.0.0.1:8120/simulator/record | jq '[.pages | .. | numbers] | add // 0'
}
# No request for the pages in ten seconds, though time passes in which there would be some.
no_more_requests() {
  local before
  before=$(requests_for_pages)
  guest sleep 10
  is "$before" requests_for_pages
}

start_jobs
check 'without an outcome key the instance starts' guest systemctl enable --now haplo-importd@jobs
check '  and delivers' drop_job job-before
check '  without an outcome' is '- -' outcome_of job-before
check '  and without a request for the pages' is 0 requests_for_pages
guest install -m 0600 /srv/jobs/outcome-key /etc/haplo-importd/jobs/outcome-key
check "'config --online' reads the pages with the key" \
  guest env CREDENTIALS_DIRECTORY=/etc/haplo-importd/jobs haplo-importd config --online --quiet --config /etc/haplo-importd/jobs/haplo-importd.conf
check 'a restart puts the key in force' guest systemctl restart haplo-importd@jobs
for name in job-good job-partial job-broken job-lost job-last; do check "$name is delivered" drop_job "$name"; done
# Two jobs are imported: job-good, and job-last, which is read after job-lost is stuck.
while read -r name outcome errors count; do
  check "$name: $outcome, in 'list'" has_outcome "$name" "$outcome $errors"
  check '  in the journal' in_journal "$outcome"
  check '  in the metrics' in_metrics "$outcome" "$count"
done <<'END'
job-partial imported-with-errors 2 1
job-broken failed - 1
job-lost stuck - 1
job-good imported 0 2
END
check 'the receipt of each has outcome.json beside it' is 5 \
  guest sh -c "find $jobs_spool/archive -name outcome.json | wc -l"
check "'status' lists the stuck job, which the end of the last one has proved" prints 'the job of a set is stuck on the server' jobs status
check 'one more clean import' drop_job job-clean
check '  is known' has_outcome job-clean 'imported 0'
check "  and after it 'status' has nothing to do" prints 'nothing to do' jobs status
check 'one more that fails' drop_job job-broken-again
check '  is known' has_outcome job-broken-again 'failed -'
check "  and 'status' lists it" prints 'the job of a set failed on the server' jobs status
broken=$(jobs list --json --all | jq -r 'select(.name == "job-broken") | .set')
check "'show --server-log' prints the job's log, as root" prints EXCEPTION jobs show --server-log "$broken"
check "'wait' ends 65 for a job that failed" ends_with 65 jobs wait --timeout 20 "$broken"
check 'with no open job there is no request' no_more_requests
guest systemctl disable --quiet --now haplo-importd@jobs
guest systemctl stop simulator-jobs
