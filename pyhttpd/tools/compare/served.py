"""Starting a server apart from the user's own, and ending it; see `apart` for what differs in it."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pyhttpd.config.mpms import DEFAULT_MPM
from pyhttpd.tools.board import Place
from pyhttpd.tools.compare.apart import BOARD, LOOPBACK, PID_FILE, PORTS, Port
from pyhttpd.tools.load.own import LENGTH
from pyhttpd.tools.load.processes import stop

if TYPE_CHECKING:
    from pyhttpd.core.server import Options

ROOT = Path(__file__).resolve().parents[3]  # where a module of ours is found by name
PATIENCE = 30.0  # seconds for a server to answer first
SAID = 3  # lines of what it said that are shown when it does not


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], home: Path) -> None:
        self.process, self.home, self.pid = process, home, process.pid
        self.place = Place(str(home / PID_FILE), str(home / BOARD))

    @property
    def ports(self) -> list[Port]:
        """Where it listens; nothing while it does not yet."""
        with suppress(FileNotFoundError):
            return [Port(*one) for one in json.loads((self.home / PORTS).read_text())]
        return []

    def wait_for_ports(self) -> list[Port]:
        """Where it listens. Raises RuntimeError with what it said if it ended instead."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            if ports := self.ports:
                return ports
            time.sleep(0.02)
        raise RuntimeError("\n".join(["does not start", *self.said()]))

    def first_answer(self, port: int, request: bytes) -> tuple[int, str]:
        """Status and Content-Length of an answer, as soon as there is one. Raises RuntimeError."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            with suppress(OSError), socket.create_connection((LOOPBACK, port), PATIENCE) as client:
                client.sendall(request)
                head = client.recv(65536).partition(b"\r\n\r\n")[0]
                if head:
                    length = LENGTH.search(head)
                    return int(head.split(None, 2)[1]), length[1].decode() if length else ""
            time.sleep(0.02)
        raise RuntimeError("\n".join(["does not answer", *self.said()]))

    def said(self) -> list[str]:
        """The last lines of what it wrote."""
        files = (self.home / "output", self.home / "error_log")
        texts = [file.read_text("utf-8", "replace") for file in files if file.exists()]
        return "".join(texts).splitlines()[-SAID:]


def command(home: Path, options: "Options") -> list[str]:
    """What starts a server."""
    words = [sys.executable, "-m", "pyhttpd.tools.compare.apart", str(home)]
    words += ["-d", options.server_root, "-f", options.file]
    for letter, values in (("-D", options.defines), ("-C", options.before), ("-c", options.after)):
        words += [word for value in values for word in (letter, value)]
    return [*words, "--mpm", options.mpm or DEFAULT_MPM]


@contextmanager
def served(options: "Options") -> Iterator[Served]:
    """Start a server in a session of its own: Ctrl-C reaches us, and we end it."""
    with TemporaryDirectory(prefix="pyhttpd-compare-") as name:
        home = Path(name)
        home.chmod(0o755)  # children of a server that root starts change to another user
        with (home / "output").open("wb") as output:
            process = subprocess.Popen(
                command(home, options), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        try:
            yield Served(process, home)
        finally:
            stop(process)
