"""Odd things in the document root: nothing but files is opened, and a file may change under our hands."""

import contextlib
import os
import socket
import time
from pathlib import Path

import pytest
from robust_server import Running, open_folder, receive, serving
from waiting import wait_for

GIB = 1 << 30
SIZE = 5 * GIB
BIG = 16 << 20  # more than socket buffers hold


@pytest.fixture(scope="module")
def odd(each_mpm):
    """A server whose document root holds odd things."""
    with open_folder() as root:
        fill(root / "htdocs")
        with serving(root, each_mpm, "Timeout 3\n") as server:
            yield server


def fill(htdocs):
    htdocs.mkdir()
    os.mkfifo(htdocs / "fifo", 0o666)
    (htdocs / "device").symlink_to("/dev/zero")
    (htdocs / "x.txt").write_text("here\n")
    with socket.socket(socket.AF_UNIX) as door:
        here = Path.cwd()
        os.chdir(htdocs)  # a socket's path is short
        try:
            door.bind("socket")
        finally:
            os.chdir(here)
    (htdocs / "socket").chmod(0o666)
    for name, size in (("sparse", SIZE), ("shrinks", BIG), ("big", BIG)):
        with (htdocs / name).open("wb") as file:
            file.truncate(size)
    with (htdocs / "sparse").open("r+b") as file:
        file.seek(SIZE - 4)
        file.write(b"last")


def status(raw):
    return int(raw.split(b" ", 2)[1])


@pytest.mark.parametrize("name", ["fifo", "socket", "device"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_is_no_file_is_forbidden_at_once(odd, name, method):
    began = time.monotonic()
    assert status(odd.get(f"/{name}", method=method)) == 403
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("name", ["fifo", "socket", "device", "x.txt"])
def test_nothing_is_below_what_is_no_folder(odd, name):
    assert status(odd.get(f"/{name}/more")) in (403, 404)


def test_a_file_beyond_4_gib_says_its_length(odd):
    raw = odd.get("/sparse", method="HEAD")
    assert status(raw) == 200
    assert f"\r\nContent-Length: {SIZE}\r\n".encode() in raw


@pytest.mark.parametrize("wanted", ["-4", f"{SIZE - 4}-", f"{SIZE - 4}-{SIZE + 10}"])
def test_the_end_of_such_a_file_can_be_had(odd, wanted):
    raw = odd.get("/sparse", f"Range: bytes={wanted}")
    assert raw.endswith(b"\r\n\r\nlast")
    assert f"\r\nContent-Range: bytes {SIZE - 4}-{SIZE - 1}/{SIZE}\r\n".encode() in raw


def test_several_ranges_of_such_a_file_are_not_read_into_memory(odd):
    with odd.connect() as client:
        client.sendall(b"GET /sparse HTTP/1.1\r\nHost: a\r\nRange: bytes=0-4294967300,-4\r\n\r\n")
        head = client.recv(65536)
    assert status(head) == 206
    assert b"multipart/byteranges" in head
    assert all(memory(pid) < 200_000 for pid in odd.children())


def memory(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def half(odd: Running, name: str) -> socket.socket:
    """A client that asked for a file and has read the beginning of the answer."""
    client = odd.connect()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.sendall(f"GET /{name} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
    return client


def test_a_file_that_shrinks_ends_its_connection_and_hangs_nobody(odd):
    with half(odd, "shrinks") as client:
        os.truncate(odd.root / "htdocs/shrinks", 1024)
        client.settimeout(10)
        assert len(receive(client)) < BIG
    wait_for(lambda: "file ended at" in odd.log)
    assert status(odd.get("/x.txt")) == 200


def test_clients_that_vanish_cost_nothing(odd):
    before = sorted(odd.children())
    for _ in range(12):
        half(odd, "big").close()
    for _ in range(12):
        with odd.connect() as client:
            client.sendall(
                b"POST /x.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n" + b"." * 99999
            )
    assert status(odd.get("/x.txt")) == 200
    assert set(before) <= set(odd.children())
    assert "Traceback" not in odd.log
    assert "Error:" not in odd.log


def test_a_vanished_clients_descriptors_are_given_back(odd):
    """But for one in each child, which may remember a file that was asked for."""

    def open_files(pid):
        links = [os.path.realpath(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
        return sum(link.endswith("/big") for link in links)

    for _ in range(12):
        half(odd, "big").close()
    wait_for(lambda: all(open_files(pid) <= 1 for pid in odd.children()))


def test_a_file_that_is_replaced_while_it_is_sent_is_sent_to_its_end(odd):
    """Whatever is remembered of it, and whoever asks for the new one or for others meanwhile."""
    path = odd.root / "htdocs/replaced"
    path.write_bytes(b"o" * BIG)
    for _ in range(8):  # so that some child gives it from memory
        assert status(odd.get("/replaced", method="HEAD")) == status(odd.get("/replaced")) == 200
    with contextlib.ExitStack() as clients:
        slow = [clients.enter_context(half(odd, "replaced")) for _ in range(3)]
        path.with_suffix(".new").write_bytes(b"n" * BIG)
        path.with_suffix(".new").rename(path)
        for _ in range(8):
            assert odd.get("/replaced", "Range: bytes=-9").endswith(b"\r\n\r\n" + b"n" * 9)
            assert status(odd.get("/replaced", method="HEAD")) == 200
            odd.get("/big", "Range: bytes=0-9")
        for client in slow:
            client.sendall(b"GET /x.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            rest = receive(client)
            assert rest.count(b"n" * 100) == 0
            assert rest.count(b"o") > BIG - 5000
            assert rest.endswith(b"here\n")
