"""What is to be said in logs and counters once a remembered answer has gone out."""

import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from pyhttpd.core.replay.block import Block
from pyhttpd.core.replay.entry import Entry
from pyhttpd.core.request import Request

if TYPE_CHECKING:
    from pyhttpd.core.connection import Connection


class Told:
    """One giving of an answer. `whole` says that all of it went out; `second` when it was asked for."""

    def __init__(
        self,
        connection: "Connection",
        entry: Entry,
        block: Block,
        now: float,
        size: int,
        head: int,
        fields: Mapping[str, str],
    ) -> None:
        self.connection, self.entry, self.block, self.now = connection, entry, block, now
        self.second = int(now)
        self.size, self.head, self.fields = size, head, fields
        self.before = connection.wire.sent
        self.started = time.monotonic_ns()
        self.whole = False

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
        if entry.errors:
            self._repeat()
        collect = connection.collect
        for log, line in entry.loggers:
            if collect is None:
                log.write(line(self))
            else:
                collect(log, line(self))
        connection.reporter.count(sent, replayed=True)

    def _repeat(self) -> None:
        for level, message in self.entry.errors:
            self.entry.prototype.server.log(level, message, self.request)

    @cached_property
    def request(self) -> Request:
        """The remembered request as this client's own."""
        mine = object.__new__(Request)
        mine.__dict__.update(self.entry.prototype.__dict__)
        sent = self.connection.wire.sent - self.before
        mine.connection, mine.headers_in = self.connection, self.block.headers
        mine.received, mine.started_ns = self.now, self.started
        if self.fields:
            mine.headers_out = mine.headers_out.copy()
            for name, value in self.fields.items():
                mine.headers_out.set(name, value)
        mine.bytes_sent = max(0, sent - self.head)
        mine.notes = {**mine.notes, "bytes_in": self.size, "bytes_out": sent}
        return mine
