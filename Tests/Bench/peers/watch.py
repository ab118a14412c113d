"""Sends every folder that is moved into a directory, by Python's watchdog and requests with one session.

Usage: watch.py URL KEY-FILE CA-BUNDLE DIRECTORY…
"""

import sys
import threading
from pathlib import Path

from upload_requests import Uploader
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer


class Sender(FileSystemEventHandler):
    def __init__(self, uploader):
        self.uploader = uploader

    def on_created(self, event):
        if event.is_directory:
            self.uploader.send(Path(event.src_path))


uploader = Uploader(sys.argv[1], Path(sys.argv[2]).read_text().strip(), sys.argv[3])
observer = Observer()
for directory in sys.argv[4:]:
    observer.schedule(Sender(uploader), directory)
observer.start()
threading.Event().wait()
