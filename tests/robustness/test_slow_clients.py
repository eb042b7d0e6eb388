"""Clients that hold on without asking: they are given up in time, and nobody waits for them."""

import socket
import time

import pytest
from robust_server import receive
from waiting import wait_for

IDLE = 2000
HEAD = b"GET /x.txt HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture
def many_descriptors(descriptors):
    descriptors(IDLE + 500)


def ask(client):
    """One request on a kept connection: status and seconds."""
    began = time.monotonic()
    client.sendall(HEAD + b"\r\n")
    data = b""
    while not data.endswith(b"here\n"):
        data += client.recv(4096)
    return int(data.split(b" ", 2)[1]), time.monotonic() - began


def test_slow_heads_hold_nobody_and_end_with_408(event):
    """Many more than there are threads."""
    slow = [event.connect() for _ in range(100)]
    for client in slow:
        client.sendall(HEAD + b"X-Slow")
    with event.connect() as working:
        assert all(ask(working)[0] == 200 for _ in range(5))
    for client in slow:
        with client:
            assert receive(client).startswith(b"HTTP/1.1 408 ")
    assert event.get("/x.txt").endswith(b"here\n")


def test_a_byte_now_and_then_does_not_hold_a_head_for_ever(event):
    """Each byte may take Timeout, as in 2.2; but with the limits of a head there is an end."""
    with event.connect() as client:
        client.sendall(b"GET /" + b"a" * 8190)
        client.sendall(b"a" * 10)
        assert receive(client).startswith(b"HTTP/1.1 414 ")


def test_slow_bodies_end_with_408(event):
    with event.connect() as client:
        client.sendall(b"POST /x.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        assert receive(client).startswith(b"HTTP/1.1 408 ")


def test_who_never_says_a_word_is_left_without_one(event):
    with event.connect() as client:
        assert receive(client) == b""


def test_two_thousand_idle_connections_beside_a_working_one(event, many_descriptors):
    idle: list[socket.socket] = []
    try:
        for _ in range(IDLE):
            idle.append(event.connect())
            if len(idle) % 10 == 0:
                assert ask(idle[-1])[0] == 200
        with event.connect() as working:
            answers = [ask(working) for _ in range(50)]
        assert {status for status, _ in answers} == {200}
        assert sorted(seconds for _, seconds in answers)[25] < 0.5
        assert ask(idle[-1])[0] == 200
    finally:
        for client in idle:
            client.close()
    assert "Traceback" not in event.log


def test_threads_are_free_again(event):
    for _ in range(3):
        clients = [event.connect() for _ in range(20)]
        for client in clients:
            client.sendall(HEAD)
            client.close()
    wait_for(lambda: event.get("/x.txt").endswith(b"here\n"), 5)
