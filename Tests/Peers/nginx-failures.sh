# What nginx answers in place of the server, at each step, and what becomes of the set: docs/server.md, the last row of the other answers.

# drop NAME BYTES: drops a folder into the source hr of the place behind nginx.
drop() {
  local at=$work/staging/$1
  make_set "$exporter" "$at" "$1" "$2"
  digest "$at/control.json" >"$work/proxied/$1.control"
  digest "$at/data.json" >"$work/proxied/$1.data"
  as_exporter mv "$at" "$work/proxied/spool/drop/hr/$1"
}

set_of() { sed -n "s/^<[0-7]>set=\([^ ]*\) .*state=claimed name=$1$/\1/p" "$work/proxied/log"; }
# has_line NAME TEXT: the log has a line about that set with that text.
has_line() { local set; set=$(set_of "$1") && [ -n "$set" ] && grep -F "set=$set " "$work/proxied/log" | grep -F -- "$2" >/dev/null; }
# batches_of NAME: how many batches were made for its control file.
batches_of() {
  jq -r --arg control "$(cat "$work/proxied/$1.control")" 'select(.event == "batch" and .control == $control) | .batch' \
    "$work/proxied/record" | wc -l
}
delivered() {
  wait_for 40 "$1 to be archived" has_line "$1" state=archived || return 1
  is "$(cat "$work/proxied/$1.data")" jobs_of proxied "$(cat "$work/proxied/$1.control")"
}

# What happens at a step, what the log says then, and how many batches it takes in the end.
try_failure() {
  local name=$1 fault=$2 http=$3 batches=$4 what=$5
  # The first request for a batch finds that the server has not got the control file.
  faults proxied "$fault"
  drop "$name" 20000
  check "$what: deferred" wait_for 20 'the line' has_line "$name" "http=$http"
  check "  then scheduled once, with its own bytes" delivered "$name"
  check "  with $batches batch(es) made" is "$batches" batches_of "$name"
  faults proxied
}

try_nginx() {
  heading 'nginx in front of the server, with TLS, a limit on bodies, and failures of its own'
  printf '[Server]\nURL=https://localhost:%s\nCAFile=%s\n[Source hr]\nMode=import\nQuietSec=0\n' "$tls" "$work/tls/own-ca.pem" \
    >"$work/proxied/haplo-importd.conf.d/10-nginx.conf"
  make_drop proxied hr
  install -d -o "$exporter" "$work/staging"
  start_daemon proxied
  drop through 900000
  check 'a set goes through it, once' delivered through
  drop too-large 3000000
  check 'its 413 rejects a set whose file is over client_max_body_size' \
    wait_for 20 'the line' has_line too-large 'state=rejected'
  check '  with the status and the reason' has_line too-large 'http=413 reason="the file is larger than the server, or a proxy in front of it, accepts'
  check '  and nothing of it is scheduled' is '' jobs_of proxied "$(cat "$work/proxied/too-large.control")"
  drop after-it 1000
  check '  the next set goes on' delivered after-it

  stop_simulator proxied
  drop upstream-down 1000
  check 'its 502, for the server is down: deferred' wait_for 20 'the line' has_line upstream-down 'state=deferred'
  check '  with the status' has_line upstream-down 'http=502'
  start_simulator proxied
  check '  scheduled once when it is back' delivered upstream-down

  try_failure cut-at-batch batch:drop:nth=2 502 2 '502, the server breaks off after making the batch'
  try_failure cut-at-file file:drop:nth=1 502 2 '502, the server breaks off after taking the file'
  try_failure cut-at-schedule schedule:drop:nth=1 502 1 '502, the server breaks off after scheduling'
  try_failure slow-batch batch:stall:nth=2:for=1min:at=end 504 2 '504, the server has made the batch and is silent'
  try_failure slow-file file:stall:nth=1:for=1min:at=end 504 2 '504, the server has taken the file and is silent'
  try_failure slow-schedule schedule:stall:nth=1:for=1min:at=end 504 1 '504, the server has scheduled and is silent'
  stop_daemon proxied

  sed -i "s/:$tls/:$hurried/" "$work/proxied/haplo-importd.conf.d/10-nginx.conf"
  start_daemon proxied
  drop hurried 1000
  check 'its 429 (limit_req), for requests come too fast: deferred' wait_for 20 'the line' has_line hurried 'http=429'
  check '  and in the end scheduled once' delivered hurried
  stop_daemon proxied

  sed -i "s/:$hurried/:$closed/" "$work/proxied/haplo-importd.conf.d/10-nginx.conf"
  : >"$work/nginx/maintenance"
  start_daemon proxied
  drop closed 1000
  check 'its 503 with Retry-After: deferred, in its own words' \
    wait_for 20 'the line' has_line closed 'http=503 reason="closed for maintenance"'
  rm "$work/nginx/maintenance"
  check '  and scheduled once when it is open again' delivered closed
  stop_daemon proxied
}
