"""Counts of the system calls that a daemon makes for a set, sorted by what they are for."""

import re
import signal
import subprocess
import time
from collections import Counter

from rig import Daemon, Problem, Simulator, wait_for

# Sets that come before those that are counted: what each thread does once, and the growth of the heap, belong to the start.
FIRST = 30
CALL = re.compile(r"^\d+ +(\d+\.\d+) (\w+)\((.*)")


class Trace:
    """strace on a running process, from `with` to the end of it."""

    def __init__(self, place, pid):
        self.path = place.directory / f"trace-{place.number()}"
        self.process = subprocess.Popen(
            ["strace", "--follow-forks", "--quiet=attach,exit", "--decode-fds=path", "--string-limit=0",
             "--timestamps=unix,us", "-o", self.path, "-p", str(pid)], stderr=subprocess.DEVNULL)
        place.started.append(self.process)
        wait_for("strace", lambda: self.path.exists(), 20)
        time.sleep(0.5)
        self.since = time.time()  # in what is older, a thread sat when strace came

    def finish(self):
        """(name, rest) of each call that began while it was watched."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        calls = map(CALL.match, self.path.read_text(errors="replace").splitlines())
        return [(call[2], call[3]) for call in calls if call and float(call[1]) > self.since]


def purpose(name, rest):
    """What a call is counted as."""
    if name == "fdatasync":
        return "fdatasync of the journal" if "journal.jsonl" in rest else "fdatasync of dropped files"
    if name == "fsync":
        return "fsync of the receipt" if "receipt" in rest else "fsync of directories"
    return "futex" if name == "futex" else "other calls"


def counts(calls):
    """Counts by purpose, and by name."""
    by_purpose, by_name = Counter(), Counter()
    for name, rest in calls:
        by_purpose[purpose(name, rest)] += 1
        by_name[name] += 1
    by_purpose["system calls without futex"] = sum(by_name.values()) - by_name["futex"]
    by_purpose["system calls without futex and poll"] = by_purpose["system calls without futex"] - by_name["poll"]
    return by_purpose, by_name


def per_set(place, sets, sources=1, files=3):
    """What one set costs, with a control file that is known: of one source one after another, of more all at once."""
    simulator = Simulator(place)
    names = [f"source{number}" for number in range(sources)]
    daemon = Daemon(place, simulator.url, sources=names)
    for path in place.sets(FIRST, sizes=(10_000,) * files):
        daemon.deliver([path])
    before = len(simulator.lines("request"))
    made = place.sets(sets, sizes=(10_000,) * files)
    trace = Trace(place, daemon.pid)
    if sources > 1:
        for number, path in enumerate(made):
            path.rename(daemon.drops[names[number % sources]] / path.name)
        wait_for("all sets to be archived", lambda: len(daemon.archived) >= sets + FIRST)
    else:
        for path in made:
            daemon.deliver([path])
            time.sleep(0.02)  # what follows the archive's line in the log belongs to it as well
    by_purpose, by_name = counts(trace.finish())
    requests = len(simulator.lines("request")) - before
    daemon.stop()
    if not by_name:
        raise Problem("strace saw nothing")
    share = {name: count / sets for name, count in by_purpose.items()}
    share["requests"] = requests / sets
    return share, {name: count / sets for name, count in by_name.items()}
