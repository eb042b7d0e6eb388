"""worker: who is connected has a thread, whoever waits and answers in its place."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mpm_harness import Client, Running
from waiting import wait_for

from pyhttpd.mpm.scoreboard import Picture, Scoreboard, picture

THREADS = 4
ONE_CHILD = (("MaxClients", THREADS), ("MinSpareThreads", 1))
PATHS = ["/", "/now"]  # answered by a thread, and by the listener in its place


@pytest.fixture
def mpm() -> str:
    return "worker"


@pytest.fixture
def clients() -> Iterator[Callable[[Running, int], list[Client]]]:
    """Connect so many; they are closed at the end."""
    with contextlib.ExitStack() as stack:
        yield lambda server, count: [stack.enter_context(server.client()) for _ in range(count)]


def look(server: Running) -> Picture:
    """The scoreboard, seen from outside."""
    return picture(Scoreboard.copy(str(server.root / "logs/httpd.pid.scoreboard")))


def letters(server: Running) -> str:
    """What the threads of all children do, in no order."""
    return "".join(sorted("".join(child.letters for child in look(server).children)))


def shows(server: Running, expected: str) -> None:
    """Wait until just this is on the scoreboard."""
    wait_for(lambda: letters(server) == "".join(sorted(expected)))


def accesses(server: Running) -> list[tuple[int, int, int]]:
    """Answers of the connection, of the child and of the slot, for each slot that gave one; in order."""
    told = [(w.connection.answers, w.mine.answers, w.counts.answers) for _, w in look(server).workers]
    return sorted(counts for counts in told if any(counts))


@pytest.mark.parametrize("path", PATHS)
def test_a_kept_connection_holds_its_thread_until_its_time_is_over(start: Any, path: str) -> None:
    server = start(*ONE_CHILD, keepalive=1.0)
    with server.client() as client:
        assert client.get(path) == ("one", True)
        shows(server, "K___")
        assert client.get(path) == ("one", True)
        shows(server, "K___")
        assert client.closed()
    shows(server, "____")


def test_a_connection_stays_with_its_thread_and_the_listener_answers_in_its_place(
    start: Any, clients: Any
) -> None:
    server = start(*ONE_CHILD)
    one, other = clients(server, 2)
    threads = [[client.get("/thread") for client in (one, other)] for _ in range(3)]
    assert threads == [threads[0]] * 3
    assert len(set(threads[0])) == 2
    assert one.get("/now/thread") == other.get("/now/thread") == ("MainThread", True)


@pytest.mark.parametrize("path", PATHS)
def test_a_full_child_leaves_clients_waiting_until_one_goes(start: Any, clients: Any, path: str) -> None:
    server = start(*ONE_CHILD, keepalive=30.0)
    first, *rest = clients(server, THREADS)
    assert [client.get(path) for client in (first, *rest)] == [("one", True)] * THREADS
    shows(server, "KKKK")
    with Client(server.port, timeout=0.5) as waiting:
        waiting.send(path)
        with pytest.raises(TimeoutError):
            waiting.receive()
    with server.client() as waiting:
        waiting.send(path)
        assert all(client.get(path) == ("one", True) for client in rest)
        first.close()
        assert waiting.receive() == ("one", True)
        shows(server, "KKKK")


def test_a_thread_that_lets_its_client_go_wakes_a_listener_that_is_full(start: Any, clients: Any) -> None:
    server = start(*ONE_CHILD)
    busy = clients(server, THREADS)
    for client in busy:
        client.send("/boom")
    assert server.get("/now") == "one"
    assert [client.receive() for client in busy] == [None] * THREADS
    shows(server, "____")


def test_more_clients_than_a_child_has_threads_get_another_child(start: Any, clients: Any) -> None:
    server = start(keepalive=30.0)
    many = clients(server, THREADS + 2)
    for client in many:
        client.send("/now")
    assert [client.receive() for client in many] == [("one", True)] * len(many)
    wait_for(lambda: letters(server).count("K") == len(many))
    assert len(look(server).children) > 1


def test_answers_are_counted_in_the_slot_of_their_connection(start: Any, clients: Any) -> None:
    server = start(*ONE_CHILD, keepalive=30.0)
    often, seldom = clients(server, 2)
    for path in ("/now", "/", "/now"):
        assert often.get(path) == ("one", True)
    assert seldom.get("/now") == ("one", True)
    assert accesses(server) == [(1, 1, 1), (3, 3, 3)]
    often.close()
    shows(server, "K___")
    for _ in range(THREADS - 1):
        server.get("/now")
    assert accesses(server) == [(1, 1, 1)] * 3 + [(1, 4, 4)]


def test_a_slow_reader_keeps_its_thread_writing(start: Any) -> None:
    server = start(*ONE_CHILD)
    with server.client() as slow:
        slow.send("/big")
        shows(server, "W___")
        assert server.get("/now") == "one"
        shows(server, "W___")
        answer = slow.receive()
        assert answer is not None
        assert len(answer[0]) == 8_000_000
        shows(server, "K___")


@pytest.mark.parametrize("path", PATHS)
def test_lingering_shows_as_closing(start: Any, path: str) -> None:
    server = start(*ONE_CHILD)
    with server.client() as client:
        assert client.get(path, "Connection: close") == ("one", False)
        shows(server, "C___")
    shows(server, "____")


def test_who_says_nothing_is_read_until_his_time_is_over(start: Any) -> None:
    server = start(*ONE_CHILD, timeout=1.0)
    with server.client() as silent:
        shows(server, "R___")
        assert silent.closed()
    shows(server, "____")


def test_requests_in_one_go_are_answered_in_turn(start: Any) -> None:
    server = start(*ONE_CHILD)
    with server.client() as client:
        for path in ("/", "/now", "/pid"):
            client.send(path)
        answers = [client.receive() for _ in range(3)]
        assert [answer is not None and answer[1] for answer in answers] == [True] * 3
        shows(server, "K___")


@pytest.mark.parametrize("path", PATHS)
def test_a_child_told_to_finish_answers_who_sits_there_once_more(start: Any, path: str) -> None:
    server = start(*ONE_CHILD, keepalive=30.0)
    with server.client() as client:
        assert client.get(path) == ("one", True)
        (server.root / "word").write_text("two")
        server.restart(signal.SIGUSR1)
        assert server.get() == "two"
        assert client.get(path) == ("one", False)
    wait_for(lambda: [child.generation for child in look(server).children] == [1])


def test_connections_are_shown_by_slots_alone(start: Any) -> None:
    server = start(*ONE_CHILD)
    with server.client() as client:
        client.get()
        shows(server, "K___")
        child = look(server).children[0]
        assert (child.connections, child.waiting, child.accepting) == (0, 0, True)
