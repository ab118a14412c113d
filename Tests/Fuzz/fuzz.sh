#!/usr/bin/env bash
# Lets libFuzzer try every target with inputs of its own, beginning with the corpora that are kept beside this script.
#
# Usage: fuzz.sh PROGRAM [TARGET…]
#   SECONDS_EACH=10   how long each target is tried
#   CORPUS=DIRECTORY  where new inputs of interest are collected, to go on from there the next time; by default they go
#                     with the run
# An input that breaks something is kept in crashes/ and named: put it into Tests/Fuzz/corpus/TARGET/ under a name
# that says what it is, and the test suite tries it for good. The last line has the figures. Exit status 0 only if
# nothing broke.
set -euo pipefail

program=$1
shift
targets=${*:-journal control configuration answer sums json tsv xml request}
kept=$(cd "$(dirname "$0")" && pwd)/corpus
root=$(mktemp -d "${TMPDIR:-/tmp}/haplo-fuzz.XXXXXX")
trap 'rm -rf "$root"' EXIT
runs=0 seeds=0 found=0 crashes=0

for target in $targets; do
  new=${CORPUS:-$root}/$target
  mkdir -p "$new" crashes
  log=$root/$target.log
  # A trap must reach libFuzzer, which then keeps the input.
  if FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no "$program" -max_total_time="${SECONDS_EACH:-10}" -timeout=20 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="crashes/$target-" "$new" "$kept/$target" >"$log" 2>&1
  then result=ok; else
    result=BROKEN crashes=$((crashes + 1))
    grep -aE 'Fatal error|SUMMARY|Test unit written' "$log" >&2 || tail -n 20 "$log" >&2
  fi
  tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  added=$(find "$new" -type f | wc -l)
  here=$(find "$kept/$target" -type f | wc -l)
  printf '%-14s %9s runs, corpus %3s kept + %4s new: %s\n' "$target" "${tried:-0}" "$here" "$added" "$result"
  runs=$((runs + ${tried:-0})) seeds=$((seeds + here)) found=$((found + added))
done
rmdir crashes 2>/dev/null || true
echo "fuzz: $runs runs, corpus $seeds kept + $found new, crashes $crashes"
[ "$crashes" = 0 ]
