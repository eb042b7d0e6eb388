"""The scoreboard: what every process and thread of the server is doing, in memory that all of them share.

One anonymous mmap made before the first fork, laid out as `ctypes` records like 2.2's scoreboard.h. There
are no locks: each worker slot has one writer, and readers put up with a torn read. In a process record the
parent writes pid, generation and birth, the child its connection counters; `quiescing` only ever turns from
0 to 1 in a life.

The status bytes can be read as one strided view, because the parent counts idle workers every second and
reading record by record costs a hundred times more.
"""

import ctypes
import mmap
import time
from collections.abc import Callable
from enum import IntEnum
from typing import Any


class Status(IntEnum):
    """What a worker is doing; up to READY it is idle. The letters are mod_status's."""

    DEAD = 0
    STARTING = 1
    READY = 2
    BUSY_READ = 3
    BUSY_WRITE = 4
    BUSY_KEEPALIVE = 5
    BUSY_LOG = 6
    BUSY_DNS = 7
    CLOSING = 8
    GRACEFUL = 9
    IDLE_KILL = 10

    @property
    def letter(self) -> str:
        return LETTERS[self]


LETTERS = ".S_RWKLDCGI"


class GlobalScore(ctypes.Structure):
    """The server as a whole."""

    _fields_ = (
        ("server_limit", ctypes.c_int32),
        ("thread_limit", ctypes.c_int32),
        ("rows", ctypes.c_int32),  # process records; more than server_limit while old children finish
        ("generation", ctypes.c_int32),
        ("extended", ctypes.c_int32),  # ExtendedStatus: note request lines too
        ("restart_time", ctypes.c_double),
    )


class ProcessScore(ctypes.Structure):
    """One child."""

    _fields_ = (
        ("pid", ctypes.c_int32),
        ("generation", ctypes.c_int32),
        ("quiescing", ctypes.c_int32),  # told to finish
        ("threads", ctypes.c_int32),
        ("connections", ctypes.c_int32),  # event: open now, of which ...
        ("waiting", ctypes.c_int32),  # ... parked for a request
        ("writing", ctypes.c_int32),  # ... parked until the socket takes more
        ("closing", ctypes.c_int32),  # ... lingering
        ("access_count", ctypes.c_uint64),  # of answers that a listener finished without a worker
        ("bytes_served", ctypes.c_uint64),
    )


class WorkerScore(ctypes.Structure):
    """One thread (or single-threaded child). Times are seconds since the epoch, strings UTF-8, cut off."""

    _fields_ = (
        ("status", ctypes.c_uint8),
        ("thread", ctypes.c_int32),
        ("pid", ctypes.c_int32),
        ("generation", ctypes.c_int32),
        ("access_count", ctypes.c_uint64),  # of the slot, over all its owners
        ("bytes_served", ctypes.c_uint64),
        ("my_access_count", ctypes.c_uint64),  # of this child
        ("my_bytes_served", ctypes.c_uint64),
        ("conn_count", ctypes.c_uint32),  # of this connection
        ("conn_bytes", ctypes.c_uint64),
        ("start_time", ctypes.c_double),
        ("stop_time", ctypes.c_double),
        ("last_used", ctypes.c_double),
        ("client", ctypes.c_char * 32),
        ("request", ctypes.c_char * 64),
        ("vhost", ctypes.c_char * 32),
    )


class Scoreboard:
    """The whole board: `rows` process records and `rows` x `thread_limit` worker records."""

    def __init__(self, server_limit: int, thread_limit: int, spare_rows: int = 0) -> None:
        self.rows, self.thread_limit = server_limit + spare_rows, thread_limit
        workers = self.rows * thread_limit
        processes_at = ctypes.sizeof(GlobalScore)
        workers_at = processes_at + self.rows * ctypes.sizeof(ProcessScore)
        self._memory = mmap.mmap(-1, workers_at + workers * ctypes.sizeof(WorkerScore))
        self.server = GlobalScore.from_buffer(self._memory)
        self.processes = (ProcessScore * self.rows).from_buffer(self._memory, processes_at)
        self.workers = (WorkerScore * workers).from_buffer(self._memory, workers_at)
        self._statuses = memoryview(self._memory)[workers_at :: ctypes.sizeof(WorkerScore)]
        self.server.server_limit, self.server.thread_limit = server_limit, thread_limit
        self.server.rows, self.server.restart_time = self.rows, time.time()

    def statuses(self) -> bytes:
        """The status of every worker, row by row, one byte each."""
        return self._statuses.tobytes()

    def row(self, row: int) -> bytes:
        """The statuses of one child's workers."""
        start = row * self.thread_limit
        return self._statuses[start : start + self.thread_limit].tobytes()

    def slot(self, row: int, thread: int) -> "Slot":
        """The handle by which one worker writes its record."""
        return Slot(self, self.processes[row], self.workers[row * self.thread_limit + thread])

    def occupy(self, row: int, generation: int, threads: int) -> None:
        """Prepare a row for a child about to be forked: its threads count as starting from now on."""
        process = self.processes[row]
        ctypes.memset(ctypes.addressof(process), 0, ctypes.sizeof(process))
        process.generation, process.threads = generation, threads
        for thread in range(self.thread_limit):
            worker = self.workers[row * self.thread_limit + thread]
            worker.thread, worker.generation = thread, generation
            worker.status = Status.STARTING if thread < threads else Status.DEAD
            worker.my_access_count = worker.my_bytes_served = worker.conn_count = worker.conn_bytes = 0

    def vacate(self, row: int) -> None:
        """The child of a row is gone."""
        self.processes[row].pid = self.processes[row].quiescing = 0
        for thread in range(self.thread_limit):
            self.workers[row * self.thread_limit + thread].status = Status.DEAD

    def clear(self) -> None:
        """Forget all children and counts, as a hard restart does."""
        for records in (self.processes, self.workers):
            ctypes.memset(ctypes.addressof(records), 0, ctypes.sizeof(records))
        self.server.restart_time = time.time()


class Slot:
    """One worker's record, as its owner writes it: what connections know as their reporter."""

    __slots__ = ("_board", "_process", "score")

    def __init__(self, board: Scoreboard, process: ProcessScore, score: WorkerScore) -> None:
        self._board, self._process, self.score = board, process, score

    @property
    def stopping(self) -> bool:
        """Whether this child has been told to finish: say `Connection: close`."""
        return bool(self._process.quiescing)

    def report(self, status: int, request: Any = None) -> None:
        """Say what the worker does now; with ExtendedStatus also for whom."""
        score = self.score
        score.status = status
        if self._board.server.extended:
            self._extend(status, request)

    def _extend(self, status: int, request: Any) -> None:
        score = self.score
        score.last_used = time.time()
        if status == Status.BUSY_WRITE:
            score.start_time = score.last_used
        elif status == Status.BUSY_LOG:
            score.stop_time = score.last_used
        if request is not None:
            score.client = _cut(request.connection.client[0], 31)
            score.request = _cut(request.line, 63)
            score.vhost = _cut(getattr(request.server, "name", "") or "", 31)

    def count(self, bytes_sent: int) -> None:
        """One request is done."""
        score = self.score
        score.access_count += 1
        score.my_access_count += 1
        score.conn_count += 1
        score.bytes_served += bytes_sent
        score.my_bytes_served += bytes_sent
        score.conn_bytes += bytes_sent

    def new_connection(self) -> None:
        """The counters of one connection begin at nought."""
        self.score.conn_count = self.score.conn_bytes = 0


class ListenerSlot(Slot):
    """What a listener thread reports to: it has no worker slot, and counts in the process record."""

    __slots__ = ()

    def __init__(self, board: Scoreboard, row: int) -> None:
        super().__init__(board, board.processes[row], WorkerScore())

    def report(self, status: int, request: Any = None) -> None:
        """A listener is always listening."""

    def count(self, bytes_sent: int) -> None:
        """One more answer, counted for the process only."""
        self._process.access_count += 1
        self._process.bytes_served += bytes_sent


def _cut(text: str, most: int) -> bytes:
    return text.encode("utf-8", "surrogateescape")[:most]


def idle_workers(board: Scoreboard, counts: Callable[[ProcessScore], bool]) -> int:
    """How many workers are idle in the children that `counts` accepts."""
    statuses, width = board.statuses(), board.thread_limit
    total = 0
    for row, process in enumerate(board.processes):
        if process.pid and counts(process):
            mine = statuses[row * width : row * width + process.threads]
            total += mine.count(Status.STARTING) + mine.count(Status.READY)
    return total
