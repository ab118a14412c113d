"""Instructions: what is the same on every machine and at every time, but for the few percent that the order of threads makes."""

import re
import subprocess

from rig import configure


def stripped(place):
    """The directory of stripped copies of the programs: valgrind cannot read what Swift's compiler says for debuggers."""
    directory = place.directory / "stripped"
    if not directory.exists():
        directory.mkdir()
        for name in ("haplo-importd", "haplo-simulator"):
            subprocess.run(["strip", "--strip-debug", "-o", directory / name, place.programs / name], check=True)
    return directory


def run_once(place, home, simulator, source):
    """Runs `haplo-importd once` in a home that was made for it, and returns callgrind's file."""
    out = place.directory / f"callgrind-{place.number()}"
    subprocess.run(
        ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", "--fair-sched=yes",
         stripped(place) / "haplo-importd", "once", "--config",
         configure(place, home, simulator.url, ["bench"], source=source)],
        check=True, timeout=300, capture_output=True)
    return out


def instructions_of_once(place, home, simulator, source):
    """What `haplo-importd once` takes to end in a home that was made for it."""
    text = run_once(place, home, simulator, source).read_text()
    return int(re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)[1])


def functions_of_once(place, home, simulator, source):
    """The mangled names of the functions that ran meanwhile."""
    text = run_once(place, home, simulator, source).read_text(errors="replace")
    return {name.split("'")[0] for name in re.findall(r"^c?fn=\(\d+\) (\S+)", text, re.MULTILINE)}
