"""A site in a temporary folder, served in this process: `site(conf, files)`, and `get` for one request of it.

What is under test is the real thing (a built server, a real connection on loopback); only the MPM is left
out.
"""

import contextlib
import resource
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pyhttpd.core.journal import Journal
from pyhttpd.core.server import Options, Server, build
from pyhttpd.core.verdict import Verdict
from pyhttpd.http.headers import Headers
from pyhttpd.modules import STANDARD
from pyhttpd.mpm.common import mpm_module

BASE = """\
ServerRoot "{root}"
Listen 127.0.0.1:80
ServerName www.example.com
DocumentRoot "{root}/htdocs"
ErrorLog "{root}/logs/error_log"
TypesConfig conf/mime.types
FileETag None
"""
TYPES = "text/html html\ntext/plain txt\nimage/gif gif\ntext/css css\napplication/octet-stream bin\n"


class Quiet:
    """A reporter for connections that nobody watches."""

    stopping = False

    def __init__(self) -> None:
        self.reports: list[int] = []
        self.served = 0

    def report(self, status: int, request: object = None) -> None:
        self.reports.append(status)

    def count(self, bytes_sent: int, replayed: bool = False) -> None:
        self.served += 1


@dataclass
class Answer:
    """One answer, taken apart."""

    status: int
    headers: Headers
    body: bytes
    raw: bytes
    log: str = ""

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Site:
    """A server root on disk and the server built from it."""

    root: Path
    server: Server
    reporter: Quiet = field(default_factory=Quiet)

    def talk(self, data: bytes, local: tuple[str, int] = ("127.0.0.1", 80)) -> bytes:
        """What the server answers to these bytes on one connection; we close our side after them."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname(), 10)
            accepted, address = listener.accept()
        connection = self.server.connect(accepted, address[:2], local, self.reporter, False)
        assert connection is not None

        def serve() -> None:
            while connection.serve_one() is not Verdict.CLOSE:
                if connection.serve_known() is Verdict.CLOSE:
                    break
            with contextlib.suppress(OSError):  # a lingering close, which is for an MPM to do
                accepted.shutdown(socket.SHUT_WR)
                while accepted.recv(65536):
                    pass
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        with client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: client.recv(65536), b""))
        thread.join(10)
        assert not thread.is_alive()
        return received

    def get(
        self,
        target: str = "/",
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        local: tuple[str, int] = ("127.0.0.1", 80),
    ) -> Answer:
        """One request and its answer."""
        fields = {"Host": "www.example.com", "Connection": "close"}
        if body:
            fields["Content-Length"] = str(len(body))
        fields |= headers or {}
        lines = [
            f"{method} {target} HTTP/1.1",
            *(f"{k}: {v}" for k, v in fields.items() if v is not None),
            "",
            "",
        ]
        raw = self.talk("\r\n".join(lines).encode() + body, local)
        return self.answer(raw)

    def answer(self, raw: bytes) -> Answer:
        """Take the first answer on a connection apart."""
        head, _, rest = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = Headers((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        if headers.get("Transfer-Encoding") == "chunked":
            rest = dechunk(rest)
        return Answer(int(first.split()[1]), headers, rest, raw, self.log)

    @property
    def log(self) -> str:
        """The error log so far."""
        path = self.root / "logs/error_log"
        return path.read_text() if path.exists() else ""


def dechunk(data: bytes) -> bytes:
    """The body that chunks carry."""
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            break
        body, data = body + data[:length], data[length + 2 :]
    return body


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Make a site: `site(conf, {"htdocs/x.txt": "text"})`; `bare` leaves out the base configuration."""
    servers: list[Server] = []

    def make(conf: str = "", files: Mapping[str, str | bytes] | None = None, *, bare: bool = False) -> Site:
        for folder in ("htdocs", "logs", "conf", "cgi-bin"):
            (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / "conf/mime.types").write_text(TYPES)
        for name, content in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            if name.startswith("cgi-bin/") or name.endswith(".cgi"):
                path.chmod(0o755)
        text = ("" if bare else BASE.format(root=tmp_path)) + conf.replace("@ROOT@", str(tmp_path))
        (tmp_path / "conf/httpd.conf").write_text(text)
        options = Options(str(tmp_path / "conf/httpd.conf"), str(tmp_path))
        server = build(options, mpm_module, STANDARD)
        server.open_logs()
        server.child_init()
        servers.append(server)
        return Site(tmp_path, server)

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def get(site: Callable[..., Site]) -> Callable[..., Answer]:
    """One request of a site made for it: `get("/x.txt", conf="...", files={...})`."""

    def fetch(
        target: str = "/", conf: str = "", files: Mapping[str, str | bytes] | None = None, **asked: object
    ) -> Answer:
        return site(conf, files).get(target, **asked)  # type: ignore[arg-type]

    return fetch


@pytest.fixture
def journal() -> Journal:
    """An empty journal."""
    return Journal()


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens to at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def descriptors() -> Iterator[Callable[[int], None]]:
    """Let this process have so many open: `descriptors(number)`. Skips where it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def have(wanted: int) -> None:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            pytest.skip("too few descriptors")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))

    yield have
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
