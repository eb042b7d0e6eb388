"""One connection served in this process, asked again and again: what a request costs without an MPM.

With the ordinary tests each benchmark here runs once, as a test. To measure:

    pytest tests/bench --benchmark-enable
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pyhttpd.core.verdict import Verdict

LOCAL = ("127.0.0.1", 80)
HOUR = 3600


class Asked:
    """A client and the server's end of its connection."""

    def __init__(self, site: Any) -> None:
        self.site = site
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.client = socket.create_connection(listener.getsockname(), 10)
            accepted, address = listener.accept()
        self.connection = site.server.connect(accepted, address[:2], LOCAL, site.reporter, False)

    def ask(self, request: bytes) -> bytes:
        """One request on the connection, and its answer."""
        self.client.sendall(request)
        assert self.connection.serve_one() is Verdict.KEEP
        return self.client.recv(65536)

    def end(self) -> None:
        """Close both ends."""
        self.client.close()
        self.connection.close()


@pytest.fixture
def asked(site: Callable[..., Any]) -> Iterator[Callable[..., Asked]]:
    """Serve some files, an hour old, to one connection: `asked(conf, files)`."""
    begun: list[Asked] = []

    def begin(conf: str = "", files: dict[str, str] | None = None) -> Asked:
        logged = 'MaxKeepAliveRequests 0\nCustomLog logs/access_log "%h %l %u %t \\"%r\\" %>s %b"\n'
        made = site(logged + conf, {"htdocs/page.html": "x" * 1024} | (files or {}))
        age(made.root)
        begun.append(Asked(made))
        return begun[-1]

    yield begin
    for one in begun:
        one.end()


def age(folder: Path) -> None:
    """Make all files an hour old: answers from new ones are not remembered."""
    then = time.time() - HOUR
    for path in folder.rglob("*"):
        os.utime(path, (then, then))
