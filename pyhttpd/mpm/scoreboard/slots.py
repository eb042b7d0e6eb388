"""What connections report to: the record of one worker, or that of a listener, which has none of its own."""

import ctypes
import re
import struct
import time
from operator import attrgetter
from typing import Any

from pyhttpd.mpm.scoreboard.board import Scoreboard
from pyhttpd.mpm.scoreboard.records import (
    COUNTED,
    COUNTED_AT,
    MOST_OF_REQUEST,
    TOLD,
    TOLD_AT,
    Status,
    WorkerScore,
)

PASSWORD = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]*@")  # as in `GET http://me:secret@host/`
_tell = struct.Struct(TOLD).pack_into
_count, _counted = struct.Struct(COUNTED).pack_into, struct.Struct(COUNTED).unpack_from


class Slot:
    """One worker's record, as its owner writes it: what connections know as their reporter.

    It counts for itself from what the record says in the beginning, since nobody else writes there.
    """

    __slots__ = (
        *("_again", "_answers", "_at", "_board", "_counts_at", "_data", "_extended", "_process", "_sent"),
        "score",
    )

    def __init__(self, board: Scoreboard, row: int, thread: int) -> None:
        number = row * board.thread_limit + thread
        score = board.workers[number]
        self._board, self._process, self.score = board, board.processes[row], score
        self._at = board.workers_at + number * ctypes.sizeof(WorkerScore)
        self._data, self._counts_at = board.data, self._at + COUNTED_AT
        self._extended = bool(board.server.extended)
        self._answers, self._sent, self._again = _counted(board.data, self._counts_at)

    stopping: Any = property(
        attrgetter("_process.quiescing"),
        doc="Whether this child has been told to finish: say `Connection: close`.",
    )

    def report(self, status: int, request: Any = None) -> None:
        """Say what the worker does now, and for whom; with ExtendedStatus also since when."""
        score = self.score
        score.status = status
        if request is not None:
            self._tell(request)
        elif self._extended:
            score.last_used = now = time.time()
            if status == Status.BUSY_LOG:
                score.stop_time = now

    def _tell(self, request: Any) -> None:
        line, since = request.line, request.received
        if len(line) > MOST_OF_REQUEST or "@" in line:
            line = self._cut(line)
        connection = request.connection
        _tell(
            self._board.data,
            self._at + TOLD_AT,
            since,
            since,
            (connection.remote_host or connection.client[0]).encode("utf-8", "surrogateescape"),
            line.encode("utf-8", "surrogateescape"),
            request.server.name.encode("utf-8", "surrogateescape"),
        )

    def _cut(self, line: str) -> str:
        """What there is room for: the beginning or the end of a request line, without a password."""
        shown = PASSWORD.sub(r"\1@", line)
        return shown[-MOST_OF_REQUEST:] if self._board.server.request_tail else shown[:MOST_OF_REQUEST]

    def count(self, bytes_sent: int, replayed: bool = False) -> None:
        """One request is done; `replayed` says that the answer came from memory."""
        self._answers += 1
        self._sent += bytes_sent
        self._again += replayed
        _count(self._data, self._counts_at, self._answers, self._sent, self._again)
        if replayed and self._extended:  # else `report` says when
            self.score.last_used = time.time()

    def new_connection(self) -> None:
        """The counters of one connection begin at nought."""
        score = self.score
        score.conn_access_before, score.conn_bytes_before = self._answers, self._sent


class ListenerSlot(Slot):
    """What a listener thread reports to: it has no worker slot, and counts in the process record.

    It counts for itself and tells the board once a turn; the listener tells it whether to finish.
    """

    __slots__ = ("stopping",)

    stopping: bool

    def __init__(self, board: Scoreboard, row: int) -> None:
        self._board, self._process, self.score = board, board.processes[row], WorkerScore()
        self.stopping = False
        self._answers = self._sent = self._again = 0

    def report(self, status: int, request: Any = None) -> None:
        """A listener is always listening."""

    def new_connection(self) -> None:
        """Nothing is counted by connection."""

    def count(self, bytes_sent: int, replayed: bool = False) -> None:
        """One more answer, counted for the process only."""
        self._answers += 1
        self._sent += bytes_sent
        self._again += replayed

    def tell(self) -> None:
        """Put on the board what has been counted since last time."""
        if self._answers:
            process = self._process
            process.access_count += self._answers
            process.bytes_served += self._sent
            process.replayed += self._again
            self._answers = self._sent = self._again = 0
