"""Giving a remembered answer to a connection: its own lines in the head, its own line in the log."""

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pyhttpd.core import keepalive
from pyhttpd.core.replay.block import Block
from pyhttpd.core.replay.entry import Entry
from pyhttpd.core.replay.told import Told
from pyhttpd.core.verdict import Verdict
from pyhttpd.http.response import FileBody

if TYPE_CHECKING:
    from pyhttpd.core.connection import Connection

CLOSE_LINE = b"Connection: close\r\n"


def give(connection: "Connection", entry: Entry, block: Block) -> Verdict:
    """Send an answer."""
    now = time.time()
    wire = connection.wire
    size = len(connection.buffer)
    connection.buffer = b""
    connection.requests += 1
    last = 0 < entry.settings.max_keep_alive <= connection.keepalives
    if last or block.asked or not entry.stays or connection.close_after or connection.reporter.stopping:
        fields = _fields(connection, entry, block)
    else:
        connection.keepalives += 1
        fields = keepalive.SILENT
    lines = _lines(entry, fields) if fields else b""
    data = entry.head(int(now)) + lines + entry.rest
    head = len(data) - entry.length if entry.fd < 0 else len(data)
    told = Told(connection, entry, block, now, size, head, fields)
    if entry.fd < 0:
        try:
            whole = wire.put(data)
        except OSError:
            whole = connection.aborted = True
        if whole:
            told.finish()
            return connection.over()
        rest = wire.write(memoryview(data)[wire.sent - told.before :])
    else:
        rest = _file(connection, entry, data)
    return connection.go_on(told.watch(rest), light=True)


def _fields(connection: "Connection", entry: Entry, block: Block) -> Mapping[str, str]:
    """The connection's own fields."""
    framed = entry.framed and not connection.reporter.stopping
    settings = entry.settings
    persistent = keepalive.persists(
        connection, settings, framed=framed, asked=block.asked, modern=entry.modern
    )
    if not persistent:
        connection.close_after = True
        asked = "close" in block.asked or not (entry.modern or "keep-alive" in block.asked)
        connection.asked_to_close = asked
    return keepalive.fields(connection, settings, persistent, block.asked)


def _lines(entry: Entry, fields: Mapping[str, str]) -> bytes:
    if fields is keepalive.CLOSE:
        return CLOSE_LINE
    lines = [f"{name}: {value}\r\n" for name, value in fields.items()]
    in_order = reversed(lines) if entry.prototype.status == 304 else lines  # as in output.KEPT_BY_304
    return "".join(in_order).encode()


def _file(connection: "Connection", entry: Entry, head: bytes) -> Iterator[bool]:
    yield from connection.wire.write(head)
    body = FileBody(entry.fd, entry.offset, entry.length)  # the entry's own: not closed here
    try:
        yield from connection.wire.send_file(body)
    except EOFError as error:
        entry.prototype.server.log("error", f"{entry.prototype.filename}: {error}")
        connection.close_after = True
