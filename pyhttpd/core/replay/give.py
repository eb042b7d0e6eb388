"""Giving a remembered answer to a connection: its own lines in the head, its own line in the log."""

import socket
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

KEEP = Verdict.KEEP
CLOSE_LINE = b"Connection: close\r\n"


def give(connection: "Connection", entry: Entry, block: Block, size: int) -> Verdict:
    """Send an answer to a request of so many bytes."""
    now = time.time()
    second = int(now)
    wire = connection.wire
    connection.requests += 1
    if (
        connection.keepalives >= entry.most
        or block.asked
        or connection.close_after
        or connection.reporter.stopping
    ):
        fields = _fields(connection, entry, block)
        lines = _lines(entry, fields) if fields else b""
    else:
        connection.keepalives += 1
        fields, lines = keepalive.SILENT, b""
    data = (entry.start if entry.second == second else entry.head(second)) + lines + entry.rest
    gone = 0
    if entry.fd < 0:
        try:
            gone = wire.put(data)
        except OSError:
            connection.aborted = True
    if gone == len(data) and entry.settled:
        turn = connection.lines
        for log, line in entry.loggers:
            text = line.text(entry, connection, block, second)
            if turn is None:  # as in LogFile.add: a call less for each answer
                log.write(text)
            else:
                turn[log].append(text)
        connection.reporter.count(gone, True)
        return connection.over() if lines else KEEP
    return go_on(connection, entry, block, now, size, data, gone, fields)


def go_on(
    connection: "Connection",
    entry: Entry,
    block: Block,
    now: float,
    size: int,
    data: bytes,
    gone: int,
    fields: Mapping[str, str],
) -> Verdict:
    """Send what is left of an answer, of whose bytes in memory so many are gone; then see to the logs."""
    told = Told(connection, entry, block, now, size, len(data), gone, fields)
    if gone < len(data) and not connection.aborted:
        return connection.go_on(told.watch(_rest(connection, entry, data, gone)), light=True)
    told.finish()
    return connection.over()


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


def _rest(connection: "Connection", entry: Entry, data: bytes, gone: int) -> Iterator[bool]:
    yield from connection.wire.write(memoryview(data)[gone:], socket.MSG_MORE if entry.fd >= 0 else 0)
    if entry.fd < 0:
        return
    body = FileBody(entry.fd, entry.offset, entry.length)  # the entry's own: not closed here
    try:
        yield from connection.wire.send_file(body)
    except EOFError as error:
        entry.prototype.server.log("error", f"{entry.prototype.filename}: {error}")
        connection.close_after = True
