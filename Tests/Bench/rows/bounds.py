"""What nobody can be faster than who does the same: the calls of a step, one after another, with nothing in between."""

import base64
import http.client
import os
import time
from urllib.parse import urlsplit

from rig import KEY, Sample

CALLS = 40  # of one connection


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
