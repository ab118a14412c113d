"""A place to measure in: a simulated server, a daemon, export sets, and clocks for what each process uses."""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
KEY = "a-key-for-nothing-but-benchmarks-0123456789abcde"


class Problem(Exception):
    """Something that makes a measurement worthless."""


def wait_for(what, is_true, limit=60.0, pause=0.002):
    """Polls until `is_true()` is neither false nor None, and returns what it is."""
    end = time.monotonic() + limit
    while True:
        value = is_true()
        if value:
            return value
        if time.monotonic() > end:
            raise Problem(f"waited {limit:.0f} s in vain for {what}")
        time.sleep(pause)


def cpu_of(pid):
    """Seconds of processor time that a running process has used, to the nanosecond."""
    return time.clock_gettime((~pid << 3) | 2)


def cpu_of_children():
    """The same of all children that were waited for, theirs included."""
    usage = os.times()
    return usage.children_user + usage.children_system


def memory(pid, field):
    """A line of /proc/PID/smaps_rollup (Pss) or status (VmHWM), in MB."""
    name = "smaps_rollup" if field == "Pss" else "status"
    for line in Path(f"/proc/{pid}/{name}").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise Problem(f"no {field} of process {pid}")


class Sample:
    """Figures of the same thing from several rounds."""

    def __init__(self, values):
        self.values = sorted(values)

    @property
    def median(self):
        return statistics.median(self.values)

    def at(self, share):
        """The value below which this share of all lies."""
        return self.values[min(len(self.values) - 1, int(share * len(self.values)))]

    def text(self, form="{:.3g}", unit=""):
        low, high = self.values[0], self.values[-1]
        if len(self.values) == 1:
            return form.format(self.median) + unit
        return f"{form.format(self.median)}{unit} ({form.format(low)}–{form.format(high)})"


def ratios(ours, peers):
    """The ratios of two sides that were measured in turn."""
    return Sample([a / b for a, b in zip(ours, peers)])


class Certificates:
    """An authority of our own, appended to Debian's bundle, and a server's certificate from it."""

    def __init__(self, directory):
        self.bundle, self.certificate, self.key = (directory / name for name in ("bundle.pem", "cert.pem", "key.pem"))
        authority, authority_key, request = (directory / name for name in ("ca.pem", "ca.key", "request.pem"))

        def openssl(*words):
            subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", "/CN=bench authority",
                "-keyout", authority_key, "-out", authority)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", self.key, "-out", request)
        extensions = directory / "extensions"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial",
                "-days", 2, "-extfile", extensions, "-out", self.certificate)
        self.bundle.write_bytes(BUNDLE.read_bytes() + authority.read_bytes())


class Simulator:
    """A running haplo-simulator."""

    def __init__(self, place, *arguments, tls=False):
        self.record = place.directory / f"record-{place.number()}.jsonl"
        port_file = place.directory / f"port-{place.number()}"
        if tls:
            arguments += ("--tls-certificate", place.certificates.certificate, "--tls-key", place.certificates.key)
        self.process = subprocess.Popen(
            [place.programs / "haplo-simulator", "--port", "0", "--port-file", port_file,
             "--api-key-file", place.key, "--record", self.record, "--list-delay", "0ms", *map(str, arguments)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        place.started.append(self.process)
        port = wait_for("the simulator", lambda: port_file.exists() and port_file.read_text().strip())
        self.url = f"{'https' if tls else 'http'}://localhost:{port}"

    def lines(self, event):
        """What it has recorded of one kind of event."""
        return [line for line in map(json.loads, self.record.read_text().splitlines()) if line["event"] == event]


def configure(place, home, url, sources, server="", source=""):
    """Writes a configuration whose directories are below `home`, with further lines for the server and each source."""
    sections = "".join(f"[Source {name}]\nQuietSec=0\nMode=import\n{source}\n" for name in sources)
    path = home / "conf"
    path.write_text(
        f"[Server]\nURL={url}\nAPIKeyFile={place.key}\nCAFile={place.certificates.bundle}\n{server}\n"
        f"[Daemon]\nSpoolDirectory={home}/spool\nStateDirectory={home}/state\n"
        f"RuntimeDirectory={home}/run\nMinFreeSpace=1M\n{sections}")
    return path


class Daemon:
    """A running haplo-importd; its log is read all the while."""

    def __init__(self, place, url, sources=("bench",), server="", source="", ready=60.0, prefix=(),
                 home=None):
        self.home = home or place.directory / f"daemon-{place.number()}"
        self.drops = {name: self.home / "spool/drop" / name for name in sources}
        for path in [*self.drops.values(), self.home / "state", self.home / "run", self.home / "out"]:
            path.mkdir(parents=True, exist_ok=True)
        self.drop = self.drops[sources[0]]
        self.configuration = configure(place, self.home, url, sources, server, source)
        self.archived = []  # when each set was archived, by the monotonic clock
        self.log = []
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify = self.home / "notify"
        notify.unlink(missing_ok=True)
        self.notified.bind(str(notify))
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [*prefix, place.programs / "haplo-importd", "run", "--config", self.configuration],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "NOTIFY_SOCKET": str(notify)})
        place.started.append(self.process)
        self.pid = self.process.pid
        threading.Thread(target=self._read, daemon=True).start()
        self._wait_until_ready(ready)

    def _wait_until_ready(self, limit):
        self.notified.settimeout(limit)
        while b"READY=1" not in self._receive():
            pass
        self.ready_after = time.monotonic() - self.begun
        self.notified.settimeout(None)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        """Takes what a service manager would."""
        with contextlib.suppress(OSError):
            while self.notified.recv(65536):
                pass

    def _receive(self):
        try:
            return self.notified.recv(65536)
        except TimeoutError as error:
            raise Problem("the daemon is not ready: " + " ".join(self.log[-3:])) from error

    def _read(self):
        for line in self.process.stderr:
            if b"state=archived" in line:
                self.archived.append(time.monotonic())
            else:
                self.log = self.log[-200:] + [line.decode(errors="replace").strip()]

    def drop_in(self, sets):
        """Moves folders into the drop directory, one after another; returns when the first was."""
        begin = time.monotonic()
        for path in sets:
            os.rename(path, self.drop / path.name)
        return begin

    def deliver(self, sets, limit=300.0):
        """Moves folders in and waits until all are archived; returns the seconds and the processor time taken."""
        count = len(self.archived) + len(sets)
        before = cpu_of(self.pid)
        begin = self.drop_in(sets)
        wait_for(f"{len(sets)} sets to be archived", lambda: len(self.archived) >= count, limit)
        return self.archived[count - 1] - begin, cpu_of(self.pid) - before

    def stop(self):
        end(self.process)
        self.notified.shutdown(socket.SHUT_RD)
        self.notified.close()


def daemon_without_syncs(place, url):
    """A daemon whose syncs do nothing, to measure what they cost."""
    shim = place.directory / "no_sync.so"
    subprocess.run(["clang", "-shared", "-fPIC", "-o", shim, HERE / "no_sync.c"], check=True)
    return Daemon(place, url, prefix=["env", f"LD_PRELOAD={shim}"])


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Place:
    """A directory for one row, and what was started for it."""

    def __init__(self, programs, base, packages=None):
        self.programs, self.packages = Path(programs), packages
        base.mkdir(parents=True, exist_ok=True)
        self.directory = Path(tempfile.mkdtemp(prefix="row-", dir=base))
        self.key = self.directory / "key"
        self.key.write_text(KEY + "\n")
        self.key.chmod(0o600)
        self.certificates = Certificates(self.directory)
        self.started = []
        self._number = 0
        self._random = random.Random(6)

    def number(self):
        self._number += 1
        return self._number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            end(process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def home(self, sets):
        """Makes the directories of a daemon that never ran, with so many sets in its drop directory."""
        home = self.directory / f"once-{self.number()}"
        drop = home / "spool/drop/bench"
        for path in (drop, home / "state", home / "run"):
            path.mkdir(parents=True)
        for path in self.sets(sets):
            path.rename(drop / path.name)
        return home

    def sets(self, count, sizes=(10_000, 10_000, 10_000)):
        """Makes sets beside the drop directory: a control file and data files of these sizes, no two alike."""
        staging = self.directory / f"sets-{self.number()}"
        staging.mkdir()
        made = []
        for number in range(count):
            path = staging / f"set-{self.number():06d}"
            path.mkdir()
            for key, size in enumerate(sizes):
                (path / f"data{key}.json").write_bytes(self.json(size))
            (path / "control.json").write_bytes(control(len(sizes)))
            made.append(path)
        subprocess.run(["sync", "-f", staging], check=True)
        return made

    def json(self, size):
        """A list of records as a person's export has them, about `size` bytes of JSON; a large one repeats itself."""
        if size > 2_000_000:
            block = self.json(1_000_000)
            return block[:-1] + (b",\n" + block[1:-1]) * (size // len(block) - 1) + b"]"
        records, length = [], 2
        while length < size - 140:
            number = self._random.randrange(10**9)
            record = '{"id": "%09d", "name": "Person %d", "email": "p%d@example.ac.uk", "unit": "%x"}' % (
                number, number, number, number * 7919)
            records.append(record)
            length += len(record) + 2
        return ("[" + ",\n".join(records) + "]").encode()


def control(files):
    """A control file that names data0, data1, …; the same bytes for the same count."""
    return json.dumps({
        "dataImportControlFileVersion": 0, "model": "std:person",
        "files": {f"data{key}": {"read": "json"} for key in range(files)},
        "instructions": [{"source": "name", "destination": "profile", "name": "first"}],
    }, indent=1).encode()


def peer(name):
    return str(HERE / "peers" / name)


def curl_script(place, url, path):
    """Sends one set by the documentation's script."""
    subprocess.run(
        ["bash", peer("upload.sh"), url, str(place.key), str(path)], check=True, stdout=subprocess.DEVNULL,
        env=peer_environment(place))


def peer_environment(place):
    """What makes curl and Python's requests trust the server's certificate; both prefer it to what they are told."""
    bundle = str(place.certificates.bundle)
    return {**os.environ, "CURL_CA_BUNDLE": bundle, "REQUESTS_CA_BUNDLE": bundle}


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def say(text):
    print(text, file=sys.stderr, flush=True)
