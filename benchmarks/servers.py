"""Starting and stopping a server: a free port of 127.0.0.1, a folder of its own, ended by process id.

It stays in the foreground, in a session of its own: Ctrl-C reaches the benchmark, which then stops it.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.account import Account, account
from benchmarks.configs import Kind, Place
from benchmarks.site import Site
from pyhttpd.tools.load.processes import stop

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30.0  # seconds for a server to answer first


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    pid: int
    address: tuple[str, int]
    account: Account

    def cpu(self) -> float:
        """Seconds of processor time that it has used, with all that it started."""
        return self.account.seconds(self.pid)


def installed(kind: Kind) -> bool:
    """Whether this machine can run it."""
    return shutil.which(kind.program) is not None


@contextmanager
def running(kind: Kind, site: Site, home: Path, lines: str = "") -> Iterator[Running]:
    """Start a server in an empty folder, and end it. Raises RuntimeError when it does not answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    home.mkdir(mode=0o755)
    command = kind.write(Place(site, home, address[1], lines), kind)
    with account() as counting:
        process = start(counting.command(command), home / "output")
        try:
            answers(process, address, home)
            yield Running(process.pid, address, counting)
        finally:
            stop(process)
            shutil.rmtree(home, ignore_errors=True)


def start(command: list[str], said: Path) -> subprocess.Popen[bytes]:
    """A process in a session of its own, which writes what it says to a file."""
    with said.open("wb") as output:
        return subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )


def answers(process: subprocess.Popen[bytes], address: tuple[str, int], home: Path) -> None:
    """Wait for the first answer. Raises RuntimeError with what the server said instead."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError), socket.create_connection(address, PATIENCE) as client:
            client.sendall(b"GET /small.html HTTP/1.0\r\n\r\n")
            if client.recv(1):
                return
        time.sleep(0.02)
    said = "".join(file.read_text("utf-8", "replace") for file in home.glob("[eo]*t*") if file.is_file())
    raise RuntimeError("\n".join(["does not answer", *said.splitlines()[-3:]]))
