"""What an MPM is, and what it asks of the floors below: a server, its connections.

The parent (parent.py) is the same for all MPMs. An MPM is a `Kind` of numbers and a `run_child`, which gets a
`Child`: listening sockets, scoreboard slots, and the one question "am I to finish?". The seam to HTTP is
`Connection.serve_one`: the MPM decides how to wait, the connection how to speak.
"""

import contextlib
import os
import socket
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from pyhttpd.core.logfile import Lines
from pyhttpd.core.reporter import Reporter
from pyhttpd.core.verdict import Verdict
from pyhttpd.mpm.listen import Listeners, accept
from pyhttpd.mpm.scoreboard import ProcessScore, Scoreboard, Slot, Status
from pyhttpd.mpm.sizing import Kind, Limits

Address = tuple[str, int]


class Taken(NamedTuple):
    """An accepted connection: its socket, who connected, and to which of our addresses."""

    socket: socket.socket
    client: Address
    local: Address


class Connection(Protocol):
    """One client's connection, as an MPM sees it."""

    requests: int  # begun so far
    reporter: Reporter  # event sets it to the slot of the thread that serves a turn

    @property
    def pending(self) -> bool:
        """Whether bytes of a next request are here already: serve again at once."""

    @property
    def timeout(self) -> float:
        """Seconds to wait for a first request, or for the socket to take more."""

    @property
    def keepalive_timeout(self) -> float:
        """Seconds to wait for a next request."""

    def fileno(self) -> int: ...

    @property
    def light(self) -> bool:
        """Whether `flush` is sure not to block."""

    def at_once(self, lines: Lines) -> Verdict | None:
        """Read what has come, and answer it if that cannot block; None: a thread must."""

    def hurry(self) -> None:
        """The rest of a request has been waited for long enough."""

    def serve_one(self) -> Verdict:
        """Read one request and answer it."""

    def serve_known(self) -> Verdict:
        """Answer requests as long as that takes little; not with `parked`. KEEP: go on with `serve_one`."""

    def flush(self) -> Verdict:
        """Send on what WRITE left, without blocking."""

    def start_linger(self) -> bool:
        """Say that we send no more; False when there is nothing to linger for."""

    def close(self) -> None: ...


class Server(Protocol):
    """One configuration, built."""

    generation: int
    scoreboard: Any
    replay: Any
    state: dict[str, Any]

    @property
    def main(self) -> Any:
        """The main server; `main.layer.settings(Schema)` are its settings."""

    @property
    def banner(self) -> str:
        """Name and version for the error log: `Apache/2.2.35 (Unix)`."""

    def server_path(self, path: str) -> str:
        """A path relative to ServerRoot made absolute."""

    def connect(
        self, sock: socket.socket, client: Address, local: Address, reporter: Slot, parked: bool
    ) -> Connection | None:
        """Begin to speak with a client. With `parked`, serve_one never waits for a next request."""

    def log(self, level: str, message: str) -> None: ...

    def prepare_children(self, several: bool) -> None: ...

    def child_init(self) -> None: ...

    def close(self) -> None: ...


@dataclass
class Child:
    """One child process, as its MPM sees it."""

    server: Server
    listeners: Listeners
    limits: Limits
    board: Scoreboard
    row: int
    orders: int  # descriptor: readable when told to finish, or when the parent has died
    max_requests: int = 0  # connections in a life, 0 for any number
    taken: int = 0
    process: ProcessScore = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.board.processes[self.row]

    @property
    def stopping(self) -> bool:
        """Whether to take no further connection and finish."""
        return bool(self.process.quiescing)

    def finish(self) -> None:
        """Note that this child is to finish."""
        self.process.quiescing = 1

    def ask_to_finish(self, orders: int) -> None:
        """Say so from a signal handler, through the other end of the orders."""
        self.finish()
        os.write(orders, b"g")

    def slot(self, thread: int) -> Slot:
        """The scoreboard slot of one thread."""
        slot = self.board.slot(self.row, thread)
        slot.score.pid = os.getpid()
        return slot

    def take(self, listener: socket.socket) -> Taken | None:
        """Accept a connection; the last one this child may take makes it finish."""
        try:
            taken = accept(listener)
        except OSError as error:
            self.server.log("error", f"({error.errno}){error.strerror}: accept: (client socket)")
            time.sleep(0.1)  # nothing can be done but to wait for connections to end
            return None
        if taken is not None:
            self.taken += 1
            if self.max_requests > 0 and self.taken >= self.max_requests:
                self.finish()
        return Taken(*taken, self.listeners.local(taken[0], listener)) if taken is not None else None

    def connect(
        self, sock: socket.socket, client: Address, local: Address, slot: Slot, parked: bool
    ) -> Connection | None:
        """The connection of an accepted socket, None (and the socket closed) where there is to be none."""
        slot.new_connection()
        try:
            connection = self.server.connect(sock, client, local, slot, parked)
        except Exception as error:
            self.mishap(error)
            connection = None
        if connection is None:
            sock.close()
        return connection

    def mishap(self, error: BaseException) -> None:
        """A connection failed in a way that nobody foresaw: say so, the child goes on."""
        where = traceback.extract_tb(error.__traceback__)[-1:]
        place = f" at {where[0].filename}:{where[0].lineno}" if where else ""
        with contextlib.suppress(Exception):  # a full disk must not end the child
            self.server.log("error", f"connection failed: {type(error).__name__}: {error}{place}")


@dataclass(frozen=True, slots=True)
class MPM:
    """One multi-processing module."""

    kind: Kind
    run_child: Callable[[Child], None]
    graceful_notice: str  # what the error log says on SIGUSR1

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def threaded(self) -> bool:
        return self.kind.threaded


__all__ = ["MPM", "Child", "Connection", "Server", "Status", "Verdict"]
