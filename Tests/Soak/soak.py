#!/usr/bin/python3
"""Sends many sets through a real daemon and a simulated server while administration commands run beside it, and
compares the result with the server's record.

Usage: soak.py DIRECTORY-OF-THE-PROGRAMS
  SETS=20000   sets in all
  MINUTES=     no further set is dropped after so many minutes
Prints figures at the start, after each tenth, and at the end: sets, resident memory, descriptors and threads of the
daemon. Exit status 0 only if every dropped set was scheduled exactly once with its own bytes, every command ended
well, and memory, descriptors and threads do not grow. The directory of a failed run is kept and named.
"""

import collections
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

CONTROL = """{"dataImportControlFileVersion": 0, "model": "std:person",
 "files": {"data0": {"read": "json"}, "data1": {"read": "json"}},
 "instructions": [{"source": "first", "destination": "profile", "name": "first"}]}
"""
SOURCES = ["hr", "finance"]
# Sets that wait at a time: the daemon is to be busy, and the drop directories are not to be a backlog of everything.
WAITING = 200
# What may be more at the end than in the middle: the heap of a busy process is no straight line.
MORE_MEMORY = 24 << 20
MORE_DESCRIPTORS = 16
MORE_THREADS = 6


class Soak:
    def __init__(self, programs):
        self.programs = pathlib.Path(programs).resolve()
        self.sets = int(os.environ.get("SETS") or 20000)
        minutes = os.environ.get("MINUTES")
        self.deadline = time.monotonic() + float(minutes) * 60 if minutes else None
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="haplo-soak."))
        self.expected = {}
        self.problems = []
        self.commands = collections.Counter()
        self.samples = []
        self.stopping = threading.Event()
        self.processes = []

    def path(self, *parts):
        return self.root.joinpath(*parts)

    def start(self):
        for source in SOURCES:
            self.path("spool", "drop", source).mkdir(parents=True)
        for name in ["state", "run", "staging"]:
            self.path(name).mkdir()
        self.path("key").touch(mode=0o600)
        self.path("key").write_text(secrets.token_urlsafe(33))
        self.simulator = self.run_beside(
            "haplo-simulator", "--port", "0", "--port-file", self.path("port"), "--api-key-file", self.path("key"),
            "--record", self.path("record"), log="simulator.log")
        self.wait_for(lambda: self.path("port").exists() and self.path("port").read_text().strip(), 30,
                      "the simulator does not start")
        sections = "".join(f"[Source {source}]\nQuietSec=0\nMode=import\n" for source in SOURCES)
        self.path("conf").write_text(
            f"[Server]\nURL=http://127.0.0.1:{self.path('port').read_text().strip()}\nAPIKeyFile={self.path('key')}\n"
            f"[Daemon]\nSpoolDirectory={self.path('spool')}\nStateDirectory={self.path('state')}\n"
            f"RuntimeDirectory={self.path('run')}\n{sections}")
        self.daemon = self.run_beside("haplo-importd", "run", "--config", self.path("conf"), log="daemon.log")
        self.wait_for(lambda: self.command("status") == 0, 30, "the daemon does not start")
        self.commands.clear()

    def run_beside(self, program, *arguments, log):
        with open(self.path(log), "ab") as output:
            process = subprocess.Popen(
                [str(self.programs / program), *map(str, arguments)], stdout=output, stderr=output)
        self.processes.append(process)
        return process

    def wait_for(self, condition, seconds, problem):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.05)
        self.problems.append(problem)
        return False

    def command(self, *arguments, text=False):
        # 'verify' reads all files of all archived sets.
        result = subprocess.run(
            [str(self.programs / "haplo-importd"), *arguments, "--config", str(self.path("conf"))],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=1800, check=False)
        if text:
            return result.returncode, result.stdout.decode(errors="replace"), result.stderr.decode(errors="replace")
        return result.returncode

    def keep_asking(self):
        """Runs list, status, show and verify beside the daemon until the end."""
        turn = 0
        while not self.stopping.is_set():
            words = [["list", "--json"], ["status"], ["show"], ["status", "--json"], ["verify"]][turn % 5]
            turn += 1
            if words == ["show"]:
                _, lines, _ = self.command("list", "--json", text=True)
                newest = lines.strip().splitlines()[-1:]
                if not newest:
                    continue
                words = ["show", json.loads(newest[0])["set"]]
            status, output, errors = self.command(*words, text=True)
            self.commands[words[0]] += 1
            # A set that was just listed can be on its way to another folder when it is looked for.
            if status != 0 and not (words[0] == "show" and status == 66):
                self.problems.append(f"'{' '.join(words)}' ended with {status}: {(output[-300:] + errors[-300:]).strip()}")

    def drop(self, number):
        source = SOURCES[number % len(SOURCES)]
        staging = self.path("staging", f"set-{number:06}")
        staging.mkdir()
        digests = []
        for key in ["data0", "data1"]:
            text = f'[{{"first": "{source} {key}", "n": {number}}}]\n'
            (staging / f"{key}.json").write_text(text)
            digests.append(hashlib.sha256(text.encode()).hexdigest())
        (staging / "control.json").write_text(CONTROL)
        staging.rename(self.path("spool", "drop", source, staging.name))
        self.expected[tuple(digests)] = number

    def scheduled(self):
        """How many sets the server has scheduled, read on from where the last call ended."""
        with open(self.path("record"), "rb") as record:
            record.seek(self.record_place)
            text = record.read()
        # The end of the file can be in the middle of a line that is being written.
        whole = text[:text.rfind(b"\n") + 1]
        self.record_place += len(whole)
        for line in whole.splitlines():
            event = json.loads(line)
            if event["event"] == "file":
                self.files[event["batch"]][event["name"]] = event["digest"]
            elif event["event"] == "scheduled":
                files = self.files.pop(event["batch"], {})
                self.schedules[(files.get("data0"), files.get("data1"))] += 1
        return sum(self.schedules.values())

    def sample(self, label, done):
        status = self.path("/proc", str(self.daemon.pid), "status").read_text()
        values = dict(line.split(":", 1) for line in status.splitlines())
        sample = {
            "memory": int(values["VmRSS"].split()[0]) << 10,
            "threads": int(values["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{self.daemon.pid}/fd")),
        }
        self.samples.append(sample)
        print(
            f"{label:>7}  {done:>6} sets  {sample['memory'] >> 20:>4} MiB  {sample['descriptors']:>4} descriptors  "
            f"{sample['threads']:>3} threads", flush=True)

    def work(self):
        self.record_place, self.files = 0, collections.defaultdict(dict)
        self.schedules = collections.Counter()
        self.sample("start", 0)
        asker = threading.Thread(target=self.keep_asking)
        asker.start()
        begin, number, done, next_sample = time.monotonic(), 0, 0, 1
        last_progress = begin
        try:
            while done < number or number < self.sets:
                if self.deadline and time.monotonic() > self.deadline:
                    self.sets = number
                while number < self.sets and number - done < WAITING:
                    number += 1
                    self.drop(number)
                before, done = done, self.scheduled()
                if done > before:
                    last_progress = time.monotonic()
                if self.daemon.poll() is not None:
                    self.problems.append(f"the daemon ended with {self.daemon.returncode}")
                    return number
                if time.monotonic() - last_progress > 300:
                    self.problems.append("no set was scheduled for five minutes")
                    return number
                if done >= self.sets * next_sample // 10 and next_sample < 10:
                    self.sample("middle" if next_sample == 5 else "", done)
                    next_sample += 1
                time.sleep(0.02)
            self.wait_for(self.is_empty, 120, "work/ or a drop directory is not empty at the end")
        finally:
            self.stopping.set()
            asker.join()
        self.sample("end", done)
        print(f"{number / (time.monotonic() - begin):.0f} sets a second; commands: "
              + ", ".join(f"{count} {name}" for name, count in sorted(self.commands.items())))
        return number

    def is_empty(self):
        folders = [self.path("spool", "drop", source) for source in SOURCES]
        folders += [self.path("spool", "work", source) for source in SOURCES]
        return not any(any(folder.iterdir()) for folder in folders if folder.exists())

    def judge(self, number):
        lost = [self.expected[key] for key in self.expected if self.schedules[key] == 0]
        doubled = [key for key, count in self.schedules.items() if count > 1]
        foreign = [key for key in self.schedules if key not in self.expected]
        archived = sum(1 for _ in self.path("spool", "archive").glob("*/*/*/*/*/receipt.json"))
        print(f"sets {number}, schedules {sum(self.schedules.values())}, archived {archived}, lost {len(lost)}, "
              f"doubled {len(doubled)}")
        if lost:
            self.problems.append(f"lost: {lost[:10]}")
        if doubled or foreign:
            self.problems.append(f"{len(doubled)} sets were scheduled twice, {len(foreign)} that nobody dropped")
        if archived != number:
            self.problems.append(f"{archived} of {number} sets are in the archive")
        if len(self.samples) >= 3:
            middle, end = self.samples[len(self.samples) // 2], self.samples[-1]
            for name, more in [("memory", MORE_MEMORY), ("descriptors", MORE_DESCRIPTORS), ("threads", MORE_THREADS)]:
                if end[name] > middle[name] + more:
                    self.problems.append(f"{name} grow: {middle[name]} in the middle, {end[name]} at the end")

    def stop(self):
        for process in [getattr(self, "daemon", None), getattr(self, "simulator", None)]:
            if process is None or process.poll() is not None:
                continue
            process.send_signal(signal.SIGTERM)
            try:
                if process.wait(timeout=30) != 0 and process is self.daemon:
                    self.problems.append(f"the daemon ended with {process.returncode}")
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                self.problems.append(f"process {process.pid} did not end on SIGTERM")

    def run(self):
        try:
            self.start()
            if not self.problems:
                self.judge(self.work())
        finally:
            self.stop()
        for problem in dict.fromkeys(self.problems):
            print(f"broken: {problem}", file=sys.stderr)
        if self.problems:
            print(f"the directory of this run is kept: {self.root}", file=sys.stderr)
            return 1
        shutil.rmtree(self.root)
        return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: soak.py DIRECTORY-OF-THE-PROGRAMS")
    sys.exit(Soak(sys.argv[1]).run())
