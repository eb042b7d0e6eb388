"""What every MPM promises, over real sockets and processes."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from mpm_harness import Client, Running
from waiting import wait_for


def test_answers_and_keeps_connections(start: Any) -> None:
    server = start()
    with server.client() as client:
        for _ in range(3):
            assert client.get() == ("one", True)
        assert client.get("/", "Connection: close") == ("one", False)
        assert client.closed()


def test_closes_a_kept_connection_when_its_time_is_over(start: Any) -> None:
    server = start(keepalive=0.3)
    with server.client() as client:
        assert client.get() == ("one", True)
        begun = time.monotonic()
        assert client.closed()
        assert 0.2 < time.monotonic() - begun < 3


def test_a_large_answer_reaches_a_slow_reader(start: Any) -> None:
    server = start()
    with server.client() as client:
        client.send("/big", "Connection: close")
        time.sleep(0.3)
        answer = client.receive()
        assert answer is not None
        assert len(answer[0]) == 8_000_000


def test_requests_are_served_at_the_same_time(start: Any) -> None:
    server = start(("StartServers", 4))
    begun = time.monotonic()
    clients = [server.client() for _ in range(4)]
    for client in clients:
        client.send("/slow/0.5")
    assert [client.receive() for client in clients] == [("one", True)] * 4
    assert time.monotonic() - begun < 1.9
    for client in clients:
        client.close()


def test_a_failing_connection_does_not_stop_the_others(start: Any) -> None:
    server = start()
    before = server.children()
    for _ in range(5):
        with server.client() as client:
            assert client.get("/boom") is None
    assert "ZeroDivisionError: boom" in server.log()
    assert server.get() == "one"
    assert server.children() >= before


def test_a_child_leaves_after_its_connections(start: Any) -> None:
    server = start(more={"max_requests": 2})
    pids = set()

    def three_seen() -> bool:
        pids.add(server.get("/pid"))
        return len(pids) >= 3

    wait_for(three_seen)


def test_no_more_children_than_max_clients(start: Any, mpm: str) -> None:
    clients = 2 if mpm == "prefork" else 4
    server = start(("MaxClients", clients), ("MinSpareServers" if mpm == "prefork" else "MinSpareThreads", 4))
    busy = [server.client() for _ in range(clients)]
    for client in busy:
        client.send("/slow/1.5", "Connection: close")
    with server.client() as waiting:
        assert waiting.get() == ("one", True)
        assert [client.receive() for client in busy] == [("one", False)] * clients
    for client in busy:
        client.close()
    wait_for(lambda: "server reached MaxClients" in server.log() or "within MinSpareThreads" in server.log())
    assert len(server.board()) == (clients if mpm == "prefork" else 1)


def test_more_children_come_with_more_work(start: Any, mpm: str) -> None:
    spare = ("MinSpareServers", 4) if mpm == "prefork" else ("MinSpareThreads", 12)
    server = start(spare)
    wait_for(lambda: sum(row[2].count("_") for row in server.board()) >= spare[1])


def test_surplus_children_leave(start: Any, mpm: str) -> None:
    spare = ("MaxSpareServers", 2) if mpm == "prefork" else ("MaxSpareThreads", 5)
    server = start(("StartServers", 4), spare)
    most = 2 if mpm == "prefork" else 1
    wait_for(lambda: len(server.board()) <= most + 1)
    assert server.get() == "one"


def test_stop_ends_everything(start: Any) -> None:
    server = start()
    pid_file = server.root / "logs" / "httpd.pid"
    assert int(pid_file.read_text()) == server.pid
    children = server.children()
    assert server.stop() == 0
    assert not pid_file.exists()
    assert not any(alive(pid) for pid in children)
    assert "[notice] caught SIGTERM, shutting down" in server.log()


def test_graceful_lets_a_slow_request_finish(start: Any, mpm: str) -> None:
    server = start()
    with server.client() as slow:
        slow.send("/slow/1")
        wait_for(lambda: any("W" in row[2] for row in server.board()))
        (server.root / "word").write_text("two")
        server.restart(signal.SIGUSR1)
        assert server.get() == "two"
        assert slow.receive() in (("one", False), ("one", True))
    wait_for(lambda: {row[1] for row in server.board()} == {1})
    notice = {"prefork": "Graceful restart requested, doing restart"}
    expected = notice.get(mpm, "SIGUSR1 received.  Doing graceful restart")
    assert f"[notice] {expected}" in server.log()


def test_restart_replaces_children_at_once(start: Any) -> None:
    server = start()
    before = server.children()
    (server.root / "word").write_text("two")
    server.restart(signal.SIGHUP)
    assert server.get() == "two"
    assert not before & server.children()
    assert "[notice] SIGHUP received.  Attempting to restart" in server.log()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1])
def test_a_broken_configuration_changes_nothing(start: Any, number: int) -> None:
    server = start()
    before = server.children()
    (server.root / "word").write_text("broken")
    server.kill(number)
    wait_for(lambda: "going on with the old one" in server.log())
    assert "Invalid command 'Foo'" in server.log()
    assert server.get() == "one"
    assert before & server.children()


def test_graceful_stop_waits_for_a_slow_request(start: Any) -> None:
    server = start()
    with server.client() as slow:
        slow.send("/slow/1")
        wait_for(lambda: any("W" in row[2] for row in server.board()))
        server.kill(signal.SIGWINCH)
        wait_for(lambda: not (server.root / "logs" / "httpd.pid").exists())
        wait_for(lambda: refused(server.port))
        assert slow.receive() in (("one", False), ("one", True))
    assert server.wait() == 0
    assert "[notice] caught SIGWINCH, shutting down gracefully" in server.log()


def test_graceful_stop_loses_patience(start: Any) -> None:
    server = start(more={"graceful_timeout": 1})
    with server.client() as slow:
        slow.send("/slow/30")
        wait_for(lambda: any("W" in row[2] for row in server.board()))
        server.kill(signal.SIGWINCH)
        assert server.wait() == 0


def test_a_killed_child_is_replaced(start: Any) -> None:
    server = start()
    with server.client() as client:
        client.send("/pid")
        answer = client.receive()
    assert answer is not None
    dead = int(answer[0].split()[0])
    os.kill(dead, signal.SIGSEGV)
    wait_for(lambda: f"[notice] child pid {dead} exit signal Segmentation fault (11)" in server.log())
    assert server.get() == "one"
    assert dead not in server.children()


def test_the_scoreboard_tells_the_truth(start: Any, mpm: str) -> None:
    server = start()
    for _ in range(7):
        server.get()
    assert int(server.get("/counts")) >= 7
    with server.client() as kept, server.client() as busy:
        kept.get()
        busy.send("/slow/1")
        letters = wait_for(lambda: shows(server, "KW" if mpm != "event" else "W"))
        assert ("K" in letters) == (mpm != "event")
        if mpm == "event":
            assert sum(row[4] for row in server.board()) >= 1
        busy.receive()


def test_many_graceful_restarts_lose_no_request(start: Any) -> None:
    server = start(("StartServers", 2))
    stop = threading.Event()
    failures: list[str] = []
    done = [0, 0, 0]
    threads = [threading.Thread(target=load, args=(server, stop, failures, done, i)) for i in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            before = sum(done)
            server.restart(signal.SIGUSR1)
            wait_for(lambda before=before: sum(done) > before + 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join(15)
    assert failures == []
    assert sum(done) > 200


def test_restarts_leave_no_descriptors_and_processes_behind(start: Any) -> None:
    server = start()
    server.restart(signal.SIGUSR1)
    wait_for(lambda: {row[1] for row in server.board()} == {1})
    before, children = descriptors(server.pid), len(server.board())
    for generation in range(2, 6):
        server.restart(signal.SIGUSR1)
        wait_for(lambda generation=generation: {row[1] for row in server.board()} == {generation})
    assert descriptors(server.pid) == before
    assert len(server.board()) <= children + 1


def test_children_finish_when_the_parent_dies(start: Any) -> None:
    server = start()
    children = server.children()
    server.kill(signal.SIGKILL)
    server.wait()
    wait_for(lambda: not any(alive(pid) for pid in children))


def test_a_server_whose_children_cannot_start_exits(start: Any, tmp_path: Any) -> None:
    (tmp_path / "word").write_text("fatal")
    server = start()
    assert server.wait() == 1
    assert "returned a Fatal error... Apache is exiting!" in server.log()


# Helpers.


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def refused(port: int) -> bool:
    try:
        Client(port).close()
    except OSError:
        return True
    return False


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def shows(server: Running, letters: str) -> str:
    found = "".join(row[2] for row in server.board())
    return found if all(letter in found for letter in letters) and found.count("W") > 1 else ""


def load(server: Running, stop: threading.Event, failures: list[str], done: list[int], index: int) -> None:
    """A client that honours `Connection: close` and otherwise never tolerates an error."""
    client: Client | None = None
    while not stop.is_set():
        try:
            client = client or server.client()
            answer = client.get()
        except OSError as error:
            failures.append(repr(error))
            client = None
            continue
        if answer is None:
            failures.append("closed without an answer")
        else:
            done[index] += 1
        if answer is None or not answer[1]:
            client.close()
            client = None
    if client:
        client.close()
