"""The connection that ends a child's life is told so with its first answer, also with one from memory."""

import os

import pytest
from robust_server import open_folder, serving

LIFE = 4  # connections
CONF = f"StartServers 1\nMinSpareThreads 1\nAcceptFilter http data\nMaxRequestsPerChild {LIFE}\n"
ASK = b"GET /x.txt HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize("mpm", ["worker", "event"])
def test_the_last_connection_of_a_child_is_not_kept(mpm: str) -> None:
    """Its bytes come with it, so that it is taken and answered in one turn of the listener."""
    told = []
    with open_folder() as folder:
        (folder / "htdocs").mkdir()
        (folder / "htdocs/x.txt").write_text("here\n")
        os.utime(folder / "htdocs/x.txt", (1e9, 1e9))  # else the answer is not remembered
        with serving(folder, mpm, CONF) as server:
            for _ in range(LIFE):
                with server.connect() as client:
                    client.sendall(ASK)
                    told.append(b"Connection: close" in client.recv(65536))
    assert told == [False] * (LIFE - 1) + [True]
