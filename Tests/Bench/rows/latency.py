"""From a folder's move into the drop directory to the first byte of the first request."""

import json
import os
import signal
import subprocess
import sys
import time
from typing import NamedTuple

from result import Result
from rig import HERE, Daemon, Problem, Sample, cpu_of, daemon_without_syncs, peer, peer_environment
from stopwatch import Stopwatch

MOVES = 20  # a round
PEER_MOVES = 6


PAUSE = 0.02  # until the archive move and the like are done, in seconds


def moves(stopwatch, sets, drop, pause=PAUSE):
    """Moves one folder after another in, each when the one before is done; returns milliseconds."""
    taken = []
    for path in sets:
        begin = time.time()
        os.rename(path, drop / path.name)
        first = stopwatch.first_after(begin)
        if first is None or not stopwatch.wait_for_schedule_after(begin):
            raise Problem(f"{path.name} was not sent")
        taken.append((first - begin) * 1000)
        time.sleep(pause)
    return taken


def processor_time(stopwatch, sets, daemon):
    """Milliseconds of processor time, of all threads together, until a set's first request has been sent."""
    taken = []
    for path in sets:
        stopwatch.answering.clear()
        before, begin = cpu_of(daemon.pid), time.time()
        os.rename(path, daemon.drop / path.name)
        if stopwatch.first_after(begin) is None:
            raise Problem(f"{path.name} was not sent")
        time.sleep(0.02)  # it waits for the answer then, and does nothing
        taken.append((cpu_of(daemon.pid) - before) * 1000)
        stopwatch.answering.set()
        stopwatch.wait_for_schedule_after(begin)
        time.sleep(PAUSE)
    return Sample(taken)


def start_peer(place, command, drop):
    process = subprocess.Popen(command, env=peer_environment(place), start_new_session=True)
    place.started.append(process)
    time.sleep(1.0)  # neither says when it is ready
    return process


def latency(place, rounds):
    stopwatch = Stopwatch()
    daemon = Daemon(place, stopwatch.url)
    bare = place.directory / "bare"
    subprocess.run(["clang", "-O2", "-o", bare, HERE / "bare.c", "-lcrypto"], check=True)
    careless = daemon_without_syncs(place, stopwatch.url)
    drops = {}
    for name in ("inotifywait", "watchdog", "bare-drop", "bare-work"):
        drops[name] = place.directory / name
        drops[name].mkdir()
    start_peer(
        place, [bare, drops["bare-drop"], drops.pop("bare-work"), place.directory / "bare.jsonl",
                stopwatch.url.rsplit(":", 1)[1]], drops["bare-drop"])
    shell = start_peer(
        place, ["bash", peer("watch.sh"), drops["inotifywait"], stopwatch.url, place.key], drops["inotifywait"])
    start_peer(
        place, [sys.executable, peer("watch.py"), stopwatch.url, place.key, place.certificates.bundle,
                drops["watchdog"]], drops["watchdog"])
    bound_drop = drops.pop("bare-drop")
    ours, warm, unsynced, bound, warm_bound, peers = [], [], [], [], [], {name: [] for name in drops}
    for drop in (daemon.drop, careless.drop, bound_drop):
        moves(stopwatch, place.sets(3), drop)
    for _ in range(rounds):
        ours += moves(stopwatch, place.sets(MOVES), daemon.drop)
        warm += moves(stopwatch, place.sets(MOVES), daemon.drop, pause=0.001)
        time.sleep(PAUSE)
        unsynced += moves(stopwatch, place.sets(MOVES), careless.drop)
        bound += moves(stopwatch, place.sets(MOVES), bound_drop)
        warm_bound += moves(stopwatch, place.sets(MOVES), bound_drop, pause=0.001)
        time.sleep(PAUSE)
        for name, drop in drops.items():
            peers[name] += moves(stopwatch, place.sets(PEER_MOVES), drop)
    os.killpg(shell.pid, signal.SIGTERM)  # inotifywait would outlive the shell that started it
    named = {"inotifywait + script": peers["inotifywait"], "systemd path unit + script, in a guest": path_unit(),
             "Python watchdog + requests": peers["watchdog"]}
    busy = processor_time(stopwatch, place.sets(MOVES), daemon)
    parts = Parts(Sample(warm), Sample(unsynced), busy, Sample(bound), Sample(warm_bound), sync_time(place))
    return results(Sample(ours), parts, {name: Sample(taken) for name, taken in named.items() if taken}) + (
        [] if named["systemd path unit + script, in a guest"] else [Result(
            "latency", "systemd path unit + script", "–", "no guest can be had here: that takes root and namespaces")])


def path_unit():
    """Milliseconds in a guest with a real systemd; nothing where there can be none."""
    run = subprocess.run(
        ["bash", peer("path-unit.sh"), str(2 * PEER_MOVES)], capture_output=True, text=True, check=False, timeout=180)
    return json.loads(run.stdout) if run.returncode == 0 else []


def sync_time(place):
    """Milliseconds that making a rename durable takes here, as the daemon must before it may schedule."""
    directory, taken = place.directory / "syncs", []
    directory.mkdir()
    handle = os.open(directory, os.O_RDONLY)
    for number in range(20):
        (place.directory / "renamed").write_bytes(b"x")
        os.rename(place.directory / "renamed", directory / f"renamed-{number}")
        begin = time.monotonic()
        os.fsync(handle)
        taken.append((time.monotonic() - begin) * 1000)
    os.close(handle)
    return Sample(taken)


class Parts(NamedTuple):
    """What the time to the first request consists of; all samples in milliseconds."""

    warm: Sample
    unsynced: Sample
    busy: Sample
    bound: Sample
    warm_bound: Sample
    sync: Sample


def results(ours, parts, peers):
    what = "folder moved in → first byte of the first request"
    lines = [
        Result("latency", f"{what}, median", ours.text("{:.2f}", " ms"), target="< 5 ms", met=ours.median < 5,
               note=f"In the same run one sync of a directory after a rename took {parts.sync.text('{:.2f}', ' ms')}."),
        Result("latency", f"{what}, 99 of 100", f"{ours.at(0.99):.2f} ms", target="< 10 ms", met=ours.at(0.99) < 10),
        Result("latency", f"the same 1 ms after the set before was scheduled, not {PAUSE * 1000:.0f} ms: the processor's caches are warm",
               parts.warm.text("{:.2f}", " ms")),
        Result("latency", "the same without the syncs before it (a preloaded library makes them do nothing)",
               parts.unsynced.text("{:.2f}", " ms")),
        Result("latency", "processor time of the daemon for it, all threads together", parts.busy.text("{:.2f}", " ms")),
        Result("latency", "the calls that must come before it, by one thread of a program in C that checks and decides nothing",
               parts.bound.text("{:.2f}", " ms")),
        Result("latency", "the same program with warm caches", parts.warm_bound.text("{:.2f}", " ms"))]
    for name, sample in peers.items():
        ratio = sample.median / ours.median
        lines.append(Result(
            "latency", what, f"{ours.median:.2f} ms", f"{name}: {sample.text('{:.1f}', ' ms')}", f"{ratio:.1f}×",
            "≥ 5×", ratio >= 5))
    return lines


ROWS = {"latency": latency}
