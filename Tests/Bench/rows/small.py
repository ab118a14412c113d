"""200 small sets: the daemon, the documentation's script, Python's requests, in turn."""

import subprocess
import sys
import time

from result import Result
from rig import (
    Daemon, Problem, Sample, Simulator, cpu_of_children, curl_script, daemon_without_syncs, peer, peer_environment,
    ratios)

SETS = 200
SCRIPT_SETS = 40  # of them, a round: the script takes each set by itself, so fewer tell the same


def by_script(place, url, sets):
    """Seconds and processor time for each set."""
    begin, before = time.monotonic(), cpu_of_children()
    for path in sets:
        curl_script(place, url, path)
    return (time.monotonic() - begin) / len(sets), (cpu_of_children() - before) / len(sets)


def by_requests(place, url, sets):
    begin, before = time.monotonic(), cpu_of_children()
    subprocess.run(
        [sys.executable, peer("upload_requests.py"), url, str(place.key), str(place.certificates.bundle)],
        input="\n".join(map(str, sets)), text=True, check=True, env=peer_environment(place))
    return (time.monotonic() - begin) / len(sets), (cpu_of_children() - before) / len(sets)


def by_daemon(daemon, sets):
    seconds, cpu = daemon.deliver(sets)
    return seconds / len(sets), cpu / len(sets)


def measure(place, tls, rounds):
    """Samples of the daemon, of one whose syncs do nothing, of the script and of requests, taken in turn."""
    simulator = Simulator(place, tls=tls)
    daemons = [Daemon(place, simulator.url), daemon_without_syncs(place, simulator.url)]
    ours, careless, script, python = [], [], [], []
    for daemon in daemons:
        by_daemon(daemon, place.sets(10))  # connections and caches are there in all rounds
    for _ in range(rounds):
        ours.append(by_daemon(daemons[0], place.sets(SETS)))
        script.append(by_script(place, simulator.url, place.sets(SCRIPT_SETS)))
        python.append(by_requests(place, simulator.url, place.sets(SETS)))
        careless.append(by_daemon(daemons[1], place.sets(SETS)))
    expected = 20 + rounds * (3 * SETS + SCRIPT_SETS)
    if len(simulator.lines("scheduled")) != expected:
        raise Problem(f"{len(simulator.lines('scheduled'))} sets were scheduled instead of {expected}")
    return ours, careless, script, python


def compare(row, what, ours, peers, name, target):
    """Rate and processor time of both sides; `target` has the wanted ratio of each, or None."""
    results = []
    rates = ([1 / pair[0] for pair in ours], [1 / pair[0] for pair in peers])
    ratio = ratios(*rates)
    results.append(Result(
        row, f"{what}: sets a second", Sample(rates[0]).text(), f"{name}: {Sample(rates[1]).text()}",
        ratio.text("{:.1f}", "×"), f"≥ {target[0]}×" if target[0] else "",
        ratio.median >= target[0] if target[0] else None))
    cpu = ([pair[1] * 1000 for pair in ours], [pair[1] * 1000 for pair in peers])
    share = ratios(cpu[1], cpu[0])
    results.append(Result(
        row, f"{what}: processor time a set", Sample(cpu[0]).text("{:.2f}", " ms"),
        f"{name}: {Sample(cpu[1]).text('{:.1f}', ' ms')}", "1/" + share.text("{:.0f}"),
        f"≤ 1/{target[1]}" if target[1] else "", share.median >= target[1] if target[1] else None))
    return results


def https(place, rounds):
    ours, _, script, python = measure(place, True, rounds)
    what = f"{SETS} small sets, HTTPS"
    against_script = compare("small-https", what, ours, script, "curl script", (20, 20))
    against_python = compare("small-https", what, ours, python, "Python requests", (None, None))
    return against_script + against_python[:1]


def http(place, rounds):
    ours, careless, script, python = measure(place, False, rounds)
    what = f"{SETS} small sets, plain HTTP"
    return (
        compare("small-http", what, ours, script, "curl script", (8, None))
        + compare("small-http", what, ours, python, "Python requests", (2, None))
        + compare("small-http", "the same with syncs that do nothing (a preloaded library)", careless, python,
                  "Python requests", (None, None))[:1])


ROWS = {"small-https": https, "small-http": http}
