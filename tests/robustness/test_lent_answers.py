"""prefork: an answer that one child has made is known to all of its generation, and to no other."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from robust_server import Running, open_folder, serving
from waiting import wait_for

from pyhttpd.mpm.scoreboard import Scoreboard, picture

CHILDREN = 4
CONF = f"StartServers {CHILDREN}\nMinSpareServers 1\nMaxSpareServers 10\nKeepAliveTimeout 30\n"
ASK = b"GET /x.txt HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def prefork() -> Iterator[Running]:
    """A server whose children are all there from the beginning."""
    with open_folder() as folder:
        (folder / "htdocs").mkdir()
        (folder / "htdocs/x.txt").write_text("here\n")
        os.utime(folder / "htdocs/x.txt", (1e9, 1e9))
        (folder / "types.conf").write_text("AddType text/first .txt\n")
        with serving(folder, "prefork", f'{CONF}Include "{folder}/types.conf"\n') as server:
            yield server


def counts(server: Running) -> tuple[int, int]:
    """Answers so far, and those from memory."""
    board = Scoreboard.copy(str(server.root / "logs/httpd.pid.scoreboard"))
    slots = [worker.counts for _, worker in picture(board).workers]
    return sum(slot.answers for slot in slots), sum(slot.replayed for slot in slots)


def ask_all(server: Running) -> set[bytes]:
    """One request to each of the children, which keep their connections meanwhile; the types they named."""
    with ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(CHILDREN)]
        said = set()
        for client in clients:
            client.sendall(ASK)
            data = b""
            while not data.endswith(b"here\n"):
                data += client.recv(4096)
            said.add(data.partition(b"Content-Type: ")[2].partition(b"\r\n")[0])
        return said


def test_one_child_computes_and_the_others_give(prefork):
    before = counts(prefork)
    assert ask_all(prefork) == {b"text/first"}
    wait_for(lambda: counts(prefork) == (before[0] + CHILDREN, before[1] + CHILDREN - 1))


def test_a_new_generation_computes_by_its_own_configuration(prefork):
    ask_all(prefork)
    (prefork.root / "types.conf").write_text("AddType text/second .txt\n")
    prefork.graceful()
    wait_for(lambda: ask_all(prefork) == {b"text/second"})  # those of the old one may take connections first
    assert ask_all(prefork) == {b"text/second"}
