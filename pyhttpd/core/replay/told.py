"""What is to be said in logs and counters once a remembered answer has gone out."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pyhttpd.core.replay.block import Block
from pyhttpd.core.replay.entry import Entry
from pyhttpd.core.request import Peer, Request

if TYPE_CHECKING:
    from pyhttpd.core.connection import Connection


class Told:
    """One giving of an answer; `whole` says that all of it went out."""

    __slots__ = (
        *("_request", "before", "block", "connection", "entry", "fields", "head", "now", "size", "started"),
        "whole",
    )

    def __init__(
        self,
        connection: "Connection",
        entry: Entry,
        block: Block,
        now: float,
        size: int,
        data: int,
        gone: int,
        fields: Mapping[str, str],
    ) -> None:
        """It came at `now` as `size` bytes; of `data` bytes in memory so many are gone; with own `fields`."""
        self.connection, self.entry, self.block = connection, entry, block
        self.now, self.size, self.fields = now, size, fields
        self.head = data - entry.length if entry.fd < 0 else data
        self.before = connection.wire.sent - gone
        replay = connection.server.replay
        self.started = int(replay.now * 1e9) if replay is not None else 0  # the turn's, in nanoseconds
        self.whole = False
        self._request: Request | None = None

    def watch(self, sending: Iterator[bool]) -> Iterator[bool]:
        """Send the rest, and finish whatever becomes of it."""
        try:
            yield from sending
        finally:
            self.finish()

    def finish(self) -> None:
        """Count, and write the logs."""
        connection, entry = self.connection, self.entry
        sent = connection.wire.sent - self.before
        self.whole = sent == self.head + entry.length
        for level, message in entry.errors:
            entry.prototype.server.log(level, message, self.request)
        for log, line in entry.loggers:
            log.add(line.line(self), connection.lines)
        connection.reporter.count(sent, True)

    @property
    def request(self) -> Request:
        """The remembered request as this client's own."""
        if self._request is None:
            self._request = self._own()
        return self._request

    def _own(self) -> Request:
        mine = own(self.entry, self.connection, self.block)
        sent = self.connection.wire.sent - self.before
        mine.received, mine.started_ns = self.now, self.started
        if self.fields:
            mine.headers_out = mine.headers_out.copy()
            for name, value in self.fields.items():
                mine.headers_out.set(name, value)
        mine.bytes_sent = max(0, sent - self.head)
        mine.notes = {**mine.notes, "bytes_in": self.size, "bytes_out": sent}
        return mine


def own(entry: Entry, connection: Peer, block: Block) -> Request:
    """The remembered request with another client's connection and fields."""
    mine = object.__new__(Request)
    mine.__dict__.update(entry.prototype.__dict__)
    mine.connection, mine.headers_in = connection, block.headers
    return mine
