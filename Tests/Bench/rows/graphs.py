"""What the two pictures show: throughput by the size of a file, and sets a second by the latency of the server."""


from result import Result
from rig import Daemon, Simulator
from rows.small import by_daemon, by_script

SIZES = {"10 KB": (10_000, 100), "100 KB": (100_000, 60), "1 MB": (1_000_000, 20), "10 MB": (10_000_000, 8),
         "100 MB": (100_000_000, 3)}
LATENCIES = [0, 5, 10, 20, 50, 100]
SCRIPT_SETS = 4


def by_size(place, _):
    simulator = Simulator(place)
    daemon = Daemon(place, simulator.url, source="Check=control")
    daemon.deliver(place.sets(3))
    points = []
    for size, count in SIZES.values():
        seconds, _cpu = by_daemon(daemon, place.sets(count, sizes=(size,)))
        script, _cpu = by_script(place, simulator.url, place.sets(min(count, SCRIPT_SETS), sizes=(size,)))
        points.append([size, size / seconds / 1e6, size / script / 1e6])
    first, last = points[0], points[-1]
    return [Result(
        "graphs", "throughput of sets of one file: 10 KB; 100 MB", f"{first[1]:.1f} MB/s; {last[1]:.0f} MB/s",
        f"curl script: {first[2]:.2f} MB/s; {last[2]:.0f} MB/s", f"{first[1] / first[2]:.0f}×; {last[1] / last[2]:.1f}×",
        series={"name": "size", "points": points})]


def by_latency(place, _):
    points = []
    for latency in LATENCIES:
        simulator = Simulator(place, "--latency", f"{latency}ms")
        daemon = Daemon(place, simulator.url, server="MaxConnections=8", source="MaxInFlight=8")
        daemon.deliver(place.sets(2))
        ours, _cpu = by_daemon(daemon, place.sets(40))
        script, _cpu = by_script(place, simulator.url, place.sets(SCRIPT_SETS))
        points.append([latency, 1 / ours, 1 / script])
        daemon.stop()
    first, last = points[0], points[-1]
    return [Result(
        "graphs", f"sets a second by latency, MaxInFlight=8: {first[0]} ms; {last[0]} ms",
        f"{first[1]:.0f}; {last[1]:.1f}", f"curl script: {first[2]:.1f}; {last[2]:.2f}",
        f"{first[1] / first[2]:.0f}×; {last[1] / last[2]:.0f}×", series={"name": "latency", "points": points})]


ROWS = {"graph-size": by_size, "graph-latency": by_latency}
