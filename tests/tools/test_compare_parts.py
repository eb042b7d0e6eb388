"""The parts of `pyhttpd compare`: the server apart, requests of URLs, our own load."""

import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pyhttpd.config import reader, tree
from pyhttpd.core.server import Options
from pyhttpd.tools.compare.apart import Port, move
from pyhttpd.tools.compare.asked import Asked
from pyhttpd.tools.compare.served import served
from pyhttpd.tools.load.own import Client, Generator

CONFIG = """\
ServerRoot "{root}"
ServerName main.example.com
Listen 127.0.0.7:80
Listen 8080
DocumentRoot "{root}/htdocs"
{user}
<VirtualHost 127.0.0.7:80>
    ServerName seven.example.com
    DocumentRoot "{root}/seven"
</VirtualHost>
<VirtualHost *:8080>
    ServerName other.example.com
    Redirect /away http://else.example.com/
    UseCanonicalName On
    DocumentRoot "{root}/other"
</VirtualHost>
"""


@pytest.fixture
def options() -> Iterator[Options]:
    """A configuration with a host for each of two ports, in a folder that everybody reaches."""
    with tempfile.TemporaryDirectory() as home:
        root = Path(home)
        root.chmod(0o755)
        for name in ("htdocs", "seven", "other"):
            (root / name).mkdir()
            (root / name / "page.txt").write_text(name)
        user = "User nobody\nGroup #65534" if os.geteuid() == 0 else ""
        (root / "httpd.conf").write_text(CONFIG.format(root=root, user=user))
        yield Options(file=str(root / "httpd.conf"), server_root=str(root), mpm="prefork")


def get(port: int, target: str) -> bytes:
    """The answer to one request."""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_virtual_hosts_by_address_and_port_are_what_they_are(options: Options) -> None:
    with served(options) as server:
        seven, other = server.wait_for_ports()
        assert (seven.host, seven.port, other.port) == ("127.0.0.7", 80, 8080)
        assert {seven.real, other.real}.isdisjoint({80, 8080})
        assert server.first_answer(seven.real, b"GET /page.txt HTTP/1.0\r\n\r\n") == (200, "5")
        assert get(seven.real, "/page.txt").endswith(b"seven")
        assert get(other.real, "/page.txt").endswith(b"other")
        assert server.place.look().mpm == "prefork"
        home = server.home
    assert not home.exists()


def test_a_server_that_does_not_start_says_why(options: Options) -> None:
    Path(options.file).write_text("Listen 80\nNonsense\n")
    with served(options) as server, pytest.raises(RuntimeError, match="Invalid command 'Nonsense'"):
        server.wait_for_ports()


def test_what_is_written_goes_elsewhere_and_one_file_stays_one(site: Callable[..., object]) -> None:
    made = site()
    text = 'CustomLog "|rotate x" a\n<VirtualHost *>\nErrorLog b\nCustomLog "|rotate x" c\n</VirtualHost>\n'
    text += "CustomLog /dev/null d\n"
    read = reader.read_text(text, "test", made.server.site)  # type: ignore[attr-defined]
    move(read, "/home")
    words = [node.words for node in read.walk() if not isinstance(node, tree.Section)]
    assert words == [["/home/log-0", "a"], ["/home/log-1"], ["/home/log-0", "c"], ["/dev/null", "d"]]


def test_urls_without_a_host_are_asked_of_the_main_server() -> None:
    asked = Asked(("/a?b=1", "http://x.example:8080"), "main.example")
    assert asked.requests("A: b") == [
        b"GET /a?b=1 HTTP/1.1\r\nHost: main.example\r\nA: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x.example:8080\r\nA: b\r\n\r\n",
    ]
    ports = [Port("127.0.0.1", 80, "http", 1), Port("127.0.0.1", 8080, "http", 2)]
    assert asked.real_port(ports) == 2
    assert Asked(("/",), "x").real_port([Port("127.0.0.1", 443, "https", 3), *ports]) == 1


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, int]]:
    """A server that answers every request on one connection after another alike, and then ends it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    client, _ = listener.accept()
                except TimeoutError:
                    continue
                with client:
                    client.settimeout(5)
                    client.recv(65536)
                    client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n\r\nabc",
        b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n",
    ],
)
def test_our_own_load_counts_answers_on_connections_that_end(answer: bytes) -> None:
    with answering(answer) as address:
        load = Generator([b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]).run(address, 0.3, 2)
    assert load.requests > 2
    assert load.errors == 0
    assert 0 < load.p50 <= load.p95 <= load.p99


def test_our_own_load_counts_connections_that_break_off() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc") as address:
        load = Generator([b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]).run(address, 0.3, 1)
    assert load.requests == 0
    assert load.errors > 0


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_answer_is_whole_however_it_is_cut(size: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = head + b"3\r\nabc\r\n0\r\n\r\n"
    with socket.socket() as sock:
        client = Client(sock, 0.0)
        parts = [answer[at : at + size] for at in range(0, len(answer), size)]
        assert [client.take(part) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_a_generator_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    plain = subprocess.Popen

    def begin(*words: object, **more: object) -> subprocess.Popen[bytes]:
        begun.append(plain(*words, **more))  # type: ignore[call-overload]
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", begin)
    with answering(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n") as address:
        Generator([b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]).run(address, 0.1, 3)
    assert begun
    assert all(process.returncode is not None for process in begun)
