"""Counts what a set costs and compares it with the baseline: the part of the measurements that `make check` can assert.

Usage: counts.py PROGRAMS [--update]. Times are never compared; every count may differ by the few percent that the order
of threads makes, and by no more.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from callgrind import instructions_of_once
from rig import Place, Problem, Simulator
from strace_counts import per_set

HERE = Path(__file__).resolve().parent
BASELINE = HERE / "counts.json"
BASE = HERE.parents[1] / ".build/bench/work"
SETS = 20
# How far a count may be from the baseline, as a share; and the least difference that is one. How often threads wait for each
# other (futex) and for sockets (poll) depends on what else the machine does: 20 to 27 calls of poll a set were counted.
SHARE, LEAST = {"instructions": 0.05}, {"system calls without futex and poll": 4}
USUAL_SHARE, USUAL_LEAST = 0.03, 0.2


def instructions(place):
    """Instructions a set, in thousands: what 20 sets more cost, so that start and end do not count."""
    few, many = (_instructions(place, count) for count in (5, 25))
    return (many - few) / 20 / 1000


def _instructions(place, count):
    """What `haplo-importd once` takes for so many sets, one after another."""
    simulator = Simulator(place)
    home = place.home(count)
    taken = instructions_of_once(place, home, simulator, source="MaxInFlight=1")
    if len(simulator.lines("scheduled")) != count:
        raise Problem(f"{len(simulator.lines('scheduled'))} sets were scheduled instead of {count}")
    return taken


def measure(programs):
    with Place(programs, BASE) as place:
        share, _ = per_set(place, SETS)
        found = {name: round(share[name], 2) for name in (
            "requests", "fdatasync of the journal", "fdatasync of dropped files", "fsync of directories",
            "fsync of the receipt", "system calls without futex and poll")}
        found["instructions"] = round(instructions(place))
        return found


def differences(found, baseline):
    for name, expected in baseline.items():
        allowed = max(SHARE.get(name, USUAL_SHARE) * expected, LEAST.get(name, USUAL_LEAST))
        difference = found[name] - expected
        verdict = "as before" if abs(difference) <= allowed else "more" if difference > 0 else "less"
        yield name, expected, found[name], verdict


def main():
    parser = argparse.ArgumentParser(description="compares counts with the baseline")
    parser.add_argument("programs", type=Path)
    parser.add_argument("--update", action="store_true", help="makes what is counted now the baseline")
    arguments = parser.parse_args()
    begin = time.monotonic()
    try:
        found = measure(arguments.programs.resolve())
    except (Problem, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"error: {error}")
    if arguments.update or not BASELINE.exists():
        BASELINE.write_text(json.dumps(found, indent=2) + "\n")
        print(f"baseline written: {BASELINE}")
    lines = list(differences(found, json.loads(BASELINE.read_text())))
    print("what a set of 3 files of 10 KB costs       baseline      now")
    for name, expected, now, verdict in lines:
        unit = " thousand" if name == "instructions" else ""
        print(f"{name + unit:38} {expected:12g} {now:8g}  {verdict}")
    print(f"in {time.monotonic() - begin:.0f} s")
    if any(verdict == "more" for *_, verdict in lines):
        sys.exit("error: a set costs more than before; if that is wanted, 'make counts UPDATE=1' makes it the baseline")
    if any(verdict == "less" for *_, verdict in lines):
        print("note: a set costs less than before; 'make counts UPDATE=1' keeps that")


if __name__ == "__main__":
    main()
