"""Prints the table and writes docs/performance.md from the figures and the texts in shortfalls.md."""

import os
import platform
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEAD = ["what", "ours", "peer", "ratio", "target", "met"]


def cells(line):
    met = {True: "yes", False: "**no**", None: ""}[line["met"]]
    return [line["what"], line["ours"], line["peer"], line["ratio"], line["target"], met]


def print_table(results):
    lines = [HEAD] + [[cell.replace("**", "") for cell in cells(line)] for line in results]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    for number, line in enumerate(lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def markdown_table(results):
    lines = [HEAD, ["---"] * len(HEAD)] + [cells(line) for line in results]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def explanations():
    """The sections of shortfalls.md: for each row, why it is as it is."""
    pieces = re.split(r"^## (\S+)\n", (HERE / "shortfalls.md").read_text(), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], (piece.strip() for piece in pieces[2::2])))


def missing(line):
    """What was not met, and against whom."""
    against = "" if line["peer"] == "–" else f", against {line['peer'].split(':')[0]}"
    return f"{line['what']}{against} ({line['target']})"


def shortfalls(results):
    known, parts = explanations(), []
    for row in dict.fromkeys(line["row"] for line in results):
        lines = [line for line in results if line["row"] == row]
        missed = [line for line in lines if line["met"] is False]
        notes = [f"- {line['note']}" for line in lines if line["note"]]
        if not missed and not notes:
            continue
        text = known.get(row, "No cause was written down yet.") if missed else ""
        not_met = "Not met: " + "; ".join(missing(line) for line in missed) + "." if missed else ""
        parts.append("\n\n".join(part for part in [f"### {row}", not_met, text, "\n".join(notes)] if part))
    return "\n\n".join(parts) or "Every target was met."


PICTURES = {
    "size": ("Throughput by the size of a set's only file", "bytes in the file", "MB a second", "set logscale xy"),
    "latency": ("Sets a second by the latency of the server", "milliseconds for every answer", "sets a second",
                "set logscale y"),
}


def draw(root, results):
    """Draws each series of points that there is as docs/performance-NAME.svg, by gnuplot."""
    for line in results:
        if not line.get("series"):
            continue
        name, points = line["series"]["name"], line["series"]["points"]
        title, x, y, scales = PICTURES[name]
        rows = "\n".join(" ".join(f"{value:.6g}" for value in point) for point in points)
        script = f"""$points << END
{rows}
END
set terminal svg size 720,420 enhanced background rgb 'white' font 'sans,13'
set output '{root}/docs/performance-{name}.svg'
set title "{title}"; set xlabel '{x}'; set ylabel '{y}'; {scales}; set grid; set key left
plot $points using 1:2 with linespoints lw 2 pt 7 title 'haplo-importd', \
     $points using 1:3 with linespoints lw 2 pt 5 title 'curl script'
"""
        subprocess.run(["gnuplot"], input=script, text=True, check=True)


def machine():
    processor = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) >> 20
    release = next(
        (line.split("=")[1].strip('"') for line in Path("/etc/os-release").read_text().splitlines()
         if line.startswith("PRETTY_NAME")), "")
    disk = subprocess.run(
        ["findmnt", "--noheadings", "--output", "FSTYPE", "--target", str(HERE)], capture_output=True, text=True,
        check=False).stdout.strip()
    return (f"{os.cpu_count()} × {processor}, {memory} GB of memory, {release}, kernel {platform.release()}, "
            f"file system {disk}.")


def write_page(root, results, kept):
    page = (HERE / "performance.md.in").read_text()
    loads = [row["load"] for row in kept.values()]
    rounds = sorted({row["rounds"] for row in kept.values()})
    values = {
        "table": markdown_table(results),
        "machine": machine(),
        "shortfalls": shortfalls(results),
        "rounds": " or ".join(map(str, rounds)) + (" round" if rounds == [1] else " rounds"),
        "minutes": f"{sum(row['seconds'] for row in kept.values()) / 60:.0f}",
        "load": f"{min(loads, default=0)} to {max(loads, default=0)}",
    }
    for name, value in values.items():
        page = page.replace("{{" + name + "}}", value)
    (root / "docs/performance.md").write_text(page)
