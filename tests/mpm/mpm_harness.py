"""A real server in a process of its own, and a client to talk to it."""

import faulthandler
import os
import signal
import socket
from pathlib import Path
from typing import Any

from mpm_fake import FakeServer, settings_of
from waiting import wait_for

from pyhttpd.mpm import parent as parent_module
from pyhttpd.mpm import parking
from pyhttpd.mpm.parent import Parent
from pyhttpd.mpm.table import MPMS

PATIENCE = 10.0
SMALL: dict[str, tuple[tuple[str, int], ...]] = {
    "prefork": (("StartServers", 2), ("MinSpareServers", 1), ("MaxSpareServers", 6), ("MaxClients", 8)),
    "worker": (
        ("StartServers", 1),
        ("ServerLimit", 4),
        ("ThreadLimit", 4),
        ("ThreadsPerChild", 4),
        ("MinSpareThreads", 1),
        ("MaxSpareThreads", 12),
    ),
}
SMALL["event"] = SMALL["worker"]


class Client:
    """One connection."""

    def __init__(self, port: int, timeout: float = PATIENCE) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout)
        self.file = self.sock.makefile("rb")

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, path: str, *headers: str) -> None:
        lines = [f"GET {path} HTTP/1.1", *headers, "", ""]
        self.sock.sendall("\r\n".join(lines).encode())

    def receive(self) -> tuple[str, bool] | None:
        """The body and whether the server keeps the connection; None when it has closed it."""
        try:
            if not self.file.readline():
                return None
        except ConnectionResetError:
            return None
        headers = dict(
            line.decode().strip().lower().split(": ") for line in iter(self.file.readline, b"\r\n")
        )
        body = self.file.read(int(headers["content-length"])).decode()
        return body, headers.get("connection") != "close"

    def get(self, path: str = "/", *headers: str) -> tuple[str, bool] | None:
        self.send(path, *headers)
        return self.receive()

    def closed(self) -> bool:
        """Wait until the server closes; False when it sends something instead."""
        return self.file.read(1) == b""

    def close(self) -> None:
        self.file.close()
        self.sock.close()


class Running:
    """A server that runs."""

    def __init__(self, pid: int, port: int, root: Path) -> None:
        self.pid, self.port, self.root = pid, port, root
        self.status: int | None = None

    def client(self) -> Client:
        return Client(self.port)

    def get(self, path: str = "/") -> str:
        with self.client() as client:
            answer = client.get(path, "Connection: close")
            assert answer is not None
            return answer[0]

    def kill(self, number: int) -> None:
        os.kill(self.pid, number)

    def log(self) -> str:
        file = self.root / "error_log"
        return file.read_text() if file.exists() else ""

    def board(self) -> list[tuple[int, int, str, int, int]]:
        """(pid, generation, letters, connections, waiting) of each child."""
        rows = [line.split(" ") for line in self.get("/board").split("\n")]
        return [(int(row[0]), int(row[1]), row[2], int(row[3]), int(row[4])) for row in rows]

    def children(self) -> set[int]:
        return {row[0] for row in self.board()}

    def restart(self, number: int) -> None:
        """Restart and wait until that is done."""
        line = "resuming normal operations"
        before = self.log().count(line)
        self.kill(number)
        wait_for(lambda: self.log().count(line) > before)

    def ended(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, seconds: float = PATIENCE) -> int:
        wait_for(self.ended, seconds)
        assert self.status is not None
        return self.status

    def stop(self) -> int:
        if not self.ended():
            self.kill(signal.SIGTERM)
        return self.wait(15)


def serve(name: str, root: Path, port: int, lines: Any, options: dict[str, Any], more: dict[str, Any]) -> int:
    """The server process."""
    faulthandler.disable()  # of pytest; a child that is killed on purpose need not explain itself
    parent_module.TICK = 0.25  # tests are in a hurry
    parking.FIRST_GRACE = 1.0

    def build() -> FakeServer:
        word = (root / "word").read_text() if (root / "word").exists() else "one"
        if word == "broken":
            raise ValueError("Syntax error on line 1 of httpd.conf:\nInvalid command 'Foo'")
        return FakeServer(root, settings_of(name, port, *lines, **more), word=word, **options)

    parent = Parent(MPMS[name], build(), build)
    parent.bind()
    return parent.run()
