"""Where much has been done, much waits, or much lies about: the start, and a crowded drop directory."""

import os
import subprocess
import time

from callgrind import instructions_of_once
from generate import make_archive, make_waiting
from result import Result
from rig import Daemon, Problem, Sample, Simulator, cpu_of, memory, ratios, wait_for
from stopwatch import Stopwatch

ARCHIVED = 100_000
WAITING = 10_000
A_FEW_WAITING = 2_000  # so many that their processor time is not that of one moment of the machine
QUEUES = ((50, 100), (300, 350))  # of which the instructions are counted, which takes hundreds of times as long
CROWD = 100_000
FEW = 1_000


def started(place, simulator, waiting, archive=None):
    """Starts a daemon on what was made for it; READY in seconds, memory then, and the processor time of a set. `archive`
    is the folder of a source in the archive, which is there again afterwards without what came into it."""
    home = place.directory / f"start-{place.number()}"
    make_waiting(home, waiting)
    if archive:
        (home / "spool/archive").mkdir()
        older = set(archive.glob("*/*"))
        used = archive.rename(home / "spool/archive/bench")
    os.sync()
    daemon = Daemon(place, simulator.url, home=home, source="Check=control")
    ready, resident = daemon.ready_after, memory(daemon.pid, "Pss")
    # To the end, for uploads run ahead of the archive: at the head of a queue a set would be paid for twice.
    before, first = cpu_of(daemon.pid), len(daemon.archived)
    wait_for("the last set", lambda: len(daemon.archived) >= waiting, 240)
    cost = (cpu_of(daemon.pid) - before) / (waiting - first)
    peak = memory(daemon.pid, "VmHWM")
    daemon.process.kill()
    daemon.stop()
    if archive:
        used.rename(archive)
        subprocess.run(["rm", "-rf", *(month for month in archive.glob("*/*") if month not in older)], check=True)
    subprocess.run(["rm", "-rf", home], check=True)
    return ready, resident, peak, cost * 1000


def instructions_more(place, simulator, fewer, more):
    """Instructions for each set by which one queue is longer than the other."""
    taken = []
    for count in (fewer, more):
        home = place.directory / f"queue-{place.number()}"
        make_waiting(home, count)
        (home / "run").mkdir(exist_ok=True)
        taken.append(instructions_of_once(place, home, simulator, source="Check=control"))
        subprocess.run(["rm", "-rf", home], check=True)
    return (taken[1] - taken[0]) / (more - fewer)


def start(place, rounds):
    simulator = Simulator(place)
    made = place.directory / "made"
    make_archive(made, ARCHIVED)
    archive = made / "spool/archive/bench"
    many, few = [], []
    for _ in range(min(rounds, 3)):  # around it, for a machine is not as fast at one time as at another
        before = started(place, simulator, A_FEW_WAITING)
        many.append(started(place, simulator, WAITING, archive))
        after = started(place, simulator, A_FEW_WAITING)
        few.append([(one + other) / 2 for one, other in zip(before, after)])
    what = f"start with {ARCHIVED:,} archived and {WAITING:,} claimed sets"
    cost = [Sample([one[3] for one in side]) for side in (many, few)]
    growth = Sample([one[3] / other[3] for one, other in zip(many, few)]).median
    short, long = (instructions_more(place, simulator, *queue) for queue in QUEUES)
    return [
        Result("start", f"{what}: READY after", Sample([one[0] for one in many]).text("{:.2f}", " s"),
               f"none archived, {A_FEW_WAITING:,} claimed: {few[0][0]:.2f} s", target="< 1 s", met=max(one[0] for one in many) < 1),
        Result("start", f"{what}: proportional set size at READY; peak while delivering",
               f"{max(one[1] for one in many):.0f} MB; {max(one[2] for one in many):.0f} MB", target="< 64 MB",
               met=max(max(one[1:3]) for one in many) < 64),
        Result("start", "processor time of a set of that queue, from READY to the last", cost[0].text("{:.2f}", " ms"),
               f"{A_FEW_WAITING:,} claimed: {cost[1].text('{:.2f}', ' ms')}", f"{growth:.2f}×", "≤ 1.1×", growth <= 1.1),
        Result("start", f"instructions of each set by which a queue of {QUEUES[1][1]:,} is longer than one of {QUEUES[1][0]:,}",
               f"{long / 1e6:.2f} million", f"{QUEUES[0][1]} and {QUEUES[0][0]}: {short / 1e6:.2f} million",
               f"{long / short:.2f}×", "≤ 1.1×", long / short <= 1.1),
    ]


def cost_of_events(place, daemon, count):
    """Processor time for each of `count` files that come into the drop directory and go again."""
    path = place.directory / f"outside-{place.number()}"
    path.write_bytes(b"x")
    before = cpu_of(daemon.pid)
    for _ in range(count):
        os.rename(path, daemon.drop / "passing.csv")
        time.sleep(0.001)  # each is an event of its own
        os.rename(daemon.drop / "passing.csv", path)
        time.sleep(0.001)
    time.sleep(0.2)
    return (cpu_of(daemon.pid) - before) / count * 1e6


def crowded(place, stopwatch, count, rounds):
    """A daemon with so many files in its drop directory, and how soon it found new sets among them."""
    home = place.directory / f"crowd-{count}"
    drop = home / "spool/drop/bench"
    drop.mkdir(parents=True)
    for number in range(count):
        os.close(os.open(f"{drop}/old-{number:06d}.csv", os.O_CREAT | os.O_WRONLY))
    daemon = Daemon(place, stopwatch.url, home=home, source="RescanSec=infinity")
    found = []
    for path in place.sets(5 * rounds):
        flat = sorted(path.iterdir(), key=lambda one: one.name == "control.json")
        for file in flat[:-1]:
            os.rename(file, drop / file.name)
        time.sleep(0.05)
        begin = time.time()
        os.rename(flat[-1], drop / flat[-1].name)
        first = stopwatch.first_after(begin)
        if first is None:
            raise Problem("the set was not found")
        stopwatch.wait_for_schedule_after(begin)
        found.append((first - begin) * 1000)
        wait_for("the set to be archived", lambda: not (drop / "control.json").exists())
        time.sleep(0.05)
    return daemon, Sample(found)


def crowd(place, rounds):
    stopwatch = Stopwatch()
    daemons, found = zip(*(crowded(place, stopwatch, count, rounds) for count in (CROWD, FEW)))
    events = [[], []]
    for _ in range(2 * rounds):
        for daemon, taken in zip(daemons, events):
            taken.append(cost_of_events(place, daemon, 300))
    growth = ratios(*events)
    many, few = map(Sample, events)
    resident = memory(daemons[0].pid, "Pss")
    return [
        Result("crowd", f"{CROWD:,} files in the drop directory: a new set's first request after",
               found[0].text("{:.1f}", " ms"), f"{FEW:,} files: {found[1].text('{:.1f}', ' ms')}", target="< 200 ms",
               met=found[0].values[-1] < 200),
        Result("crowd", "processor time of a file that comes and goes there", many.text("{:.0f}", " µs"),
               f"{FEW:,} files: {few.text('{:.0f}', ' µs')}", growth.text("{:.2f}", "×"), "≤ 1.2×", growth.median <= 1.2,
               note=f"With {CROWD:,} files the daemon was ready after {daemons[0].ready_after:.2f} s and held {resident:.0f} MB."),
    ]


ROWS = {"start": start, "crowd": crowd}
