"""One request: its head, the host and settings that apply, and what the phases find out about it.

The fields are request_rec's under the same names wherever there is no better one. A subrequest has `main`, an
internal redirect `prev` (and its predecessor `next`). Text follows the convention of the whole server: bytes
decoded as UTF-8 with surrogateescape, so that nothing is lost on the way to the file system and back.

Phases and modules read header fields, file stamps, the client's address and the clock through the methods
below and not round them: that is how the journal knows what an answer depends on.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pyhttpd.config.merge import Layer
from pyhttpd.core.journal import Journal
from pyhttpd.core.verdict import HandOver
from pyhttpd.http.head import Head
from pyhttpd.http.headers import Headers

if TYPE_CHECKING:
    from pyhttpd.core.body import RequestBody
    from pyhttpd.core.logfile import Lines
    from pyhttpd.core.vhosts import VirtualHost
    from pyhttpd.http.response import Body

Settings = TypeVar("Settings")


class Peer(Protocol):
    """What a request knows of its connection."""

    id: int  # unique among this process's connections
    client: tuple[str, int]
    local: tuple[str, int]
    keepalives: int  # requests answered before this one
    secure: bool
    aborted: bool
    inline: bool  # served by a thread that must not wait
    lines: Lines | None  # for the logs, which may wait until a listener's turn is over; None: they may not
    close_after: bool  # no further request on this connection
    remote_host: str | None  # "" once looked up in vain
    notes: dict[str, Any]
    server: Any
    base: VirtualHost  # the host that the address alone selects


class Request:
    """One request on its way through the phases."""

    hostname: str | None = None
    uri = ""  # path, decoded
    query: str | None = None
    filename: str | None = None
    canonical_filename: str | None = None
    path_info = ""
    info: os.stat_result | None = None
    handler: str | None = None
    handler_set = False  # chosen by configuration, and not the content type's
    path_info_accepted: bool | None = None  # None: as the handler likes
    content_type: str | None = None
    content_encoding: str | None = None
    user: str | None = None
    auth_type: str | None = None
    status = 200
    status_line: str | None = None  # a handler's own words after the code
    main: Request | None = None
    prev: Request | None = None
    next: Request | None = None
    redirects = 0  # internal ones so far
    no_local_copy = False  # a conditional must not be answered from the file's own date
    body_out: Body = b""
    bytes_sent = 0  # of the body, as counted for the log
    journal: Journal | None = None
    _now: float | None = None

    def __init__(
        self, head: Head, connection: Peer, server: VirtualHost, body: RequestBody | None = None
    ) -> None:
        self.head, self.connection, self.server, self.body = head, connection, server, body
        self.received = time.time()
        self.started_ns = time.monotonic_ns()
        self.method, self.protocol, self.version = head.method, head.protocol, head.version
        self.line, self.unparsed_uri = head.line, head.target  # as sent
        self.header_only = head.method == "HEAD"
        self.headers_in = head.headers
        self.headers_out = Headers()
        self.err_headers_out = Headers()  # sent with errors as well
        self.layer: Layer = server.layer
        self.languages: list[str] = []
        self.env: dict[str, str] = {}
        self.notes: dict[str, Any] = {}
        self.allowed: set[str] = set()  # methods, for the Allow field
        self.output_filters: list[Any] = []

    def config(self, schema: type[Settings]) -> Settings:
        """This request's settings of a module: the server's with every matching section over them."""
        found: Settings | None = self.layer.built.get(schema)
        return self.layer.settings(schema) if found is None else found

    @property
    def initial(self) -> bool:
        """Neither a subrequest nor the goal of an internal redirect."""
        return self.main is None and self.prev is None

    @property
    def client_ip(self) -> str:
        """The client's address; its being read is noted."""
        if self.journal is not None:
            self.journal.input("client", "address", self.connection.client[0])
        return self.connection.client[0]

    def header(self, name: str) -> str | None:
        """A request header field, None where there is none; its being read is noted."""
        value: str | None = self.headers_in.get(name)
        if self.journal is not None:
            self.journal.input("header", name.lower(), value)
        return value

    def now(self) -> float:
        """Seconds since the epoch, one reading a request; its being read is noted."""
        if self.journal is not None:
            self.journal.input("clock", "", None)
        return self.received

    def stat(self, path: str, follow: bool = True, *, on_the_way: bool = False) -> os.stat_result | None:
        """os.stat or os.lstat with None for a missing file; the stamp is noted.

        Of a directory `on_the_way` to something else only what it is counts, not what comes and goes in it.
        Raises OSError for anything but absence (ENOENT, ENOTDIR).
        """
        try:
            info = os.stat(path) if follow else os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            info = None
        except ValueError:  # an embedded NUL byte
            info = None
        except OSError as error:
            if self.journal is not None:
                self.journal.never_again(f"{path} could not be looked at: {error.strerror}")
            raise
        self.saw(path, info, "file" if follow else "link", on_the_way=on_the_way)
        return info

    def saw(
        self, path: str, info: os.stat_result | None, kind: str = "file", *, on_the_way: bool = False
    ) -> None:
        """Note the stamp of a path that has just been looked at, links followed for a "file"."""
        if self.journal is None:
            return
        if on_the_way and info is not None and stat.S_ISDIR(info.st_mode):
            self.journal.file(WAYS[kind], path, stamp_of_way(info), self.received)
        else:
            self.journal.file(kind, path, stamp(info), self.received)

    def log(self, level: str, message: str) -> None:
        """A line in the error log, with the client's address."""
        if self.journal is not None:
            self.journal.lines.append((level, message))
        self.server.log(level, message, self)

    def blocks(self, reason: str, repeatable: bool = False) -> None:
        """Say so before doing what may take long: a process, a look-up, the network, much computing.

        Unless it is `repeatable` (its outcome depends on noted inputs alone) the answer is not given again.
        Raises HandOver in a thread that must not wait.
        """
        if self.journal is not None:
            self.journal.blocked = True
            if not repeatable:
                self.journal.never_again(reason)
        if self.connection.inline:
            raise HandOver(reason)

    @property
    def explaining(self) -> bool:
        """Whether anybody will read the steps: to be asked before making the text of one that is common."""
        return self.journal is not None and self.journal.explaining

    @property
    def depth(self) -> int:
        """How many requests are around this one, which is their subrequest or internal redirect."""
        around = self.main or self.prev
        return 0 if around is None else around.depth + 1

    def step(self, room: str, text: str, location: Any = None, **more: Any) -> None:
        """Note a decision, if anyone keeps notes; `more` are Step's other fields."""
        if self.explaining:
            self.journal.step(room, text, location, depth=self.depth, **more)  # type: ignore[union-attr]

    def imagined(self, deed: str) -> bool:
        """Whether this request is only explained, so that `deed`, which changes things, is not to be done."""
        if self.journal is None or not self.journal.dry:
            return False
        self.step("core", f"stops here, since this is no real request: {deed}", decides=True)
        return True


def stamp(info: os.stat_result | None) -> tuple[int, ...] | None:
    """What changes when a file does."""
    return None if info is None else stamped(info)


stamped: Callable[[os.stat_result], tuple[int, ...]] = attrgetter(
    "st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns", "st_mode"
)
"""The stamp of a file that is there."""


WAYS = {"file": "way", "link": "link on the way"}
"""What kind of input a directory is that was only passed through, by what it would be otherwise."""


def stamp_of_way(info: os.stat_result) -> tuple[int, ...]:
    """What changes when a directory becomes another, or other people's; it has no times."""
    return (info.st_dev, info.st_ino, info.st_uid, info.st_gid, 0, info.st_mode)
