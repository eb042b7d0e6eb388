"""What connections report to: the record of one worker, or that of a listener, which has none of its own."""

import ctypes
import re
import struct
import time
from typing import Any

from pyhttpd.mpm.scoreboard.board import Scoreboard
from pyhttpd.mpm.scoreboard.records import MOST_OF_REQUEST, TOLD, TOLD_AT, Status, WorkerScore

PASSWORD = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]*@")  # as in `GET http://me:secret@host/`
_tell = struct.Struct(TOLD).pack_into


class Slot:
    """One worker's record, as its owner writes it: what connections know as their reporter."""

    __slots__ = ("_at", "_board", "_process", "score")

    def __init__(self, board: Scoreboard, row: int, thread: int) -> None:
        number = row * board.thread_limit + thread
        self._board, self._process, self.score = board, board.processes[row], board.workers[number]
        self._at = board.workers_at + number * ctypes.sizeof(WorkerScore) + TOLD_AT

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
        elif self._board.server.extended:
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
            self._at,
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
        score = self.score
        score.access_count += 1
        score.my_access_count += 1
        score.conn_count += 1
        score.bytes_served += bytes_sent
        score.my_bytes_served += bytes_sent
        score.conn_bytes += bytes_sent
        if replayed:
            score.replayed += 1
            score.my_replayed += 1

    def new_connection(self) -> None:
        """The counters of one connection begin at nought."""
        self.score.conn_count = self.score.conn_bytes = 0


class ListenerSlot(Slot):
    """What a listener thread reports to: it has no worker slot, and counts in the process record.

    It counts for itself, and tells the board once a turn.
    """

    __slots__ = ("_answers", "_bytes", "_replayed")

    def __init__(self, board: Scoreboard, row: int) -> None:
        self._board, self._process, self.score = board, board.processes[row], WorkerScore()
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
