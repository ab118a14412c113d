"""Makes quickly what takes a daemon months: an archive with many sets, and a journal and spool with many waiting."""

import json
import os
from pathlib import Path

from rig import control

DATA = b'[{"id": "1", "name": "Person"}]'
TAIL = "23456789abcdefghjkmnpqrstuvwxyz"  # at least in the alphabet of the sets' names


def _table():
    table = []
    for number in range(256):
        for _ in range(8):
            number = (number >> 1) ^ (0x82F63B78 if number & 1 else 0)
        table.append(number)
    return table


_CRC = _table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def journal_line(members):
    """A line as docs/journal-format.md says: members by name, the checksum last."""
    body = json.dumps(members, separators=(",", ":"), sort_keys=True)[:-1].encode()
    return body + b',"sum":"%08x"}\n' % crc32c(body)


def set_name(number, day="20260901"):
    tail, rest = "", number
    for _ in range(8):
        tail += TAIL[rest % len(TAIL)]
        rest //= len(TAIL)
    return f"{day}T{number // 3600 % 24:02d}{number // 60 % 60:02d}{number % 60:02d}Z-bench-{tail}"


def make_archive(home, count):
    """`count` archived sets, spread over days; their files are hard links to a few, which the daemon's start never opens."""
    archive, originals = home / "spool/archive/bench", home / "originals"
    originals.mkdir(parents=True)
    for number in range(count):
        if number % 10_000 == 0:
            group = originals / str(number)
            group.mkdir()
            (group / "control.json").write_bytes(control(1))
            (group / "data0.json").write_bytes(DATA)
            (group / "receipt.json").write_bytes(b"{}\n")
            day = archive / f"2026/{1 + number // 280_000:02d}/{1 + number // 10_000 % 28:02d}"
            day.mkdir(parents=True)
        folder = f"{day}/{set_name(number)}"
        os.mkdir(folder)
        os.mkdir(f"{folder}/files")
        os.link(f"{group}/receipt.json", f"{folder}/receipt.json")
        for name in ("control.json", "data0.json"):
            os.link(f"{group}/{name}", f"{folder}/files/{name}")


def identity(path):
    status = os.stat(path)
    return {"changed": status.st_ctime_ns, "device": status.st_dev, "inode": status.st_ino,
            "modified": status.st_mtime_ns, "size": status.st_size}


def make_waiting(home, count):
    """A spool with `count` claimed sets in work/, and the journal that says so."""
    work, state = home / "spool/work/bench", home / "state"
    drop = home / "spool/drop/bench"
    for path in (work, state, drop):
        path.mkdir(parents=True, exist_ok=True)
    lines = [journal_line({"base": 0, "format": 1, "instance": "k7w2x9q4"})]
    for number in range(count):
        name = set_name(number, "20260902")
        files = f"{work}/{name}/files"
        os.makedirs(files)
        for file, content in (("control.json", control(1)), ("data0.json", DATA)):
            Path(f"{files}/{file}").write_bytes(content)
        time = f"2026-09-02T00:00:00.{number % 1_000_000:06d}Z"
        claim = {"completed": time, "control": "control.json", "directory": str(drop), "form": "folder",
                 "items": [{"identity": identity(files), "name": f"export-{number}"}], "name": f"export-{number}"}
        for event in ({"claimBegun": {"claim": claim}}, {"claimed": {}}):
            lines.append(journal_line(
                {"event": event, "seq": len(lines), "set": name, "synced": len(lines) - 1, "time": time}))
    (state / "journal.jsonl").write_bytes(b"".join(lines))
