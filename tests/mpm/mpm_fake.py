"""A server for the MPMs' tests: fixed answers over real sockets, and nothing of the floors above."""

import contextlib
import os
import select
import socket
import threading
import time
from pathlib import Path
from typing import Any

from pyhttpd.core.verdict import Verdict
from pyhttpd.mpm.common import MPMSettings, mpm_module
from pyhttpd.mpm.listen import Listen
from pyhttpd.mpm.scoreboard import LETTERS, Status

NOW = b"GET /now"


class FakeConnection:
    """Knows GET /, /slow/SECONDS, /pid, /thread, /big, /crash and /boom; /now... needs no thread."""

    def __init__(self, server: "FakeServer", sock: socket.socket, reporter: Any, parked: bool) -> None:
        self.server, self.sock, self.reporter, self.parked = server, sock, reporter, parked
        self.sock.settimeout(server.timeout)
        self.timeout = server.timeout
        self.keepalive_timeout = server.keepalive
        self.requests = 0
        self.buffer = b""
        self.unsent = b""
        self.closing = False

    @property
    def pending(self) -> bool:
        return b"\r\n\r\n" in self.buffer

    @property
    def light(self) -> bool:
        return True

    def at_once(self, _lines: Any) -> Verdict | None:
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        if not poll.poll(0):
            return Verdict.MORE
        return self.serve_one() if self.sock.recv(len(NOW), socket.MSG_PEEK) == NOW else None

    def hurry(self) -> None:
        pass

    def fileno(self) -> int:
        return self.sock.fileno()

    def serve_known(self) -> Verdict:
        return Verdict.KEEP

    def serve_one(self) -> Verdict:
        if self.requests and not self.pending and not self.parked:
            self.reporter.report(Status.BUSY_KEEPALIVE)
            if not select.select([self.sock], [], [], self.keepalive_timeout)[0]:
                return Verdict.CLOSE
        head = self.read_head()
        if head is None:
            return Verdict.CLOSE
        self.requests += 1
        self.reporter.report(Status.BUSY_WRITE)
        path = head.split(b" ")[1].decode()
        body = self.server.body(path)
        keep = b"connection: close" not in head.lower() and not self.reporter.stopping
        lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body)]
        if not keep:
            lines.append(b"Connection: close")
        self.closing = not keep
        self.unsent = b"\r\n".join([*lines, b"", body])
        self.reporter.count(len(self.unsent))
        if self.parked:
            return self.flush()
        self.sock.sendall(self.unsent)
        return Verdict.KEEP if keep else Verdict.CLOSE

    def flush(self) -> Verdict:
        while self.unsent:
            try:
                sent = os.write(self.sock.fileno(), self.unsent[:65536])
            except BlockingIOError:
                return Verdict.WRITE
            except OSError:
                return Verdict.CLOSE
            self.unsent = self.unsent[sent:]
        return Verdict.CLOSE if self.closing else Verdict.KEEP

    def read_head(self) -> bytes | None:
        while b"\r\n\r\n" not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except OSError:
                return None
            if not data:
                return None
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head

    def start_linger(self) -> bool:
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True

    def close(self) -> None:
        self.sock.close()


class FakeLayer:
    def __init__(self, settings: MPMSettings) -> None:
        self._settings = settings

    def settings(self, _schema: type) -> MPMSettings:
        return self._settings


class FakeServer:
    """Satisfies pyhttpd.mpm.base.Server."""

    banner = "Apache/2.2 (test)"

    def __init__(
        self,
        root: Path,
        settings: MPMSettings,
        keepalive: float = 5.0,
        timeout: float = 5.0,
        word: str = "one",
    ) -> None:
        self.root, self.keepalive, self.timeout, self.word = root, keepalive, timeout, word
        self.generation = 0
        self.scoreboard: Any = None
        self.replay: Any = None
        self.state: dict[str, Any] = {}
        self.main = self
        self.layer = FakeLayer(settings)
        self.log_file = os.open(root / "error_log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def server_path(self, path: str) -> str:
        return str(self.root / path)

    def connect(self, sock: Any, client: Any, local: Any, reporter: Any, parked: bool) -> FakeConnection:
        assert client[0] == local[0] == "127.0.0.1"
        return FakeConnection(self, sock, reporter, parked)

    def log(self, level: str, message: str) -> None:
        os.write(self.log_file, f"[{level}] {message}\n".encode())

    def prepare_children(self, several: bool) -> None:
        """Nothing to prepare."""

    def child_init(self) -> None:
        if self.word == "fatal":
            raise RuntimeError("no child can start")

    def close(self) -> None:
        os.close(self.log_file)

    def body(self, path: str) -> bytes:
        _, word, *rest = path.split("/")
        if word == "slow":
            time.sleep(float(rest[0]))
        elif word == "big":
            return b"x" * 8_000_000
        elif word == "crash":
            os.kill(os.getpid(), 11)
        elif word == "boom":
            raise ZeroDivisionError("boom")
        elif path.endswith("/thread"):
            return threading.current_thread().name.encode()
        elif word == "pid":
            return b"%d %d" % (os.getpid(), self.generation)
        elif word == "board":
            board = self.scoreboard
            letters = "".join(LETTERS[status] for status in board.statuses())
            width = board.thread_limit
            return "\n".join(
                f"{process.pid} {process.generation} {letters[row * width : row * width + process.threads]} "
                f"{process.connections} {process.waiting}"
                for row, process in enumerate(board.processes)
                if process.pid
            ).encode()
        elif word == "counts":
            board = self.scoreboard
            return b"%d" % sum(worker.access_count for worker in board.workers)
        return self.word.encode()


def settings_of(name: str, port: int | tuple[int, ...], *lines: tuple[str, int], **more: Any) -> MPMSettings:
    """The settings of a configuration with these sizing lines; connections come at once, silent or not."""
    known = {directive.name for directive in mpm_module(name).directives}
    assert all(line[0] in known for line in lines)
    ports = (port,) if isinstance(port, int) else port
    listens = tuple(Listen(("127.0.0.1",), number, "http") for number in ports)
    return MPMSettings(listens=listens, accept_filters={"http": "none"}, sizing=lines, **more)


def free_port() -> int:
    with contextlib.closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
