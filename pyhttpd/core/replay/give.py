"""Giving a remembered answer to a connection: its own lines in the head, its own line in the log."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pyhttpd.core import keepalive
from pyhttpd.core.replay.block import Block
from pyhttpd.core.replay.entry import Entry
from pyhttpd.core.request import Request
from pyhttpd.core.verdict import Verdict
from pyhttpd.http.response import FileBody

if TYPE_CHECKING:
    from pyhttpd.core.connection import Connection
    from pyhttpd.core.logfile import LogFile

Collect = Callable[["LogFile", bytes], None]


def give(connection: "Connection", entry: Entry, block: Block, collect: Collect | None) -> Verdict:
    """Send an answer; `collect` takes log lines for later, without it they are written at once."""
    now = time.time()
    wire = connection.wire
    size, before = len(connection.buffer), wire.sent
    connection.buffer = b""
    connection.requests += 1
    head = entry.head(int(now)) + _lines(connection, entry, block)
    told = Told(connection, entry, block, now, size, before, len(head), collect)
    if entry.fd < 0:
        data = head + entry.body if entry.body else head
        try:
            if wire.put(data):
                told.finish()
                return Verdict.CLOSE if connection.close_after else Verdict.KEEP
        except OSError:
            connection.aborted = True
            told.finish()
            return Verdict.CLOSE
        rest = wire.write(memoryview(data)[wire.sent - before :])
    else:
        rest = _file(connection, entry, head)
    return connection.go_on(told.watch(rest), light=True)


def _lines(connection: "Connection", entry: Entry, block: Block) -> bytes:
    """The connection's own fields and the empty line."""
    framed = entry.framed and not connection.reporter.stopping
    settings = entry.settings
    persistent = keepalive.persists(
        connection, settings, framed=framed, asked=block.asked, modern=entry.modern
    )
    if not persistent:
        connection.close_after = True
    fields = keepalive.fields(connection, settings, persistent, block.asked)
    if not fields:
        return b"\r\n"
    return "".join([*(f"{name}: {value}\r\n" for name, value in fields.items()), "\r\n"]).encode()


def _file(connection: "Connection", entry: Entry, head: bytes) -> Iterator[bool]:
    yield from connection.wire.write(head)
    body = FileBody(entry.fd, entry.offset, entry.length)  # the entry's own: not closed here
    try:
        yield from connection.wire.send_file(body)
    except EOFError as error:
        entry.prototype.server.log("error", f"{entry.prototype.filename}: {error}")
        connection.close_after = True


class Told:
    """What is to be said in logs and counters once the answer is out."""

    __slots__ = ("before", "block", "collect", "connection", "entry", "head", "now", "size", "started")

    def __init__(
        self,
        connection: "Connection",
        entry: Entry,
        block: Block,
        now: float,
        size: int,
        before: int,
        head: int,
        collect: Collect | None,
    ) -> None:
        self.connection, self.entry, self.block, self.now = connection, entry, block, now
        self.size, self.before, self.head, self.collect = size, before, head, collect
        self.started = time.monotonic_ns()

    def watch(self, sending: Iterator[bool]) -> Iterator[bool]:
        """Send the rest, and finish whatever becomes of it."""
        self.collect = None  # others may send it on: the log line is then theirs to write
        try:
            yield from sending
        finally:
            self.finish()

    def finish(self) -> None:
        """Count, and write the logs."""
        connection, entry = self.connection, self.entry
        sent = connection.wire.sent - self.before
        if entry.loggers or entry.errors:
            request = self.request(sent)
            for level, message in entry.errors:
                request.server.log(level, message, request)
            for prepared in entry.loggers:
                for log, line in prepared(request):
                    if self.collect is None:
                        log.write(line)
                    else:
                        self.collect(log, line)
        connection.reporter.count(sent)

    def request(self, sent: int) -> Request:
        """The remembered request as this client's own."""
        mine = object.__new__(Request)
        mine.__dict__.update(self.entry.prototype.__dict__)
        mine.connection, mine.headers_in = self.connection, self.block.headers
        mine.received, mine.started_ns = self.now, self.started
        mine.bytes_sent = max(0, sent - self.head)
        mine.notes = {**mine.notes, "bytes_in": self.size, "bytes_out": sent}
        return mine
