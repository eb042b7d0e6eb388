"""worker: the scoreboard shows each connection in the slot of its thread, also what comes from memory."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from robust_server import Running, receive, serving
from waiting import wait_for

from pyhttpd.mpm.scoreboard import Picture, Scoreboard, picture

LARGE = 8 << 20  # bytes; more than sockets take
CONF = "StartServers 1\nMinSpareThreads 1\nKeepAliveTimeout 30\nTimeout 30\n"
HEAD = b"GET /x.txt HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture(scope="module")
def worker(folder: Path) -> Iterator[Running]:
    """A worker server of one child."""
    (folder / "htdocs").mkdir()
    (folder / "htdocs/x.txt").write_text("here\n")
    (folder / "htdocs/large.txt").write_bytes(bytes(LARGE))
    for path in (folder / "htdocs").iterdir():
        os.utime(path, (1e9, 1e9))  # the answer to a file of this second is not remembered
    with serving(folder, "worker", CONF) as server:
        yield server


def look(server: Running) -> Picture:
    """The scoreboard, seen from outside."""
    return picture(Scoreboard.copy(str(server.root / "logs/httpd.pid.scoreboard")))


def shows(server: Running, letter: str) -> None:
    """Wait until one thread does this, and no other does anything."""
    wait_for(lambda: "".join(child.letters for child in look(server).children).replace("_", "") == letter)


def counts(server: Running) -> list[tuple[int, int]]:
    """Answers and bytes of the connections in all slots that had one."""
    kept = [worker.connection for _, worker in look(server).workers]
    return [(one.answers, one.bytes) for one in kept if one.answers]


def ask(client, rest: bytes = b"\r\n") -> bytes:
    client.sendall(HEAD + rest)
    data = b""
    while not data.endswith(b"here\n"):
        data += client.recv(4096)
    return data


def test_remembered_answers_are_counted_in_the_slot_of_the_connection(worker):
    with worker.connect() as client:
        size = sum(len(ask(client)) for _ in range(5))
        wait_for(lambda: [(5, size)] == counts(worker))
        [child] = look(worker).children
        assert child.mine.replayed >= 4
        assert child.listener == (0, 0, 0)


def test_a_kept_connection_shows_as_such_and_the_next_request_as_being_read(worker):
    with worker.connect() as client:
        for _ in range(3):
            ask(client)
            shows(worker, "K")
            client.sendall(HEAD)
            shows(worker, "R")
            client.sendall(b"X: y\r\n\r\n")
            assert b" 200 " in client.recv(4096)
            shows(worker, "K")
    shows(worker, "")


def test_a_slow_reader_shows_as_written_to_whoever_made_the_answer(worker):
    for _ in range(2):  # the second comes from memory
        with worker.connect() as client:
            client.sendall(b"GET /large.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            shows(worker, "W")
            assert len(receive(client)) > LARGE
        shows(worker, "")


def test_a_close_that_the_client_did_not_ask_for_lingers(worker):
    with worker.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert b" 400 " in receive(client)
        shows(worker, "C")
    shows(worker, "")
