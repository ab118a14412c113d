"""What a set costs where time is no measure: requests, syncs, system calls."""

from result import Result
from strace_counts import per_set

FILES = 3
SETS = 40
SOURCES = 4
SYNCS = ["fsync of directories", "fsync of the receipt", "fdatasync of dropped files"]


def counts(place, _):
    alone, by_name = per_set(place, SETS)
    together, _ = per_set(place, SETS, sources=SOURCES)
    journal, calls = "fdatasync of the journal", "system calls without futex"
    most = ", ".join(f"{name} {count:.0f}" for name, count in sorted(by_name.items(), key=lambda one: -one[1])[:8])
    others = " · ".join(f"{name} {alone[name]:.1f}" for name in SYNCS)
    return [
        Result("counts", "journal fdatasyncs a set", f"{alone[journal]:.2f}", target="≤ 3", met=alone[journal] <= 3),
        Result("counts", f"the same with {SETS} sets of {SOURCES} sources at once (group commit)", f"{together[journal]:.2f}",
               target="fewer", met=together[journal] < alone[journal]),
        Result("counts", "other syncs a set", others),
        Result("counts", "system calls a set without futex", f"{alone[calls]:.1f}", target="< 220",
               met=alone[calls] < 220, note=f"A set's system calls, most frequent first: {most}."),
        Result("counts", "requests a set, control file known", f"{alone['requests']:.2f}",
               f"curl script: {3 + FILES}", target=f"2 + files = {2 + FILES}", met=alone["requests"] <= 2 + FILES + 0.01),
    ]


ROWS = {"counts": counts}
