# A line for each thing that is tried, and what is needed to wait for things.

problems=0
tried=0

heading() { printf '\n== %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# check WHAT COMMAND…: tries a command; if it fails, shows what it printed.
check() {
  local what=$1 output status=0
  shift
  tried=$((tried + 1))
  output=$("$@" 2>&1) || status=$?
  if [ "$status" = 0 ]; then
    printf 'ok    %s\n' "$what"
  else
    printf 'FAIL  %s (status %s)\n' "$what" "$status"
    printf '%s\n' "$output" | tail -n 25 | sed 's/^/      | /'
    problems=$((problems + 1))
  fi
}

left_out() { printf '      %s is not here: its checks are left out\n' "$1"; }

# Succeeds when a command does not.
refused() { if "$@"; then return 1; fi; }

# ends_with STATUS COMMAND…
ends_with() {
  local expected=$1 status=0
  shift
  "$@" || status=$?
  [ "$status" = "$expected" ] || { echo "status $status instead of $expected"; return 1; }
}

# prints TEXT COMMAND…: succeeds when the command does and its output holds TEXT.
prints() {
  local text=$1 output
  shift
  output=$("$@" 2>&1) || { echo "$output"; return 1; }
  grep -qF -- "$text" <<<"$output" || { echo "no '$text' in:"; echo "$output"; return 1; }
}

# says STATUS TEXT COMMAND…: the exit status is this one, and the output holds that text.
says() {
  local expected=$1 text=$2 output status=0
  shift 2
  output=$("$@" 2>&1) || status=$?
  [ "$status" = "$expected" ] && grep -qF -- "$text" <<<"$output" && return 0
  printf "status %s instead of %s, or no '%s' in:\n%s\n" "$status" "$expected" "$text" "$output"
  return 1
}

# is TEXT COMMAND…: succeeds when the output is TEXT.
is() {
  local text=$1 output
  shift
  output=$("$@" 2>&1) || true
  [ "$output" = "$text" ] || { echo "'$output' instead of '$text'"; return 1; }
}

# Waits until a command succeeds; fails after so many seconds, saying what was waited for.
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { echo "waited in vain for $what" >&2; return 1; }
    sleep 0.1
  done
}
