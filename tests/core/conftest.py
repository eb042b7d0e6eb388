"""A client that talks piece by piece with a connection served in this process."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyhttpd.core.connection import Connection
from pyhttpd.core.verdict import Verdict


class Dialogue:
    """A connection, its client's end and a reporter of its own."""

    def __init__(self, site: Any, local: tuple[str, int] = ("127.0.0.1", 80)) -> None:
        self.reporter = type(site.reporter)()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.client = socket.create_connection(listener.getsockname(), 10)
            accepted, address = listener.accept()
        found = site.server.connect(accepted, address[:2], local, self.reporter, False)
        assert found is not None
        self.connection: Connection = found
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        """What a thread of an MPM does."""
        while self.connection.serve_one() is not Verdict.CLOSE:
            if self.connection.serve_known() is Verdict.CLOSE:
                break
        self.connection.close()

    def send(self, data: bytes) -> None:
        self.client.sendall(data)

    def until(self, mark: bytes) -> bytes:
        """What comes up to a mark, or to the end."""
        received = b""
        while not received.endswith(mark) and (data := self.client.recv(1)):
            received += data
        return received

    def rest(self) -> bytes:
        """What comes until the server closes."""
        try:
            return b"".join(iter(lambda: self.client.recv(65536), b""))
        except ConnectionResetError:
            return b""

    def end(self) -> None:
        """Close, and wait until the server has seen it."""
        self.client.close()
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def dialogue() -> Iterator[Callable[..., Dialogue]]:
    """Begin to talk with a site: `dialogue(site)`."""
    begun: list[Dialogue] = []

    def begin(site: Any, **more: tuple[str, int]) -> Dialogue:
        begun.append(Dialogue(site, **more))
        return begun[-1]

    yield begin
    for one in begun:
        one.end()
