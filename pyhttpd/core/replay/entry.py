"""One remembered answer: its bytes, what it depends on, and what to log each time it is given."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.replay.block import Answers, Block
from pyhttpd.core.request import WAYS, Request, stamp_of_way, stamped
from pyhttpd.http.conditional import meets_conditions
from pyhttpd.http.dates import http_date

if TYPE_CHECKING:
    from pyhttpd.core.connection import Connection
    from pyhttpd.core.logfile import LogFile
    from pyhttpd.core.replay.told import Told
    from pyhttpd.core.vhosts import VirtualHost


class Line(Protocol):
    """What makes the lines of one log for an answer. `settled` says that `text` can.

    `kept` is what another process makes it of: the name of its module, whose provider "replay_line" gives log
    and line again, and what that one is given, plain values.
    """

    settled: bool

    @property
    def kept(self) -> tuple[str, Any] | None: ...

    def text(self, entry: "Entry", connection: "Connection", block: Block, second: int) -> bytes:
        """The line, for a connection that got all of the answer in some second."""

    def line(self, told: "Told") -> bytes:
        """The line, whatever became of the answer."""


LogWriter = tuple["LogFile", Line]
"""A log, and what makes its lines."""
Stamp = tuple[int, ...] | None
UNKNOWN: Stamp = ()  # of what may not be looked at: no answer was remembered with it
LOOKS: dict[str, tuple[Callable[[str], os.stat_result], Callable[[os.stat_result], Stamp]]] = {
    "file": (os.stat, stamped),
    "link": (os.lstat, stamped),
    WAYS["file"]: (os.stat, stamp_of_way),
    WAYS["link"]: (os.lstat, stamp_of_way),
}
"""How what a journal notes of files is looked at again, and what of it counts, by kind."""
OVERHEAD = 4096  # bytes an entry holds besides its answer, about


class Entry:
    """An answer and its inputs.

    `before` and `after` are the head round its date, up to where the lines stand that belong to the
    connection; `rest` is what follows them, with the body unless that is a stretch of an open file. `turn`
    and `checked` say when its files were last found unchanged, `passed` when it was last spared. The
    `prototype`, and what stands `beside` it for who has it already, may be made when first asked for.
    """

    __slots__ = (
        *("_prototype", "after", "alone", "before", "beside", "checked", "errors", "fd", "files", "framed"),
        *("home", "known", "length", "loggers", "made", "modern", "most", "offset", "passed", "rest"),
        *("second", "settings", "settled", "size", "start", "turn", "validators"),
    )

    def __init__(
        self,
        head: tuple[bytes, bytes, bytes],
        body: bytes,
        prototype: Request | Callable[[], Request],
        host: "VirtualHost",
    ) -> None:
        self.fd, self.offset, self.length = -1, 0, len(body)  # `fd` is closed with the last reference to us
        self.before, self.after, self.rest = head[0], head[1], head[2] + body
        self._prototype = prototype
        self.settings = host.config(PerServer)
        self.files: tuple[tuple[str, str, Stamp], ...] = ()
        self.alone: tuple[bytes, Stamp] | None = None  # the one that is there, if it is all there is to see
        self.loggers: tuple[LogWriter, ...] = ()
        self.errors: tuple[tuple[str, str], ...] = ()
        self.settled = False
        self.framed, self.modern, self.most = True, True, 0  # see `keeps`
        self.validators: tuple[str | None, int] | None = None  # conditions are tried against these each time
        self.made: tuple[str, frozenset[str]] = ("HTTP/1.1", frozenset())  # see output.head_parts
        self.beside: Entry | Callable[[], Entry | None] | None = None
        self.second, self.start = -1, b""
        self.turn, self.passed, self.checked = -1, -1, 0.0
        self.size = OVERHEAD + len(self.before) + len(self.after) + len(self.rest)
        self.home: Any = None  # where the table keeps it
        self.known: list[Answers] = []  # where else it is, by its line

    @property
    def prototype(self) -> Request:
        """The request that it was made for, less what belonged to its connection and time."""
        if not isinstance(self._prototype, Request):
            self._prototype = self._prototype()
        return self._prototype

    def keeps(self, framed: bool, modern: bool) -> None:
        """Note whether clients can tell where it ends, and for how many answers those who ask stay."""
        self.framed, self.modern = framed, modern
        settings = self.settings
        stays = framed and modern and settings.keep_alive and settings.keep_alive_timeout > 0
        self.most = (settings.max_keep_alive or sys.maxsize) if stays else 0

    def logs(self, loggers: tuple[LogWriter, ...], errors: Iterable[tuple[str, str]]) -> None:
        """Note what is to be written each time."""
        self.loggers, self.errors = loggers, tuple(errors)
        self.settled = self.fd < 0 and not self.errors and all(line.settled for _, line in loggers)

    def depends_on(self, inputs: Mapping[tuple[str, str], Stamp]) -> None:
        """Note the files that a journal tells of. What is not even a link is no file either."""
        self.looks_at(
            tuple(
                (path, kind, was)
                for (kind, path), was in inputs.items()
                if kind in LOOKS
                and not (was is None and kind == "file" and inputs.get(("link", path), ()) is None)
            )
        )

    def looks_at(self, files: tuple[tuple[str, str, Stamp], ...]) -> None:
        """Note path, kind and stamp of each file that is to be as it was."""
        self.files = files
        if len(files) == 1:
            path, kind, was = files[0]
            self.alone = (os.fsencode(path), was) if kind == "file" and was is not None else None

    def head(self, second: int) -> bytes:
        """The head up to the connection's own lines, dated."""
        if second != self.second:
            self.start = self.before + http_date(second).encode() + self.after
            self.second = second
        return self.start

    def holds(self, seen: dict[tuple[str, str], Stamp]) -> bool:
        """Whether every file is as it was; `seen` are stamps taken this very turn."""
        if self.alone is not None:
            try:
                return stamped(os.stat(self.alone[0])) == self.alone[1]
            except OSError:
                return False
        for path, kind, was in self.files:
            known = (path, kind)
            if known in seen:
                now = seen[known]
            else:
                now = seen[known] = _stamp(path, kind, was)
            if now != was:
                return False
        return True

    def under_conditions(self, block: Block) -> int:
        """What the request's conditions make of this answer: 0 (nothing), 304 or 412."""
        assert self.validators is not None
        etag, mtime = self.validators
        if block.since is not None:
            return 304 if mtime <= block.since else 0
        return meets_conditions(self.prototype.method, block.headers.get, etag, mtime, int(time.time()))

    def __del__(self) -> None:
        """Give up the file: forgotten, and sent to the end by everybody who is sending it."""
        if self.fd >= 0:
            os.close(self.fd)


def _stamp(path: str, kind: str, was: Stamp) -> Stamp:
    """The stamp of a path now. One that was missing is only asked for being there, which costs half."""
    try:
        if was is None and not os.access(path, os.F_OK, follow_symlinks=False):
            return None
        look, of = LOOKS[kind]
        return of(look(path))
    except (FileNotFoundError, NotADirectoryError, ValueError):  # as in Request.stat
        return None
    except OSError:
        return UNKNOWN
