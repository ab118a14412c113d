"""What is installed."""

import subprocess

from result import Result
from rig import Problem


def size(place, _):
    stripped = place.directory / "stripped"
    subprocess.run(["strip", "-o", stripped, place.programs / "haplo-importd"], check=True)
    program = stripped.stat().st_size / 1e6
    packages = sorted(place.packages.glob("haplo-importd_*.deb"))
    if not packages:
        raise Problem(f"no package in {place.packages}; make deb builds it")
    package = packages[-1].stat().st_size / 1e6
    return [
        Result("size", "program, stripped", f"{program:.1f} MB", target="< 18 MB", met=program < 18),
        Result("size", "package", f"{package:.2f} MB", target="< 6 MB", met=package < 6),
    ]


ROWS = {"size": size}
