"""From a folder's move into the drop directory to the first byte of the first request."""

import os
import subprocess
import sys
import time

from result import Result
from rig import Daemon, Problem, Sample, peer, peer_environment
from stopwatch import Stopwatch

MOVES = 20  # a round
PEER_MOVES = 6


def moves(stopwatch, sets, drop):
    """Moves one folder after another in, each when the one before is done; returns milliseconds."""
    taken = []
    for path in sets:
        begin = time.monotonic()
        os.rename(path, drop / path.name)
        first = stopwatch.first_after(begin)
        if first is None or not stopwatch.wait_for_schedule_after(begin):
            raise Problem(f"{path.name} was not sent")
        taken.append((first - begin) * 1000)
        time.sleep(0.02)  # until the archive move and the like are done
    return taken


def start_peer(place, command, drop):
    process = subprocess.Popen(command, env=peer_environment(place), start_new_session=True)
    place.started.append(process)
    time.sleep(1.0)  # neither says when it is ready
    return process


def latency(place, rounds):
    stopwatch = Stopwatch()
    daemon = Daemon(place, stopwatch.url)
    drops = {}
    for name in ("inotifywait", "watchdog"):
        drops[name] = place.directory / name
        drops[name].mkdir()
    shell = start_peer(
        place, ["bash", peer("watch.sh"), drops["inotifywait"], stopwatch.url, place.key], drops["inotifywait"])
    start_peer(
        place, [sys.executable, peer("watch.py"), stopwatch.url, place.key, place.certificates.bundle,
                drops["watchdog"]], drops["watchdog"])
    ours, peers = [], {name: [] for name in drops}
    moves(stopwatch, place.sets(3), daemon.drop)
    for _ in range(rounds):
        ours += moves(stopwatch, place.sets(MOVES), daemon.drop)
        for name, drop in drops.items():
            peers[name] += moves(stopwatch, place.sets(PEER_MOVES), drop)
    subprocess.run(["pkill", "-s", str(shell.pid)], check=False)
    return results(Sample(ours), {
        "inotifywait + script": Sample(peers["inotifywait"]), "Python watchdog + requests": Sample(peers["watchdog"])})


def results(ours, peers):
    what = "folder moved in → first byte of the first request"
    lines = [
        Result("latency", f"{what}, median", ours.text("{:.2f}", " ms"), target="< 2 ms", met=ours.median < 2),
        Result("latency", f"{what}, 99 of 100", f"{ours.at(0.99):.2f} ms", target="< 10 ms", met=ours.at(0.99) < 10)]
    for name, sample in peers.items():
        ratio = sample.median / ours.median
        lines.append(Result(
            "latency", what, f"{ours.median:.2f} ms", f"{name}: {sample.text('{:.1f}', ' ms')}", f"{ratio:.1f}×",
            "≥ 5×", ratio >= 5))
    return lines


ROWS = {"latency": latency}
