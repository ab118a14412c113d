"""Sets by Python's requests with one session, each folder named on the command line or on standard input.

Usage: upload_requests.py URL KEY-FILE CA-BUNDLE
"""

import sys
from pathlib import Path

import requests


class Uploader:
    def __init__(self, url, key, bundle):
        self.api = f"{url}/api/haplo-data-import-batch"
        self.session = requests.Session()
        self.session.auth = ("haplo", key)
        self.session.verify = bundle

    def post(self, step, **arguments):
        answer = self.session.post(f"{self.api}/{step}", **arguments)
        answer.raise_for_status()
        return answer.text

    def send(self, folder):
        with open(folder / "control.json", "rb") as file:
            digest = self.post("control", data={"comment": "nightly export"}, files={"file": file})
        batch = self.post("batch", data={"control": digest, "comment": "nightly export"})
        for path in sorted(folder.glob("data*")):
            with open(path, "rb") as file:
                self.post("file", data={"batch": batch, "name": path.stem}, files={"file": file})
        if self.post("schedule", data={"batch": batch, "mode": "import"}) != "SCHEDULED":
            raise SystemExit(f"{folder}: not scheduled")


if __name__ == "__main__":
    uploader = Uploader(sys.argv[1], Path(sys.argv[2]).read_text().strip(), sys.argv[3])
    for line in sys.stdin:
        uploader.send(Path(line.strip()))
