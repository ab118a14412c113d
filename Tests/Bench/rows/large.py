"""One large file: how long, and how much memory."""

import subprocess
import time

from result import Result
from rig import Daemon, Problem, Sample, Simulator, control, memory, peer_environment, ratios

GIB = 1 << 30
FOR_THE_RECORD = 2  # rounds of the peer that is slower than the other, and no target


def large_set(place, name, size, sparse=False):
    """A set of one file; its bytes are on the disk and in memory."""
    folder = place.directory / f"large-{place.number()}" / name
    folder.mkdir(parents=True)
    (folder / "control.json").write_bytes(control(1))
    with open(folder / "data0.json", "wb") as file:
        if sparse:
            file.truncate(size)
        else:
            block = place.json(1 << 20)[: 1 << 20].ljust(1 << 20)
            for _ in range(max(1, size >> 20)):
                file.write(block)
    subprocess.run(["sync", folder / "data0.json"], check=True)
    return folder


def again(folder, archive):
    """The same set once more, with the file that is in the archive now: a new one would cost seconds."""
    folder.mkdir()
    (folder / "control.json").write_bytes(control(1))
    [file] = [file for file in archive.rglob("data0.json") if file.stat().st_size >= GIB]
    file.rename(folder / "data0.json")
    subprocess.run(["sync", folder / "data0.json"], check=True)
    return folder


def by_curl(place, url, folder, hasher, batch):
    """A digest and an upload, and nothing else: what the work itself takes."""
    begin = time.monotonic()
    first = subprocess.run([*hasher, folder / "data0.json"], check=True, capture_output=True, text=True).stdout
    answer = subprocess.run(
        ["curl", "-sSf", "-u", f"haplo:{place.key.read_text().strip()}", "-F", f"batch={batch}", "-F", "name=data0",
         "-F", f"file=@{folder}/data0.json", f"{url}/api/haplo-data-import-batch/file"],
        check=True, capture_output=True, text=True, env=peer_environment(place)).stdout
    seconds = time.monotonic() - begin
    if answer not in first:
        raise Problem(f"curl's upload has another digest: {answer}")
    return seconds


def by_daemon(place, daemon, simulator, folder):
    """From the folder's move to its batch being scheduled, as the server saw it."""
    before = len(simulator.lines("scheduled"))
    began = time.time()
    daemon.deliver([folder])
    return simulator.lines("scheduled")[before]["time"] - began


def measure(place, tls, rounds):
    simulator = Simulator(place, tls=tls)
    daemon = Daemon(place, simulator.url, source="Check=control")
    daemon.deliver(place.sets(1))
    batch = simulator.lines("batch")[0]["batch"]  # files after its schedule are taken and kept apart
    spare = large_set(place, "for-curl", GIB)
    ours, openssl, sha256sum = [], [], []
    next_one = large_set(place, "large", GIB)
    for number in range(rounds):
        ours.append(by_daemon(place, daemon, simulator, next_one))
        next_one = again(next_one, daemon.home / "spool/archive")
        openssl.append(by_curl(place, simulator.url, spare, ["openssl", "dgst", "-sha256"], batch))
        if number < FOR_THE_RECORD:
            sha256sum.append(by_curl(place, simulator.url, spare, ["sha256sum"], batch))
    return ours, openssl, sha256sum


def lines(row, what, ours, openssl, sha256sum):
    ratio = ratios(ours, openssl)
    own = Sample(ours).text("{:.2f}", " s")
    return [
        Result(row, what, own, "openssl dgst + curl -F: " + Sample(openssl).text("{:.2f}", " s"),
               ratio.text("{:.2f}", "×"), "≤ 1.10×", ratio.median <= 1.10),
        Result(row, what, own, f"sha256sum + curl -F ({len(sha256sum)} rounds): " + Sample(sha256sum).text("{:.2f}", " s"),
               ratios(ours[:len(sha256sum)], sha256sum).text("{:.2f}", "×")),
    ]


def http(place, rounds):
    return lines("large-http", "1 GiB file, plain HTTP, move → scheduled", *measure(place, False, rounds))


def https(place, rounds):
    return lines("large-https", "1 GiB file, HTTPS, move → scheduled", *measure(place, True, rounds))


def peak(place, simulator, size, sparse):
    daemon = Daemon(place, simulator.url, source="Check=control")
    daemon.deliver([large_set(place, "one", size, sparse)])
    megabytes = memory(daemon.pid, "VmHWM")
    daemon.stop()
    subprocess.run(["rm", "-rf", daemon.home], check=True)
    return megabytes


def peaks(place, _):
    simulator = Simulator(place)
    sizes = {"1 MB": (1 << 20, False), "1 GiB": (GIB, False), "8 GiB (sparse)": (8 * GIB, True)}
    found = {name: peak(place, simulator, *size) for name, size in sizes.items()}
    growth = max(found.values()) - min(found.values())
    text = " · ".join(f"{name}: {value:.1f} MB" for name, value in found.items())
    return [
        Result("memory", "peak resident memory by size of the file", text, target="< 32 MB",
               met=max(found.values()) < 32),
        Result("memory", "the same for every size: largest difference", f"{growth:.1f} MB", target="≤ 1 MB",
               met=growth <= 1),
    ]


ROWS = {"large-http": http, "large-https": https, "memory": peaks}
