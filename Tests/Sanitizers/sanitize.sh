#!/usr/bin/env bash
# Builds everything for one of the sanitizers, apart from the other builds, and runs the tests in it.
#
# Usage: sanitize.sh address|thread FLAG…
#   FLAG…      of the build
#   SUITES=    which tests, as for `swift test --filter`; by default those that run in this process, and FuzzTests
#   SKIPPED=   which of them not, as for `swift test --skip`
#
# The thread sanitizer is tried first on a program that has a race and on one that has none. The last line has the
# figures. Exit status 0 only if every test passed and there was no report, of the programs that tests start either.
set -euo pipefail

sanitizer=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
scratch=.build/sanitize/$sanitizer
flags=(--scratch-path "$scratch" "--sanitize=$sanitizer" "$@")
reports=$PWD/$scratch/reports
log=$scratch/tests.log
export HAPLO_SANITIZE=$sanitizer

# Leaks are not looked for: what lives until the end is left to the kernel.
# So many tests at once as a slowed program can carry: with all of them, each waits longer than it is ready to.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${WIDTH:-$((2 * $(nproc)))}
common=log_path=$reports/report:log_exe_name=1
export ASAN_OPTIONS=$common:detect_leaks=0:quarantine_size_mb=16
export TSAN_OPTIONS=$common:suppressions=$here/thread.supp

swift build --build-tests "${flags[@]}"
rm -rf "$reports"
mkdir -p "$reports"

fail() { echo "sanitize: $*" >&2; exit 1; }

# Reports are files, for a program that a test starts has its standard error elsewhere.
count_reports() { find "$reports" -type f | wc -l; }

if [ "$sanitizer" = thread ]; then
  race=$(swift build "${flags[@]}" --show-bin-path)/haplo-race
  for kind in guarded passed; do
    "$race" $kind || fail "the sanitizer takes what is $kind for a race; see $reports"
  done
  if "$race" unguarded; then fail "the sanitizer does not see a race"; fi
  [ "$(count_reports)" -gt 0 ] || fail "the sanitizer's report of a race is not kept"
  rm -f "$reports"/*
  echo "control: a race is reported; the same under a lock is not, nor what goes from task to task"
fi

# Left out: HaploImportdTests and HaploSimulatorTests, for the programs that they start are at work for longer than they wait; the
# suites that go through the same lives of one set hundreds of times; and a test that needs one of two sets to be quicker.
SUITES=${SUITES:-ImportCoreTests|ImportSystemTests|ImportRuntimeTests|HaploAPITests|ImportServiceTests|FuzzTests}
SKIPPED=${SKIPPED:-CrashTests|FailingDiskTests|JournalCutTests|deferrals.at.random|server.lost.after.the.intent}
result=0
swift test --skip-build --disable-xctest "${flags[@]}" --filter "$SUITES" --skip "$SKIPPED" 2>&1 \
  | tee "$log" || result=$?
tests=$(sed -nE 's/^.*Test run with ([0-9]+) tests?.*$/\1/p' "$log")
found=$(count_reports)
if [ "$found" != 0 ]; then
  grep -haE '^SUMMARY' "$reports"/* | sort | uniq -c >&2
  echo "the reports: $reports" >&2
fi
echo "sanitize: $sanitizer: ${tests:-0} tests, exit status $result, reports: $found"
[ "$result" = 0 ] && [ "$found" = 0 ]
