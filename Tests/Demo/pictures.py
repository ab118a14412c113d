"""Makes the pictures of docs/ from the screens of the real programs: status.svg and demo.svg.

Usage: pictures.py DIRECTORY-OF-THE-PROGRAMS DIRECTORY-FOR-THE-PICTURES. It needs jq. Two runs make the same bytes: set ids,
times, the daemon's process, addresses and directories are replaced by those of the examples in README.md.
"""

import fcntl
import os
import pathlib
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import screen

COLUMNS = 100
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "etc/examples"
KEYS = {"key": "a-key-for-the-pictures-only", "outcome-key": "another-key-for-the-pictures"}


class Stage:
    """A simulated server, a daemon and a spool in a temporary directory."""

    def __init__(self, programs, sources, *faults):
        self.here = pathlib.Path(tempfile.mkdtemp(prefix="haplo-pictures."))
        self.daemon_program = str(pathlib.Path(programs) / "haplo-importd")
        self.set_ids = []
        for name, key in KEYS.items():
            (self.here / name).write_text(key + "\n")
            (self.here / name).chmod(0o600)
        options = [option for fault in faults for option in ("--fault", fault)]
        self.simulator = subprocess.Popen(
            [pathlib.Path(programs) / "haplo-simulator", "--port", "0", "--port-file", self.here / "port"]
            + ["--api-key-file", self.here / "key", "--outcome-key-file", self.here / "outcome-key"]
            + ["--record", self.here / "record"] + options,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait("the simulator", lambda: self.read("port"))
        self.url = "http://127.0.0.1:" + self.read("port").strip()
        (self.here / "haplo-importd.conf").write_text(
            f"[Server]\nURL={self.url}\nAPIKeyFile={self.here}/key\nOutcomeKeyFile={self.here}/outcome-key\n"
            f"[Daemon]\nSpoolDirectory={self.here}/spool\nStateDirectory={self.here}/state\n"
            f"RuntimeDirectory={self.here}/run\nMinFreeSpace=1M\n{sources}")
        self.daemon = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.daemon, self.simulator):
            process.kill()
            process.wait()
        shutil.rmtree(self.here)

    def read(self, name):
        path = self.here / name
        return path.read_text() if path.exists() else ""

    def wait(self, what, condition):
        deadline = time.monotonic() + 60
        while not condition():
            if time.monotonic() > deadline:
                sys.exit(f"waited in vain for {what}\n{self.read('daemon.log')}")
            time.sleep(0.05)

    def start(self):
        """Starts the daemon and waits until it has scanned its drop directories."""
        starts = self.read("daemon.log").count("has started")
        with open(self.here / "daemon.log", "a") as log:
            self.daemon = subprocess.Popen(
                [self.daemon_program, "run", "--config", self.here / "haplo-importd.conf"], stderr=log)
        self.wait("the daemon", lambda: self.read("daemon.log").count("has started") > starts)

    def kill(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()

    def drop(self, source, sample, name, change=lambda folder: None):
        """Copies a sample set, changes it, and moves it into the drop directory."""
        folder = self.here / "exported"
        shutil.copytree(EXAMPLES / sample, folder)
        change(folder)
        folder.rename(self.here / "spool/drop" / source / name)

    def logged(self, *words):
        """Waits until a line of the daemon's log has all these words."""
        self.wait(
            " ".join(words),
            lambda: any(all(word in line for word in words) for line in self.read("daemon.log").splitlines()))

    def command(self, *arguments, columns=COLUMNS):
        """The lines that a command of haplo-importd shows on a terminal."""
        configuration = ["--config", str(self.here / "haplo-importd.conf")]
        return self.on_terminal([self.daemon_program, *arguments, *configuration], columns)

    def on_terminal(self, command, columns=COLUMNS):
        process, terminal = pty.fork()
        if process == 0:
            # The child waits for its window size before it prints.
            os.read(0, 1)
            os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", TZ="UTC")
            os.environ.pop("NO_COLOR", None)
            os.execvp(command[0], command)
        settings = termios.tcgetattr(terminal)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSANOW, settings)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        os.write(terminal, b"\n")
        output = b""
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            output += piece
        if os.waitpid(process, 0)[1] != 0:
            sys.exit(f"{command} failed:\n{output.decode()}")
        return self.masked(output.decode().replace("\r\n", "\n").rstrip("\n")).split("\n")

    def masked(self, text):
        """The text without its differences from run to run."""
        text = text.replace(f"{self.here}/spool", "/var/spool/haplo-importd").replace(
            f"{self.here}/haplo-importd.conf", "/etc/haplo-importd/haplo-importd.conf.d/50-hr.conf")
        text = text.replace(self.url, "https://research.example.ac.uk").replace(f"process {self.daemon.pid}", "process 708")
        text = re.sub(r"\d{8}T\d{6}Z-(\w+)-[a-z0-9]{8}", self.example_id, text)
        text = re.sub(r"\d{4}-\d\d-\d\d([ T])\d\d:\d\d:\d\d(\.\d+)?", r"2026-11-24\g<1>07:05:14", text)
        return re.sub(r"archive/(\w+)/\d{4}/\d\d/\d\d/", r"archive/\1/2026/11/24/", re.sub(r"\d+ s ago", "3 s ago", text))

    def example_id(self, match):
        """An id of the same length: the set's number in the order of mention decides."""
        if match.group() not in self.set_ids:
            self.set_ids.append(match.group())
        number = self.set_ids.index(match.group())
        return f"20261124T07051{2 + number}Z-{match.group(1)}-{['7f3k2m9q', 'c4hn8x2d', 'p9w3vb6t'][number]}"


def prompt(command):
    """A line that was typed; the continuation of one begins with blanks."""
    return f"\x1b[1m{'' if command.startswith(' ') else '$ '}{command}\x1b[0m"


def status(programs):
    """Three sources: one in order, one with a rejected set, one with a set that a guard holds."""
    sources = (
        "[Source hr]\nMode=import\nQuietSec=0\n[Source finance]\nMode=import\nQuietSec=0\n"
        "[Source students]\nMode=import\nRecordKey.students=studentNumber\nChangeLimit=30%\nQuietSec=0\n")

    def cut_off(folder):
        data = (folder / "awards.xml").read_bytes()
        (folder / "awards.xml").write_bytes(data[: len(data) // 2])

    def halve(folder):
        (folder / "SHA256SUMS").unlink()
        lines = (folder / "students.tsv").read_text().split("\n")
        (folder / "students.tsv").write_text("\n".join(lines[:91]))

    with Stage(programs, sources) as stage:
        stage.drop("hr", "hr/staff-2026-11-23", "staff-2026-11-23")
        stage.drop("students", "students/pgr-2026-autumn", "pgr-2026-autumn")
        stage.logged("source=hr", "outcome=imported")
        stage.logged("source=students", "outcome=imported")
        stage.drop("students", "students/pgr-2026-autumn", "pgr-2026-autumn-2", halve)
        stage.logged("source=students", "state=held")
        stage.drop("finance", "finance", "awards-2026-11-24", cut_off)
        stage.logged("source=finance", "state=rejected")
        stage.drop("hr", "hr/leavers-2026-11-23", "leavers-2026-11-24", lambda folder: (folder / "leavers.xml").unlink())
        stage.wait("the incomplete set", lambda: any("incoming" in line for line in stage.command("status")))
        return [prompt("haplo-importd status"), *stage.command("status")]


def demo(programs):
    """A set is dropped, the daemon is killed while the server schedules it, and there is one job and one receipt."""
    with Stage(programs, "[Source hr]\nMode=import\n", "schedule:stall:nth=1:for=10min:at=end") as stage:
        shutil.copytree(EXAMPLES / "hr/staff-2026-11-23", stage.here / "spool/drop/hr/staff-2026-11-23")
        stage.wait("the schedule call", lambda: '"event":"scheduled"' in stage.read("record"))
        stage.kill()
        stage.start()
        stage.logged("source=hr", "outcome=imported")
        listed = stage.command("list", columns=120)
        receipt = next(stage.here.glob("spool/archive/hr/*/*/*/*/receipt.json"))
        query = "{result, attempts, files: [.files[] | {file, records, sha256, sha256Server}]}"
        shown = stage.on_terminal(["jq", "--monochrome-output", query, str(receipt)])
        jobs = stage.read("record").count('"event":"scheduled"')
        if jobs != 1:
            sys.exit(f"{jobs} jobs instead of one")
        return [
            prompt("cp -r staff-2026-11-23 /var/spool/haplo-importd/drop/hr/"),
            prompt("pkill -9 haplo-importd   # the server has scheduled the set; its answer has not arrived"),
            prompt("systemctl start haplo-importd"),
            prompt("haplo-importd list"),
            *listed,
            prompt(f"jq '{query}' \\"),
            prompt("    " + stage.masked(str(receipt))),
            *shown,
        ]


def main():
    programs, target = sys.argv[1], pathlib.Path(sys.argv[2])
    titles = {
        status: "haplo-importd status: a running daemon, a server that accepts, and three sources, of which two need a decision",
        demo: "A dropped set, a daemon killed while the server schedules it, and after its restart one job, imported, with a receipt",
    }
    for scene, title in titles.items():
        lines = scene(programs)
        (target / f"{scene.__name__}.svg").write_text(screen.picture(title, lines))
        print(f"wrote {target}/{scene.__name__}.svg, {len(lines)} lines")


if __name__ == "__main__":
    main()
