"""What nobody can be faster than who does the same: the calls of a step, one after another, with nothing in between."""

import base64
import fcntl
import http.client
import os
import shutil
import time
from urllib.parse import urlsplit

from rig import KEY, Sample

CALLS = 40  # of one connection
LOOKS = 20


def serial_calls(place, simulator):
    """Calls a second when one call follows another on one connection, with the two records between them made durable."""
    address = urlsplit(simulator.url)
    connection = http.client.HTTPConnection(address.hostname, address.port)
    journal = os.open(place.directory / "bound.jsonl", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    taken = []
    for number in range(CALLS):
        begin = time.monotonic()
        # A batch that is not there: every answer takes the same time, and nothing is scheduled.
        connection.request("POST", "/api/haplo-data-import-batch/schedule", f"batch=none-{number}", {
            "Authorization": "Basic " + base64.b64encode(f"haplo:{KEY}".encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded"})
        connection.getresponse().read()
        for _ in ("the answer", "the next intent"):
            os.write(journal, b"x" * 160)
            os.fdatasync(journal)
        taken.append(1 / (time.monotonic() - begin))
    connection.close()
    os.close(journal)
    return Sample(taken[1:])


def calls_before_request(place, sets):
    """Milliseconds of the file system's calls that must come before the first request, in one thread that does nothing else."""
    drop, work = place.directory / "bound-drop", place.directory / "bound-work"
    for path in (drop, work):
        path.mkdir()
    journal = os.open(place.directory / "bound-claims.jsonl", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    taken = []
    for path in sets:
        os.rename(path, drop / path.name)
        begin = time.monotonic()
        _judge(drop / path.name)
        os.write(journal, b"x" * 470)
        os.fdatasync(journal)
        own = work / path.name
        own.mkdir()
        os.rename(drop / path.name, own / "files")
        for changed in (own, work, drop):
            _sync(changed)
        for file in (own / "files").iterdir():
            _read(file)
        os.write(journal, b"x" * 1300)
        taken.append((time.monotonic() - begin) * 1000)
        shutil.rmtree(own)
    os.close(journal)
    return Sample(taken)


def _judge(folder):
    """Lists, reads the control file, asks who writes, lists again."""
    for name in sorted(os.listdir(folder)):
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        os.fstat(handle)
        if name == "control.json":
            os.read(handle, 1 << 20)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        os.close(handle)
    for entry in os.scandir(folder):
        entry.stat(follow_symlinks=False)


def _sync(directory):
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(handle)
    os.close(handle)


def _read(file):
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    while os.read(handle, 1 << 20):
        pass
    os.fdatasync(handle)
    os.close(handle)
