"""A connection with a thread of its own, as long as it asks for what is known.

This says again what `Replay.find` and `give` say of any request, for the ordinary one: in one function, with
all that it needs at hand. Under prefork dozens of processes share a processor, each of them finds its memory
pushed out of the caches when its turn comes, and what a request costs is how much of that memory is touched:
doing without most calls saves a sixth of all its processor time.
"""

from os import stat
from time import monotonic, time
from typing import TYPE_CHECKING

from pyhttpd.core.keepalive import SILENT
from pyhttpd.core.replay.block import Block
from pyhttpd.core.replay.entry import Entry
from pyhttpd.core.replay.give import give, go_on
from pyhttpd.core.replay.room import Room
from pyhttpd.core.replay.table import Replay
from pyhttpd.core.request import stamped
from pyhttpd.core.verdict import Verdict
from pyhttpd.core.wire import RECEIVE

if TYPE_CHECKING:
    from pyhttpd.core.connection import Connection

KEEP, CLOSE = Verdict.KEEP, Verdict.CLOSE


def serve_known(connection: "Connection", replay: Replay, room: Room) -> Verdict:
    """Answer requests from memory as they come.

    CLOSE at the end; KEEP when a request waits in the buffer that has to be looked at more closely.
    """
    wire, reporter, blocks = connection.wire, connection.reporter, room.blocks
    receive, send, count = connection.socket.recv, connection.socket.send, reporter.count
    while True:
        try:
            data = receive(RECEIVE)
        except OSError:
            return CLOSE
        wire.received += (size := len(data))
        line, _, text = data.partition(b"\r\n")
        block = blocks.young.get(text)
        entry = block.answers.get(line) if block is not None else None
        if block is None or entry is None or (entry := _to_give(replay, entry, block)) is None:
            connection.buffer = data
            return KEEP if data else CLOSE
        if not entry.settled or block.asked or connection.keepalives >= entry.most or reporter.stopping:
            replay.now = monotonic()
            if give(connection, entry, block, size) is CLOSE:
                return CLOSE
            continue
        connection.requests += 1
        connection.keepalives += 1
        second = int(now := time())
        data = (entry.start if entry.second == second else entry.head(second)) + entry.rest
        try:
            wire.sent += (gone := send(data))
        except OSError:
            gone = 0
        if gone < len(data):
            replay.now = monotonic()
            return go_on(connection, entry, block, now, size, data, gone, SILENT)
        for log, lines in entry.loggers:
            log.write(lines.text(entry, connection, block, second))
        count(gone, True)


def _to_give(replay: Replay, entry: Entry, block: Block) -> Entry | None:
    """What this client gets, if the files are as they were; nearly all answers depend on one."""
    try:
        alone = entry.alone
        if not (entry.holds({}) if alone is None else stamped(stat(alone[0])) == alone[1]):
            return None
    except OSError:
        return None
    replay.turn = entry.turn = replay.turn + 1
    if block.conditional and entry.validators is not None:
        return replay.under_conditions(entry, block)
    replay.hits += 1
    return entry
