"""1,000 waiting sets at a server that takes 50 ms for everything: eight sets at once, and one."""

import time

from result import Result
from rig import Daemon, Problem, Sample, Simulator, digest_of, wait_for
from rows.bounds import serial_calls

SETS = 1000
FILES = 3
SLOW_SETS = 100  # of them, with one at a time: the rate is the same from the first to the last
PARTS = 10  # so that a single run has a spread


def run(place, in_flight, count):
    """Lets a daemon with 1,000 waiting sets schedule `count` of them; returns rates of the parts, and the order."""
    simulator = Simulator(place, "--latency", "50ms")
    home = place.directory / f"waiting-{in_flight}"
    drop = home / "spool/drop/bench"
    drop.mkdir(parents=True)
    sets = place.sets(SETS, sizes=(2000,) * FILES)
    expected = []
    for path in sets:
        path.rename(drop / path.name)
        expected.append(digest_of(drop / path.name / "data0.json"))
    daemon = Daemon(place, simulator.url, server="MaxConnections=8", source=f"MaxInFlight={in_flight}", home=home)
    wait_for(f"{count} sets to be archived", lambda: len(daemon.archived) >= count, 240, pause=0.05)
    daemon.stop()
    jobs = simulator.lines("scheduled")[:count]
    order = [next(file["digest"] for file in job["files"] if file["name"] == "data0") for job in jobs]
    times, step = [job["time"] for job in jobs], count // PARTS
    skipped = step  # while the first sets are on their way, nothing is scheduled
    rates = [step / (times[end - 1] - times[end - 1 - step]) for end in range(skipped + step, count + 1, step)]
    if order != expected[:count]:
        raise Problem(f"with MaxInFlight={in_flight} the sets were not scheduled in the order of arrival")
    return rates


def inflight(place, rounds):
    begin = time.monotonic()
    many = Sample(run(place, 8, SETS))
    one = Sample(run(place, 1, SLOW_SETS))
    bound = min(8, 2 + FILES)
    ratio = many.median / one.median
    what = f"{SETS} waiting sets, server with 50 ms latency, MaxInFlight=8: sets a second"
    serial = serial_calls(place, Simulator(place, "--latency", "50ms"))
    note = ("A set that only waits for its turn to be scheduled holds no slot, so with `MaxInFlight=1` the next one is uploaded "
            f"meanwhile: a set then costs {1 + FILES} latencies and not {2 + FILES}, and no more than {1 + FILES}× is possible. "
            f"Both runs scheduled in the order of arrival; the row took {time.monotonic() - begin:.0f} s.")
    return [
        Result("inflight", what, many.text(), f"MaxInFlight=1: {one.text()}", f"{ratio:.2f}×",
               f"≥ 0.9 × {bound} = {0.9 * bound:.1f}×, same order", ratio >= 0.9 * bound, note=note),
        Result("inflight", what, many.text(), f"one call after another, two records between: {serial.text('{:.1f}')}",
               f"{many.median / serial.median:.2f} of the bound", "≥ 0.9 of the bound",
               many.median >= 0.9 * serial.median)]


ROWS = {"inflight": inflight}
