#!/usr/bin/env python3
"""Asks a daemon about an archive of many sets, and measures what that costs.

Usage: archive.py DIRECTORY-OF-THE-PROGRAMS   (by way of `make soak`)
Environment: ARCHIVED (100000) archived sets.

The archive is made of copies of one set that went through the daemon, over some 400 days and two sources. Exit status 0
only if every command answered rightly, each look-up took less than 0.2 s at the median, and the daemon never had
more than 64 MB.
"""

import collections
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import time

import soak

LARGEST = 64 << 20
SLOWEST = 0.2
DAYS = [(2025, month, day) for month in range(1, 13) for day in range(1, 29)]
LETTERS = "abcdefghjkmnpqrstvwxyz23456789"


class Archive(soak.Soak):
    def __init__(self, programs):
        super().__init__(programs)
        self.count = int(os.environ.get("ARCHIVED") or 100000)

    def fill(self):
        """Copies the one archived set's receipt until there are enough, and removes the set itself."""
        first = next(self.path("spool", "archive").glob("*/*/*/*/*/receipt.json"))
        model, text = first.parent.name, first.read_text()
        self.sets = []
        for number in range(self.count):
            year, month, day = DAYS[number % len(DAYS)]
            tail, rest = "", number
            for _ in range(4):
                tail, rest = LETTERS[rest % len(LETTERS)] + tail, rest // len(LETTERS)
            seconds = number // len(DAYS)
            stamp = f"{year}{month:02}{day:02}T{seconds // 3600:02}{seconds // 60 % 60:02}{seconds % 60:02}Z"
            source = soak.SOURCES[number % len(soak.SOURCES)]
            name = f"{stamp}-{source}-2222{tail}"
            folder = self.path("spool", "archive", source, f"{year}", f"{month:02}", f"{day:02}", name)
            folder.mkdir(parents=True)
            completed = f"{year}-{month:02}-{day:02}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}Z"
            changed = text.replace(model, name)
            changed = re.sub(r'("completed"\s*:\s*)"[^"]+"', rf'\1"{completed}"', changed)
            changed = re.sub(r'("source"\s*:\s*)"[^"]+"', rf'\1"{source}"', changed)
            (folder / "receipt.json").write_text(changed)
            self.sets.append(name)
        self.sets.sort()
        shutil.rmtree(first.parent)

    def timed(self, label, *arguments, statuses=(0,)):
        begin = time.monotonic()
        status, output, errors = self.command(*arguments, text=True)
        self.times[label].append(time.monotonic() - begin)
        if status not in statuses:
            self.problems.append(f"'{' '.join(arguments)}' ended with {status}: {errors[-300:]}")
        return output

    def memory(self):
        """The most that the daemon has had in memory since it started, in bytes."""
        status = self.path("/proc", str(self.daemon.pid), "status").read_text()
        return int(dict(line.split(":", 1) for line in status.splitlines())["VmHWM"].split()[0]) << 10

    def ask(self):
        self.times = collections.defaultdict(list)
        print(f"{self.count} archived sets, the daemon has had {self.memory() >> 20} MiB before the first question")
        chance = random.Random(1)
        for _ in range(3):
            listed = self.timed("list --all --json", "list", "--all", "--json").splitlines()
            names = [json.loads(line)["set"] for line in listed]
            if names != self.sets:
                self.problems.append(f"'list --all' has {len(names)} sets of {len(self.sets)}, or another order")
            if len(self.timed("list", "list", "--json").splitlines()) != 20:
                self.problems.append("'list' has not the last 20 sets")
        for name in chance.sample(self.sets, 20):
            if f"Set         {name}" not in self.timed("show SET", "show", name):
                self.problems.append(f"'show {name}' shows something else")
            self.timed("show PREFIX of a day", "show", name[:8], statuses=(0, 66))
            self.timed("retry PREFIX", "retry", name[:15], statuses=(0, 65, 66))
        for _ in range(5):
            self.timed("status", "status")
        self.timed("list --since", "list", "--json", "--since", "2025-12-01", "--limit", "50")
        self.timed("prune --dry-run", "prune", "--dry-run")
        for label, times in self.times.items():
            print(f"  {label:<22} {len(times):>3} times, median {statistics.median(times):.3f} s, most {max(times):.3f} s")
            if "PREFIX" in label or label in ("show SET", "status", "list"):
                if statistics.median(times) > SLOWEST:
                    self.problems.append(f"'{label}' takes {statistics.median(times):.2f} s, more than {SLOWEST} s")
        print(f"  the daemon had {self.memory() >> 20} MiB at most")
        if self.memory() > LARGEST:
            self.problems.append(f"the daemon had {self.memory() >> 20} MiB, more than {LARGEST >> 20}")

    def work(self):
        self.drop(0)
        archive = self.path("spool", "archive")
        self.wait_for(lambda: any(archive.glob("*/*/*/*/*/receipt.json")) and self.is_empty(), 60, "no set is archived")
        if not self.problems:
            self.fill()
            self.ask()
            self.prune()

    def prune(self):
        """Retention removes a part while the daemon runs."""
        share = min(2000, self.count // 2)
        receipt = next(self.path("spool", "archive").glob("*/*/*/*/*/receipt.json"))
        model = json.loads(receipt.read_text())
        size = sum(file["size"] for file in [model["control"]] + model["files"] + model.get("others", []))
        # The limit is one of a source: each keeps so many of its sets.
        keep = (self.count - share) // len(soak.SOURCES)
        path = self.path("conf")
        path.write_text(path.read_text().replace("QuietSec=0\n", f"QuietSec=0\nArchiveMaxSize={keep * size}\n"))
        begin = time.monotonic()
        status, output, errors = self.command("prune", text=True)
        left = sum(1 for _ in self.path("spool", "archive").glob("*/*/*/*/*/receipt.json"))
        print(f"  prune took {time.monotonic() - begin:.1f} s: {output.splitlines()[-1]}; {left} sets left, the daemon "
              f"had {self.memory() >> 20} MiB at most")
        if status != 0 or left != keep * len(soak.SOURCES):
            self.problems.append(f"'prune' ended with {status} and left {left} sets: {errors[-300:]}")
        if self.memory() > LARGEST:
            self.problems.append(f"the daemon had {self.memory() >> 20} MiB, more than {LARGEST >> 20}")

    def judge(self, _):
        pass


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: archive.py DIRECTORY-OF-THE-PROGRAMS")
    sys.exit(Archive(sys.argv[1]).run())
