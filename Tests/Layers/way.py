#!/usr/bin/env python3
"""Ends with 1 when a small set passes through more than 50 source files, and prints them.

Usage: way.py PROGRAMS. Runs `haplo-importd once` of the last debug build under callgrind, without a set and with one that is
imported. A function that ran only with the set is one that the set passes through; the compiler's index says in which file it
is written. A file counts if nothing of it ran without a set: the others belong to every start. What the compiler makes for a
type by itself (access to its description, copies of its values) is not counted.
"""
import os
import re
import sys
from pathlib import Path

import index

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Bench"))
from callgrind import functions_of_once  # noqa: E402
from rig import Place, Simulator  # noqa: E402

MOST = 50
# The ends of mangled names: accessors and descriptions of types and conformances, copies and destruction of values.
OF_THE_COMPILER = re.compile(r"(M[a-zA-Z]|W[A-Za-z]+([0-9]+_)?|w[a-z]{2}|T[Ww])$")


def ran(place, sets):
    """The names of Swift functions that run for so many sets."""
    simulator = Simulator(place)
    home = place.home(sets)
    names = functions_of_once(place, home, simulator, source="MaxInFlight=1")
    if len(simulator.lines("scheduled")) != sets:
        sys.exit("the set was not scheduled")
    return {name for name in names if name.startswith("$s") and not OF_THE_COMPILER.search(name)}


def files(names):
    """The source files of these functions; what a function holds in it, a closure say, is in its file."""
    places = {}
    store = str(ROOT / ".build/debug/index/store")
    for found in index.occurrences(store, str(ROOT / "Sources") + os.sep):
        if found.roles & index.DEFINITION:
            places.setdefault(found.usr, found.path)
    found = set()
    for name in names:
        usr = "s:" + name[2:]
        while len(usr) > 6 and usr not in places:
            usr = usr[:-1]
        if usr in places:
            found.add(os.path.relpath(places[usr], ROOT / "Sources"))
    return found


def main():
    with Place(Path(sys.argv[1]), ROOT / ".build/bench/way") as place:
        without, with_set = ran(place, 0), ran(place, 1)
    way = sorted(files(with_set - without) - files(without))
    for path in way:
        print(path)
    lines = sum((ROOT / "Sources" / path).read_text().count("\n") for path in way)
    print(f"a set's way: {len(way)} files of {lines} lines; at most {MOST} files")
    return len(way) > MOST


if __name__ == "__main__":
    sys.exit(main())
