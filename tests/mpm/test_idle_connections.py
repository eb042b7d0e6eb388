"""event: connections that wait are nothing special."""

import signal

import pytest
from waiting import wait_for

CONNECTIONS = 2000


@pytest.fixture
def mpm():
    return "event"


@pytest.fixture
def many_descriptors(descriptors):
    descriptors(CONNECTIONS + 200)


def test_two_thousand_wait_while_others_are_served(start, many_descriptors):
    server = start(keepalive=30.0, timeout=30.0)
    idle = [server.client() for _ in range(CONNECTIONS)]
    try:
        for client in idle[::10]:
            assert client.get() == ("one", True)
        wait_for(lambda: sum(row[4] for row in server.board()) >= CONNECTIONS)
        assert server.get() == "one"
        for client in idle[::100]:
            assert client.get() == ("one", True)
        server.restart(signal.SIGUSR1)
        assert idle[0].get() == ("one", False)
        wait_for(lambda: {row[1] for row in server.board()} == {1})
    finally:
        for client in idle:
            client.close()
