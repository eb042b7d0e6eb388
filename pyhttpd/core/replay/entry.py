"""One remembered answer: its bytes, what it depends on, and what to log each time it is given."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.replay.block import Block
from pyhttpd.core.request import WAYS, Request, stamp, stamp_of_way
from pyhttpd.http.conditional import meets_conditions
from pyhttpd.http.dates import http_date

if TYPE_CHECKING:
    from pyhttpd.core.logfile import LogFile
    from pyhttpd.core.replay.told import Told

LogWriter = tuple["LogFile", Callable[["Told"], bytes]]
"""A log, and what makes its line."""
Stamp = tuple[int, ...] | None
UNKNOWN: Stamp = ()  # of what may not be looked at: no answer was remembered with it
LOOKS: dict[str, tuple[Callable[[str], os.stat_result], Callable[[os.stat_result], Stamp]]] = {
    "file": (os.stat, stamp),
    "link": (os.lstat, stamp),
    WAYS["file"]: (os.stat, stamp_of_way),
    WAYS["link"]: (os.lstat, stamp_of_way),
}
"""How what a journal notes of files is looked at again, and what of it counts, by kind."""
OVERHEAD = 4096  # bytes an entry holds besides its answer, about


class Entry:
    """An answer and its inputs.

    `before` and `after` are the head round its date, up to where the lines stand that belong to the
    connection; `rest` is what follows them, with the body unless that is a stretch of an open file. `turn`
    and `checked` say when its files were last found unchanged.
    """

    __slots__ = (
        *("after", "before", "checked", "errors", "fd", "files", "framed", "home", "length", "loggers"),
        *("made", "modern", "offset", "prototype", "rest", "second", "settings", "size", "start", "stays"),
        *("turn", "unmodified", "validators"),
    )

    def __init__(self, head: tuple[bytes, bytes, bytes], body: bytes, prototype: Request) -> None:
        self.fd, self.offset, self.length = -1, 0, len(body)  # `fd` is closed with the last reference to us
        self.before, self.after, self.rest = head[0], head[1], head[2] + body
        self.prototype = prototype
        self.settings = prototype.server.config(PerServer)
        self.files: tuple[tuple[str, str, Stamp], ...] = ()
        self.loggers: tuple[LogWriter, ...] = ()
        self.errors: tuple[tuple[str, str], ...] = ()
        self.framed, self.modern, self.stays = True, True, False  # see `keeps`
        self.validators: tuple[str | None, int] | None = None  # conditions are tried against these each time
        self.made: tuple[str, frozenset[str]] = ("HTTP/1.1", frozenset())  # see output.head_parts
        self.unmodified: Entry | None = None  # what a client gets that has it already
        self.second, self.start = -1, b""
        self.turn, self.checked = -1, 0.0
        self.size = OVERHEAD + len(self.before) + len(self.after) + len(self.rest)
        self.home: Any = None  # where the table keeps it

    def keeps(self, framed: bool, modern: bool) -> None:
        """Note whether clients can tell where it ends, and whether those who ask stay by themselves."""
        self.framed, self.modern = framed, modern
        settings = self.settings
        self.stays = framed and modern and settings.keep_alive and settings.keep_alive_timeout > 0

    def head(self, second: int) -> bytes:
        """The head up to the connection's own lines, dated."""
        if second != self.second:
            self.start = self.before + http_date(second).encode() + self.after
            self.second = second
        return self.start

    def holds(self, seen: dict[tuple[str, str], Stamp]) -> bool:
        """Whether every file is as it was; `seen` are stamps taken this very turn."""
        for path, kind, was in self.files:
            known = (path, kind)
            if known in seen:
                now = seen[known]
            else:
                now = seen[known] = _stamp(path, kind, was)
            if now != was:
                return False
        return True

    def under_conditions(self, block: Block, now: int) -> int:
        """What the request's conditions make of this answer: 0 (nothing), 304 or 412."""
        assert self.validators is not None
        etag, mtime = self.validators
        if block.since is not None:
            return 304 if mtime <= block.since <= now else 0
        return meets_conditions(self.prototype.method, block.headers.get, etag, mtime, now)

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
