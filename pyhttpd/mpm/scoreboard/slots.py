"""What connections report to: the record of one worker, or that of a listener, which has none of its own."""

import ctypes
import re
import struct
import time
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

    __slots__ = ("_at", "_before", "_board", "_conn", "_extended", "_mine", "_process", "score")

    def __init__(self, board: Scoreboard, row: int, thread: int) -> None:
        number = row * board.thread_limit + thread
        score = board.workers[number]
        self._board, self._process, self.score = board, board.processes[row], score
        self._at = board.workers_at + number * ctypes.sizeof(WorkerScore)
        self._extended = bool(board.server.extended)
        all_of, sent, again, *mine, count, size = _counted(board.data, self._at + COUNTED_AT)
        self._mine: tuple[int, int, int] = (mine[0], mine[1], mine[2])
        self._before = all_of - mine[0], sent - mine[1], again - mine[2]
        self._conn = count, size

    @property
    def stopping(self) -> bool:
        """Whether this child has been told to finish: say `Connection: close`."""
        return bool(self._process.quiescing)

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
        answers, sent, again = self._mine
        before, sent_before, again_before = self._before
        count, size = self._conn
        self._mine = answers, sent, again = answers + 1, sent + bytes_sent, again + replayed
        self._conn = count, size = count + 1, size + bytes_sent
        _count(
            self._board.data,
            self._at + COUNTED_AT,
            before + answers,
            sent_before + sent,
            again_before + again,
            answers,
            sent,
            again,
            count,
            size,
        )

    def new_connection(self) -> None:
        """The counters of one connection begin at nought."""
        self.score.conn_count = self.score.conn_bytes = 0
        self._conn = (0, 0)


class ListenerSlot(Slot):
    """What a listener thread reports to: it has no worker slot, and counts in the process record.

    It counts for itself and tells the board once a turn; the listener tells it whether to finish.
    """

    __slots__ = ("_answers", "_bytes", "_replayed", "stopping")

    stopping: bool

    def __init__(self, board: Scoreboard, row: int) -> None:
        self._board, self._process, self.score = board, board.processes[row], WorkerScore()
        self.stopping = False
        self._answers = self._bytes = self._replayed = 0

    def report(self, status: int, request: Any = None) -> None:
        """A listener is always listening."""

    def new_connection(self) -> None:
        """Nothing is counted by connection."""

    def count(self, bytes_sent: int, replayed: bool = False) -> None:
        """One more answer, counted for the process only."""
        self._answers += 1
        self._bytes += bytes_sent
        self._replayed += replayed

    def tell(self) -> None:
        """Put on the board what has been counted since last time."""
        if self._answers:
            process = self._process
            process.access_count += self._answers
            process.bytes_served += self._bytes
            process.replayed += self._replayed
            self._answers = self._bytes = self._replayed = 0
