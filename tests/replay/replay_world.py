"""What the tests of replay are made of: conversations, and twins that must answer alike."""

import re
import select
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from replay_files import grow_old, put, settle

from pyhttpd.core.connection import Connection
from pyhttpd.core.logfile import Lines
from pyhttpd.core.replay.shelf import Shelf
from pyhttpd.core.server import Options, Server, build
from pyhttpd.core.verdict import Verdict
from pyhttpd.modules import STANDARD
from pyhttpd.mpm.common import mpm_module
from pyhttpd.mpm.linger import serve

DATES = re.compile(rb"(?m)^Date: [^\r]*")
CLOCKS = re.compile(rb"\[[^]]*\d\d:\d\d:\d\d[^]]*\]")
BASE = """\
ServerRoot "@ROOT@"
Listen 127.0.0.1:80
ServerName www.example.com
DocumentRoot "@ROOT@/htdocs"
TypesConfig conf/mime.types
ErrorLog logs/error-@SIDE@
LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\" %X %k %I %O %f" full
CustomLog logs/access-@SIDE@ full
Replay @REPLAY@
<Directory />
Options Indexes FollowSymLinks ExecCGI
AllowOverride All
</Directory>
"""
COMMON_LOG = 'LogFormat "%h %l %u %t \\"%r\\" %>s %b" full\n'  # nothing in it belongs to one request alone
TYPES = "text/html html\ntext/plain txt\nimage/gif gif\ntext/css css\n"


@dataclass(frozen=True)
class Ask:
    """One request."""

    target: str = "/"
    method: str = "GET"
    version: str = "1.1"
    lines: tuple[str, ...] = ()
    host: str = "www.example.com"

    def __bytes__(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/{self.version}", f"Host: {self.host}", *self.lines]
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True)
class Talk:
    """A conversation: a client and what it asks on one connection, one after the other.

    `how` the server that may give answers again is driven: one request after the other, as by a worker; by a
    "listener", as event's; in a "thread" of the connection's own, as by prefork.
    """

    asks: tuple[Ask, ...]
    client: str = "127.0.0.1"
    how: str = ""


class Board:
    """A slot of the scoreboard that nobody looks at."""

    def __init__(self) -> None:
        self.stopping = False
        self.served = self.bytes = 0

    def report(self, status: int, request: object = None) -> None:
        pass

    def count(self, bytes_sent: int, replayed: bool = False) -> None:
        self.served += 1
        self.bytes += bytes_sent


@dataclass
class Side:
    """One server, and what it has written to its logs so far."""

    name: str
    root: Path
    server: Server
    board: Board = field(default_factory=Board)
    read: dict[str, int] = field(default_factory=dict)

    @property
    def hits(self) -> int:
        return self.server.replay.hits if self.server.replay is not None else 0

    def mishap(self, error: BaseException) -> None:
        """A connection failed in a way that nobody foresaw."""
        raise error

    def talk(self, talk: Talk) -> bytes:
        """All that the server says in a conversation."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            ours = socket.create_connection(listener.getsockname(), 10)
            theirs, _ = listener.accept()
        connection = self.server.connect(theirs, (talk.client, 4711), ("127.0.0.1", 80), self.board)
        assert connection is not None
        how = talk.how if self.name != "off" else ""
        with ours:
            if how == "thread":
                return self.converse(connection, ours, talk.asks)
            answer = self.listen if how == "listener" else Connection.serve_one
            for ask in talk.asks:
                ours.sendall(bytes(ask))
                if answer(connection) is Verdict.CLOSE:
                    break
            connection.close()
            return b"".join(iter(lambda: ours.recv(65536), b""))

    def converse(self, connection: Connection, ours: socket.socket, asks: tuple[Ask, ...]) -> bytes:
        """A conversation with a connection with a thread to itself: no request before the last is done."""
        thread = threading.Thread(target=serve, args=(self, self.board, connection))
        thread.start()
        said = b""
        with suppress(OSError):  # it may have closed before we ask for more
            for ask in asks:
                served = self.board.served
                ours.sendall(bytes(ask))
                while self.board.served == served and thread.is_alive():
                    if select.select([ours], [], [], 0.002)[0]:
                        said += ours.recv(1 << 20)
            ours.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            said += b"".join(iter(lambda: ours.recv(65536), b""))
        thread.join(10)
        assert not thread.is_alive()
        return said

    def listen(self, connection: Connection) -> Verdict:
        """Answer one request as event's listener does, or as the worker to whom it hands what may block."""
        assert self.server.replay is not None
        lines: Lines = defaultdict(list)
        self.server.replay.next_turn(time.monotonic())
        select.select([connection], [], [], 10)
        verdict = connection.at_once(lines)
        for log, written in lines.items():
            log.write_all(written)
        return connection.serve_one() if verdict is None else verdict

    def logged(self, kind: str) -> list[bytes]:
        """The lines written to a log since last time."""
        path = self.root / f"logs/{kind}-{self.name}"
        data = path.read_bytes() if path.exists() else b""
        before, self.read[kind] = self.read.get(kind, 0), len(data)
        return CLOCKS.sub(b"[clock]", data[before:]).splitlines()


@dataclass
class Twins:
    """Two servers over the same files.

    Of the one that gives answers again there may be several processes, which take turns and lend each other
    what they have.
    """

    root: Path
    processes: list[Side]
    off: Side

    @property
    def on(self) -> Side:
        """The one that gives answers again; the process whose turn it is."""
        return self.processes[0]

    @property
    def hits(self) -> int:
        """How many answers were given again."""
        return sum(side.hits for side in self.processes)

    def agree(self, talk: Talk) -> bytes:
        """Have the same conversation with both; what the one says that should give answers again."""
        self.processes.append(self.processes.pop(0))
        said = [DATES.sub(b"Date: now", side.talk(talk)) for side in (self.off, self.on)]
        _equal(said[0], said[1], "answers", talk)
        for kind in ("access", "error"):
            wanted, found = (side.logged(kind) for side in (self.off, self.on))
            _equal(b"\n".join(wanted), b"\n".join(found), kind, talk)
        return said[1]

    def ask(self, target: str = "/", *lines: str, client: str = "127.0.0.1", method: str = "GET") -> bytes:
        """One request to both."""
        return self.agree(Talk((Ask(target, method, lines=lines),), client))

    def again(self, target: str = "/", *lines: str, **asked: str) -> bytes:
        """One request that is asked until it has been answered from memory; fails if it never is."""
        before = self.hits
        said = self.ask(target, *lines, **asked)  # type: ignore[arg-type]
        for _ in range(20):  # others may change a folder above ours
            assert self.ask(target, *lines, **asked) == said  # type: ignore[arg-type]
            if self.hits > before:
                return said
            settle()
        raise AssertionError("not given again")

    def never(self, target: str = "/", *lines: str, **asked: str) -> bytes:
        """One request whose answer must not be given again."""
        before = self.hits
        for _ in range(3):
            said = self.ask(target, *lines, **asked)  # type: ignore[arg-type]
        assert self.hits == before, "given again"
        return said


def _equal(wanted: bytes, found: bytes, what: str, talk: Talk) -> None:
    """Fail with the first lines that differ, and the conversation they are of."""
    pairs = zip_longest(wanted.split(b"\n"), found.split(b"\n"))
    different = next((pair for pair in pairs if pair[0] != pair[1]), None)
    assert different is None, f"{what}: {different[1]!r} instead of {different[0]!r} in {talk}"


@contextmanager
def twins_at(root: Path, conf: str, files: Mapping[str, str | bytes], processes: int = 1) -> Iterator[Twins]:
    """Twins over files below `root`, every one of them old."""
    for folder in ("htdocs", "logs", "conf", "cgi-bin"):
        (root / folder).mkdir(exist_ok=True)
    (root / "conf/mime.types").write_text(TYPES)
    for name, content in files.items():
        put(root / name, content)
    grow_old(root)
    settle()
    names = ["off", "on", *(f"on{number}" for number in range(1, processes))]
    sides = [Side(name, root, _server(root, conf, name)) for name in names]
    if processes > 1:
        shelf = Shelf(1 << 20)
        for side in sides[1:]:
            side.server.replay.share(shelf)  # type: ignore[union-attr]
    try:
        yield Twins(root, sides[1:], sides[0])
    finally:
        for side in sides:
            side.server.close()


def _server(root: Path, conf: str, side: str) -> Server:
    text = (BASE + conf).replace("@ROOT@", str(root)).replace("@SIDE@", side)
    text = text.replace("@REPLAY@", side[:3].rstrip("0123456789"))
    file = root / f"conf/{side}.conf"
    file.write_text(text)
    server = build(Options(str(file), str(root)), mpm_module, STANDARD)
    server.open_logs()
    server.child_init()
    return server
