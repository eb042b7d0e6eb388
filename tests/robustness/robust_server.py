"""A server in processes of its own, for what only real processes, sockets and file systems can show."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from waiting import PATIENCE, wait_for

CHECKOUT = Path(__file__).parents[2]
CONF = """\
ServerRoot "{root}"
Listen 127.0.0.1:{port}
AcceptFilter http none
ServerName www.example.com
DocumentRoot "{root}/htdocs"
PidFile logs/httpd.pid
ErrorLog logs/error_log
TypesConfig conf/mime.types
"""
SMALL = {
    "prefork": "StartServers 3\nMinSpareServers 1\nMaxSpareServers 10\nMaxClients 20\n",
    "worker": "StartServers 2\nServerLimit 4\nThreadsPerChild 8\nMaxClients 32\nMaxSpareThreads 32\n",
}
SMALL["event"] = SMALL["worker"]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens to at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A server that runs, its log, and what it takes of the machine."""

    def __init__(self, root: Path, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.root, self.port, self.process, self.pid = root, port, process, process.pid

    def connect(self, timeout: float = PATIENCE) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def talk(self, data: bytes, timeout: float = PATIENCE) -> bytes:
        """What comes back until the server closes; our side stays open. Raises TimeoutError."""
        with self.connect(timeout) as client:
            client.sendall(data)
            return receive(client)

    def get(self, path: str, *lines: str, method: str = "GET") -> bytes:
        """One answer, head and body."""
        head = [f"{method} {path} HTTP/1.1", "Host: www.example.com", "Connection: close", *lines, "", ""]
        return self.talk("\r\n".join(head).encode("utf-8", "surrogateescape"))

    @property
    def log(self) -> str:
        path = self.root / "logs/error_log"
        return path.read_text(errors="replace") if path.exists() else ""

    def children(self) -> list[int]:
        """The processes that serve."""
        text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(word) for word in text.split()]

    def graceful(self) -> None:
        """Restart gracefully, and wait until the parent has done it."""
        line = "resuming normal operations"
        before = self.log.count(line)
        os.kill(self.pid, signal.SIGUSR1)
        wait_for(lambda: self.log.count(line) > before)

    def stop(self) -> int:
        """Stop it, by force if need be; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            return self.process.wait()


def receive(client: socket.socket) -> bytes:
    """All that comes until the end; a reset is an end as well."""
    pieces = []
    with contextlib.suppress(ConnectionResetError):
        while data := client.recv(1 << 20):
            pieces.append(data)
    return b"".join(pieces)


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that any user may enter (each session of pytest shuts its own)."""
    with tempfile.TemporaryDirectory(prefix="pyhttpd-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextlib.contextmanager
def serving(root: Path, mpm: str = "event", conf: str = "") -> Iterator[Running]:
    """A server of these lines below `root`; it is stopped at the end."""
    port = free_port()
    for folder in ("htdocs", "logs", "conf"):
        (root / folder).mkdir(exist_ok=True)
    (root / "conf/mime.types").write_text("text/plain txt\ntext/html html\n")
    text = CONF.format(root=root, port=port) + SMALL[mpm] + conf.replace("@ROOT@", str(root))
    (root / "conf/httpd.conf").write_text(text)
    command = [sys.executable, "-m", "pyhttpd", "-f", str(root / "conf/httpd.conf"), "--mpm", mpm]
    with (root / "logs/stderr").open("wb") as stderr:
        process = subprocess.Popen([*command, "-DFOREGROUND"], cwd=CHECKOUT, stderr=stderr)
    server = Running(root, port, process)
    try:
        wait_for(lambda: process.poll() is not None or "resuming normal operations" in server.log)
        assert process.poll() is None, (root / "logs/stderr").read_text()
        yield server
    finally:
        server.stop()
