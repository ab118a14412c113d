"""A server that notes when the first byte of each request comes, and answers as the batch API does.

The simulator does not tell when a request began, only when it was understood; and here every side must meet the same. When
a byte has come the kernel says (SO_TIMESTAMPNS), so that the time in which this program wakes up is nobody's."""

import hashlib
import re
import socket
import struct
import sys
import threading
import time


SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python has no name for it


def _receive(connection):
    """Some bytes, and when the last of them came, by the clock of time.time()."""
    piece, notes, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(16))
    for level, kind, note in notes:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("qq", note)
            return piece, seconds + nanoseconds / 1e9
    return piece, time.time()


class Stopwatch:
    def __init__(self):
        sys.setswitchinterval(0.0001)
        self.changed = threading.Condition()
        self.arrivals = []  # (seconds since the epoch, step)
        self.answering = threading.Event()  # cleared: requests are noted and get no answer until it is set
        self.answering.set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def first_after(self, moment, limit=30.0):
        """When the first request after a moment began; None if there is none in time."""
        def found():
            return next((when for when, _ in reversed(self.arrivals[-40:]) if when > moment), None)

        with self.changed:
            self.changed.wait_for(lambda: found() is not None, limit)
            return min((when for when, _ in self.arrivals if when > moment), default=None)

    def wait_for_schedule_after(self, moment, limit=30.0):
        with self.changed:
            return self.changed.wait_for(
                lambda: any(when > moment and step == "schedule" for when, step in self.arrivals[-40:]), limit)

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        buffer = b""
        try:
            while True:
                piece, when = _receive(connection)
                if not piece:
                    return
                buffer += piece
                while b"\r\n\r\n" not in buffer:
                    buffer += connection.recv(65536)
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                length = int(re.search(rb"(?i)content-length: *(\d+)", head).group(1))
                while len(buffer) < length:
                    buffer += connection.recv(1 << 20)
                body, buffer = buffer[:length], buffer[length:]
                step = head.split(b" ")[1].rsplit(b"/", 1)[1].decode()
                answer = self._answer(step, head, body)
                if not self.answering.is_set():
                    self._note(when, step)
                    self.answering.wait()
                    connection.sendall(answer)
                else:
                    connection.sendall(answer)
                    self._note(when, step)
        except OSError:
            return
        finally:
            connection.close()

    def _note(self, when, step):
        with self.changed:
            self.arrivals.append((when, step))
            self.changed.notify_all()

    @staticmethod
    def _answer(step, head, body):
        if step == "batch":
            text = "A" * 44
        elif step == "schedule":
            text = "SCHEDULED"
        else:
            boundary = b"--" + re.search(rb'boundary="?([^"\r\n;]+)', head).group(1)
            part = next(part for part in body.split(boundary) if b'name="file"' in part)
            text = hashlib.sha256(part.partition(b"\r\n\r\n")[2][:-2]).hexdigest()
        return (f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n{text}").encode()
