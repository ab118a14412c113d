"""The part of path-unit.sh that runs in the guest."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from stopwatch import Stopwatch

HERE = Path("/run/bench")
DROP, DONE = HERE / "drop", HERE / "done"

stopwatch = Stopwatch()
for path in (DROP, DONE):
    path.mkdir()
(HERE / "key").write_text("a-key-for-nothing-but-benchmarks\n")
(HERE / "send.sh").write_text(
    f'for folder in {DROP}/*/; do bash {HERE}/upload.sh {stopwatch.url} {HERE}/key "$folder"; '
    f'mv "$folder" {DONE}/; done\n')
Path("/run/systemd/system/bench.path").write_text(f"[Path]\nDirectoryNotEmpty={DROP}\n")
Path("/run/systemd/system/bench.service").write_text(
    f"[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/bin/bash {HERE}/send.sh\n")
subprocess.run(["systemctl", "daemon-reload"], check=True)
subprocess.run(["systemctl", "start", "bench.path"], check=True)
taken = []
for number in range(int(sys.argv[1])):
    folder = HERE / f"set-{number}"
    folder.mkdir()
    (folder / "control.json").write_text("{}")
    for key in range(3):
        (folder / f"data{key}.json").write_text("[]" * 5000)
    begin = time.time()
    os.rename(folder, DROP / folder.name)
    first = stopwatch.first_after(begin)
    if first is None:
        sys.exit("error: the path unit sent nothing")
    taken.append((first - begin) * 1000)
    while not (DONE / folder.name).exists():
        time.sleep(0.01)
    time.sleep(0.3)
print(json.dumps(taken))
