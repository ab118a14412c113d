"""Measures haplo-importd and what it is compared with, side by side, and writes docs/performance.md.

Usage: bench.py PROGRAMS [--rows 'small latency'] [--rounds N]. Each row is measured by itself and kept in
.build/bench/results.json, so that the table holds the last figures of every row.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import report
from rig import Place, Problem, say

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".build/bench/results.json"
MODULES = ["small", "inflight", "large", "latency", "idle", "many", "counts", "check", "records", "size", "graphs"]
# Before the rows that keep the machine busy for minutes: times of a millisecond, and two busy processors.
FIRST = ["latency", "small-http"]


def all_rows():
    rows = {}
    for name in MODULES:
        rows.update(importlib.import_module(f"rows.{name}").ROWS)
    return rows


def chosen(rows, words):
    """The rows that are named, or whose names begin with one of the words; all without words."""
    wanted = set(rows if not words else ())
    for word in words:
        found = [word] if word in rows else [name for name in rows if name.startswith(word)]
        if not found:
            raise SystemExit(f"error: no row begins with '{word}'; there are: {', '.join(rows)}")
        wanted.update(found)
    return [name for name in rows if name in wanted]


def main():
    parser = argparse.ArgumentParser(description="compares haplo-importd with its peers")
    parser.add_argument("programs", type=Path)
    parser.add_argument("--packages", type=Path, default=ROOT / ".build/deb", help="where the Debian packages are")
    parser.add_argument("--rows", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--report-only", action="store_true", help="only writes the page from the kept figures")
    arguments = parser.parse_args()
    rows = all_rows()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    failed = [] if arguments.report_only else measure_all(arguments, rows, kept)
    results = [line for name in rows if name in kept for line in kept[name]["results"]]
    report.print_table(results)
    report.draw(ROOT, results)
    report.write_page(ROOT, results, kept)
    if failed:
        raise SystemExit(f"error: not measured: {', '.join(failed)}")


def by_turn(name):
    return FIRST.index(name) if name in FIRST else len(FIRST)


def measure_all(arguments, rows, kept):
    base, failed = ROOT / ".build/bench/work", []
    for name in sorted(chosen(rows, arguments.rows.split()), key=by_turn):
        begin = time.monotonic()
        say(f"-- {name}")
        try:
            with Place(arguments.programs.resolve(), base, arguments.packages) as place:
                results = rows[name](place, arguments.rounds)
        except (Problem, OSError, subprocess.SubprocessError) as error:
            say(f"error: {name}: {error}")
            failed.append(name)
            continue
        kept.update(json.loads(KEPT.read_text()) if KEPT.exists() else {})  # what another run has measured meanwhile
        kept[name] = {"results": [result.as_json() for result in results], "rounds": arguments.rounds,
                      "seconds": round(time.monotonic() - begin, 1), "load": round(os.getloadavg()[0], 1)}
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False))
        for result in results:
            say(f"   {result.what}: {result.ours} | {result.peer} | {result.ratio} | {result.target}"
                f" {'' if result.met is None else 'met' if result.met else 'NOT MET'}")
    return failed


if __name__ == "__main__":
    main()
