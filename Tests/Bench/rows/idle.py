"""Three sources, and nothing happens for a minute."""

import os
import subprocess
import sys
import time

from result import Result
from rig import Daemon, Simulator, memory, peer, peer_environment
from strace_counts import Trace

SECONDS = 60
SOURCES = ("one", "two", "three")


def tree(pid):
    """A process and its children."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    return [pid] + [one for child in children for one in tree(int(child))]


def pss(pid):
    return sum(memory(one, "Pss") for one in tree(pid))


def idle(place, _):
    simulator = Simulator(place)
    still = Daemon(place, simulator.url, sources=SOURCES, source="RescanSec=infinity")
    usual = Daemon(place, simulator.url, sources=SOURCES)
    drops = [place.directory / name for name in SOURCES]
    for drop in drops:
        drop.mkdir()
    environment = peer_environment(place)
    shell = subprocess.Popen(
        ["bash", "-c", 'inotifywait -mq -e moved_to --format "%w%f" "$@" | while read -r f; do echo "$f"; done', "-",
         *drops], env=environment)
    watchdog = subprocess.Popen(
        [sys.executable, peer("watch.py"), simulator.url, place.key, place.certificates.bundle, *drops],
        env=environment)
    place.started += [shell, watchdog]
    time.sleep(6)  # all have begun, the first scans are over, and the test whether events arrive, which may take 5 s
    inotifywait = tree(shell.pid)[1]
    place.started.append(_Child(inotifywait))
    pids = {"still": still.pid, "usual": usual.pid, "inotifywait": inotifywait, "watchdog": watchdog.pid}
    traces = {name: Trace(place, pid) for name, pid in pids.items()}
    time.sleep(SECONDS)
    made = {name: trace.finish() for name, trace in traces.items()}
    calls = {name: len(all_of_it) for name, all_of_it in made.items()}
    sizes = {"still": pss(still.pid), "inotifywait": pss(shell.pid), "watchdog": pss(watchdog.pid)}
    return [
        Result("idle", f"idle for {SECONDS} s, three sources: system calls (RescanSec=infinity)", str(calls["still"]),
               f"inotifywait loop: {calls['inotifywait']}; Python watchdog: {calls['watchdog']}", target="0",
               met=calls["still"] == 0,
               note="Seen: " + "; ".join(f"{name}({rest}" for name, rest in made["still"]) if made["still"] else ""),
        Result("idle", "the same with the default rescan of three directories every 60 s", str(calls["usual"])),
        Result("idle", "idle: proportional set size", f"{sizes['still']:.1f} MB",
               f"inotifywait loop: {sizes['inotifywait']:.1f} MB; Python watchdog: {sizes['watchdog']:.1f} MB",
               target="< 16 MB", met=sizes["still"] < 16),
    ]


class _Child:
    """A grandchild, which ends like any other process that was started."""

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        return None

    def send_signal(self, number):
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            pass

    def wait(self, _=None):
        return 0


ROWS = {"idle": idle}
