"""Records: what record keys cost a check, and comparing two sets of a million records."""

import json
import random
import subprocess
import sys

from result import Result
from rig import Sample, control, ratios
from rows.check import contents

COUNT = 1_000_000
MOST_SECONDS, MOST_BYTES = 10, 200_000_000
PYTHON = """
import json, sys
def read(path):
    return {r["id"]: r for r in json.load(open(path, encoding="utf-8"))}
old, new = read(sys.argv[1]), read(sys.argv[2])
print(len(new.keys() - old.keys()), len(old.keys() - new.keys()), sum(old[k] != new[k] for k in old.keys() & new.keys()))
"""
# A small process starts the command: the kernel counts the parent's peak memory as the command's own, and this program holds whole files.
MEASURE = """
import json, resource, subprocess, sys, time
begin = time.monotonic()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
seconds, usage = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024]))
sys.exit(status)
"""


def measured(command):
    """Seconds, seconds of processor time, and the most bytes that were resident."""
    run = subprocess.run([sys.executable, "-c", MEASURE, *map(str, command)], check=True, stdout=subprocess.PIPE)
    return json.loads(run.stdout)


def configured(place, keys):
    path = place.directory / "records.conf"
    path.write_text(
        f"[Server]\nURL=http://127.0.0.1:1\n[Daemon]\nSpoolDirectory={place.directory}/spool\n"
        f"StateDirectory={place.directory}/state\nRuntimeDirectory={place.directory}/run\n[Source bench]\n{keys}\n")
    return path


def check_with_keys(place, rounds):
    folder = place.directory / "keys"
    folder.mkdir()
    content = contents()["json"]
    (folder / "data0.json").write_bytes(content)
    (folder / "control.json").write_bytes(control(1))
    config = configured(place, "RecordKey.data0=id")
    command = [place.programs / "haplo-importd", "check", folder]
    plain, keyed = [], []
    for _ in range(rounds):
        plain.append(measured(command)[0])
        keyed.append(measured([*command, "--config", config, "--source", "bench"])[0])
    ratio = ratios(keyed, plain)
    return [Result(
        "check", f"check of {len(content) / 1e6:.1f} MB of JSON with record keys",
        Sample([one * 1000 for one in keyed]).text("{:.0f}", " ms"),
        "without record keys, counts only: " + Sample([one * 1000 for one in plain]).text("{:.0f}", " ms"),
        ratio.text("{:.2f}", "×"), "≤ 4×", ratio.median <= 4)]


def write_set(folder, edit):
    source = random.Random(7)
    folder.mkdir()
    (folder / "control.json").write_bytes(control(1))
    with open(folder / "data0.json", "w", encoding="utf-8") as file:
        file.write("[")
        for number in range(COUNT):
            name = f"Zoë Person {source.randrange(10**6)}"
            if edit and number % 100 == 0:
                continue
            if edit and number % 10 == 1:
                name += " edited"
            file.write(f'{"," if number > 0 and not (edit and number == 1) else ""}\n{{"id": "{number:09d}", "name": "{name}", '
                       f'"email": "p{number}@example.ac.uk", "unit": "{number * 7919:x}", "active": true, "fte": 0.5}}')
        file.write("]\n")


def diff(place, rounds):
    old, new = place.directory / "old", place.directory / "new"
    write_set(old, False)
    write_set(new, True)
    config = configured(place, "RecordKey.data0=id")
    command = [place.programs / "haplo-importd", "--config", config, "diff", "--json", "--source", "bench", new, old]
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(measured(command))
        theirs.append(measured([sys.executable, "-c", PYTHON, old / "data0.json", new / "data0.json"]))
    (times, processor, sizes), (python, their_processor, their_sizes) = zip(*ours), zip(*theirs)
    ratio = ratios(python, times)
    time_text = Sample(times).text("{:.2f}", " s")
    return [
        Result(
            "diff", f"diff of two sets of {COUNT:,} records (JSON)", time_text,
            "Python json and dict: " + Sample(python).text("{:.2f}", " s"), ratio.text("{:.2f}", "×"),
            f"≤ {MOST_SECONDS} s", max(times) <= MOST_SECONDS),
        Result(
            "diff", "processor time of it, of both threads", Sample(processor).text("{:.2f}", " s"),
            "Python json and dict: " + Sample(their_processor).text("{:.2f}", " s"),
            ratios(their_processor, processor).text("{:.2f}", "×")),
        Result(
            "diff", f"peak resident memory of a diff of {COUNT:,} records", Sample([s / 1e6 for s in sizes]).text("{:.0f}", " MB"),
            "Python json and dict: " + Sample([s / 1e6 for s in their_sizes]).text("{:.0f}", " MB"), "",
            f"< {MOST_BYTES // 10**6} MB", max(sizes) < MOST_BYTES),
    ]


ROWS = {"check-keys": check_with_keys, "diff": diff}
