"""Examining 16 MB of data: the daemon's check, and what Python does with the same file."""

import random
import subprocess
import sys
import time

from result import Result
from rig import Sample, control, ratios

SIZE = (16 << 20) - 4096  # the server's readers take no more than 16 MiB
READERS = {"json": "json", "xml": "xml-text-of-children", "tsv": "tsv-with-name-row"}
PYTHON = {
    "json": "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))",
    "xml": "import sys; from xml.parsers import expat; expat.ParserCreate().ParseFile(open(sys.argv[1], 'rb'))",
    "tsv": "import csv, sys\nfor row in csv.reader(open(sys.argv[1], encoding='utf-8', newline=''), delimiter='\\t'): pass",
}
TARGETS = {"json": 3, "xml": 1, "tsv": 3}


def people(make, head, tail, separator):
    """Records until the file is full, the same in every run."""
    source, parts, length = random.Random(16), [], 0
    while length < SIZE - 300:
        number = source.randrange(10**9)
        parts.append(make(number, f"Zoë Person {number % 9973}", f"p{number}@example.ac.uk", f"{number * 7919:x}"))
        length += len(parts[-1].encode()) + len(separator)
    return (head + separator.join(parts) + tail).encode()


def contents():
    return {
        "json": people(
            lambda id, name, mail, unit: f'{{"id": "{id:09d}", "name": "{name}", "email": "{mail}", "unit": "{unit}", '
            f'"active": true, "fte": 0.{id % 10}}}', "[", "]", ",\n"),
        "xml": people(
            lambda id, name, mail, unit: f"<person><id>{id:09d}</id><name>{name}</name><email>{mail}</email>"
            f"<unit>{unit}</unit></person>", '<?xml version="1.0" encoding="UTF-8"?>\n<people>', "</people>\n", "\n"),
        "tsv": people(
            lambda id, name, mail, unit: f"{id:09d}\t{name}\t{mail}\t{unit}", "id\tname\temail\tunit\n", "", "\n"),
    }


def timed(command):
    begin = time.monotonic()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def check(place, rounds):
    results = []
    for kind, content in contents().items():
        folder = place.directory / kind
        folder.mkdir()
        file = folder / f"data0.{kind}"
        file.write_bytes(content)
        (folder / "control.json").write_bytes(control(1).replace(b'"read": "json"', f'"read": "{READERS[kind]}"'.encode()))
        ours, python = [], []
        for _ in range(rounds):
            ours.append(timed([place.programs / "haplo-importd", "check", folder]))
            python.append(timed([sys.executable, "-c", PYTHON[kind], file]))
        ratio = ratios(python, ours)
        name = {"json": "json", "xml": "expat", "tsv": "csv"}[kind]
        results.append(Result(
            "check", f"check of {len(content) / 1e6:.1f} MB of {kind.upper()}",
            Sample([one * 1000 for one in ours]).text("{:.0f}", " ms"),
            f"Python {name}: " + Sample([one * 1000 for one in python]).text("{:.0f}", " ms"),
            ratio.text("{:.1f}", "×"), f"≥ {TARGETS[kind]}×", ratio.median >= TARGETS[kind]))
    return results


ROWS = {"check": check}
