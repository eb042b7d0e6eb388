"""A real server with event's listeners: every answer is counted and logged once, whole and in order."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from replay_files import put
from waiting import wait_for

CHECKOUT = Path(__file__).parents[2]
PATIENCE = 20.0
CLIENTS, REQUESTS = 8, 2000
CONF = """\
ServerRoot "{root}"
Listen 127.0.0.1:{port}
ServerName www.example.com
DocumentRoot "{root}/htdocs"
PidFile logs/httpd.pid
ErrorLog logs/error_log
TypesConfig conf/mime.types
ExtendedStatus On
MaxKeepAliveRequests 0
StartServers 2
ServerLimit 4
ThreadsPerChild 8
MaxClients 32
MaxSpareThreads 32
CustomLog logs/access_log "%r %>s %O %{{X-Client}}i"
<Location /server-status>
SetHandler server-status
</Location>
<Location /denied>
Order allow,deny
</Location>
"""
WANTED = ("/a.txt", "/b.txt", "/none", "/denied/x", "/big.bin", "/")
LINE = re.compile(r"GET (\S+) HTTP/1\.1 (\d{3}) (\d+) (\d+)-(\d+)")


class Client(threading.Thread):
    """Asks for one thing after the other on one connection."""

    def __init__(self, port, number):
        super().__init__(daemon=True)
        self.port, self.number, self.bytes, self.statuses = port, number, 0, []

    def run(self):
        with (
            socket.create_connection(("127.0.0.1", self.port), PATIENCE) as sock,
            sock.makefile("rb") as file,
        ):
            for count in range(REQUESTS // CLIENTS):
                target = WANTED[(count + self.number) % len(WANTED)]
                lines = f"GET {target} HTTP/1.1", "Host: www.example.com", f"X-Client: {self.number}-{count}"
                sock.sendall("\r\n".join([*lines, "", ""]).encode())
                self.receive(file)

    def receive(self, file):
        head = [file.readline()]
        while head[-1] not in (b"\r\n", b""):
            head.append(file.readline())
        length = next(int(line.split()[1]) for line in head if line.startswith(b"Content-Length:"))
        body = file.read(length)
        assert len(body) == length
        self.statuses.append(int(head[0].split()[1]))
        self.bytes += length + sum(map(len, head))


@contextlib.contextmanager
def serving(root, port):
    for folder in ("logs", "conf"):
        (root / folder).mkdir()
    for name, text in (
        ("a.txt", "a"),
        ("b.txt", "b" * 3000),
        ("big.bin", "c" * 150_000),
        ("index.html", "i"),
    ):
        put(root / "htdocs" / name, text)
    (root / "conf/mime.types").write_text("text/plain txt\ntext/html html\n")
    (root / "conf/httpd.conf").write_text(CONF.format(root=root, port=port))
    command = [sys.executable, "-m", "pyhttpd", "-f", str(root / "conf/httpd.conf"), "--mpm", "event"]
    with (root / "logs/stderr").open("wb") as stderr:
        process = subprocess.Popen([*command, "-DFOREGROUND"], cwd=CHECKOUT, stderr=stderr)
    log = root / "logs/error_log"
    try:
        wait_for(
            lambda: process.poll() is not None or (log.exists() and "resuming" in log.read_text()),
            what="start",
        )
        assert process.poll() is None, (root / "logs/stderr").read_text()
        yield root
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def counted(port):
    """(accesses, kilobytes) of the scoreboard, before this very look."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        sock.sendall(b"GET /server-status?auto HTTP/1.0\r\nConnection: close\r\n\r\n")
        text = b"".join(iter(lambda: sock.recv(65536), b"")).decode()
    found = {
        name: float(re.search(rf"{name}: ([0-9.]+)", text)[1]) for name in ("Total Accesses", "Total kBytes")
    }
    return found["Total Accesses"], found["Total kBytes"]


@pytest.fixture(scope="module")
def loaded(reserved_port):
    """What eight clients got, what was logged, and what was counted."""
    with tempfile.TemporaryDirectory(prefix="pyhttpd-test-") as folder:
        root = Path(folder).resolve()
        root.chmod(0o755)
        with serving(root, reserved_port):
            before = counted(reserved_port)[0]
            clients = [Client(reserved_port, number) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            for client in clients:
                client.join(3 * PATIENCE)
                assert len(client.statuses) == REQUESTS // CLIENTS
            log = root / "logs/access_log"
            wait_for(lambda: log.read_text().count("\n") > REQUESTS, what="the last lines of the log")
            accesses, kilobytes = counted(reserved_port)
        errors = (root / "logs/error_log").read_text()
        lines = [line for line in log.read_text().splitlines() if "server-status" not in line]
        yield clients, lines, errors, accesses - before, kilobytes


@pytest.fixture(scope="module")
def reserved_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_every_answer_has_one_whole_line_in_the_log(loaded):
    _, lines, _, _, _ = loaded
    assert len(lines) == REQUESTS
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_the_lines_of_a_connection_are_in_order(loaded):
    clients, lines, _, _, _ = loaded
    found = [LINE.fullmatch(line) for line in lines]
    for client in clients:
        mine = [one for one in found if int(one[4]) == client.number]
        assert [int(one[5]) for one in mine] == list(range(REQUESTS // CLIENTS))
        assert [int(one[2]) for one in mine] == client.statuses


def test_bytes_are_logged_as_they_were_received(loaded):
    clients, lines, _, _, _ = loaded
    assert sum(int(LINE.fullmatch(line)[3]) for line in lines) == sum(client.bytes for client in clients)


def test_every_answer_is_counted_once(loaded):
    _, _, _, accesses, _ = loaded
    assert accesses - 1 <= REQUESTS <= accesses  # the first look at the counters may be among them


def test_bytes_are_counted(loaded):
    clients, _, _, _, kilobytes = loaded
    assert kilobytes == pytest.approx(sum(client.bytes for client in clients) / 1024, rel=0.01)


def test_every_refusal_has_its_line_in_the_error_log(loaded):
    clients, _, errors, _, _ = loaded
    statuses = [status for client in clients for status in client.statuses]
    assert errors.count("File does not exist") == statuses.count(404)
    assert errors.count("client denied by server configuration") == statuses.count(403)
