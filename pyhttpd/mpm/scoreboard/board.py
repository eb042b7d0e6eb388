"""The whole board: `rows` process records and `rows` x `thread_limit` worker records behind one another.

The status bytes can be read as one strided view, because the parent counts idle workers every second and
reading record by record costs a hundred times more.
"""

import ctypes
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyhttpd.mpm.scoreboard import memory
from pyhttpd.mpm.scoreboard.records import MAGIC, VERSION, GlobalScore, ProcessScore, Status, WorkerScore

if TYPE_CHECKING:
    from pyhttpd.mpm.scoreboard.slots import Slot

PROCESSES_AT = ctypes.sizeof(GlobalScore)


class Unreadable(Exception):
    """A file does not hold a scoreboard that this version understands; the text says why."""


class Scoreboard:
    """A board to write on, in a file where `path` names one that can be made, or a copy of one to look at."""

    def __init__(
        self,
        server_limit: int,
        thread_limit: int,
        spare_rows: int = 0,
        path: str = "",
        description: tuple[str, str] = ("", ""),
    ) -> None:
        """`description` is the MPM's name and the server's. `failure` says why there is no file, if so."""
        self.failure: OSError | None = None
        rows = server_limit + spare_rows
        size = _size(rows, thread_limit)
        self.home = self._home(path, size)
        self._lay_out(self.home.map, rows, thread_limit)
        head = self.server
        head.server_limit, head.thread_limit, head.rows = server_limit, thread_limit, rows
        head.size, head.version, head.pid = size, VERSION, os.getpid()
        head.process_size, head.worker_size = ctypes.sizeof(ProcessScore), ctypes.sizeof(WorkerScore)
        head.mpm, head.software = description[0].encode()[:15], description[1].encode()[:63]
        head.restart_time = time.time()
        head.magic = MAGIC  # last: now it can be read

    @classmethod
    def copy(cls, path: str) -> "Scoreboard":
        """The board in a file as it is at this moment. Raises OSError or Unreadable."""
        data = memory.read(path)
        if len(data) < PROCESSES_AT or data[: len(MAGIC)] != MAGIC:
            raise Unreadable(f"{path} is not a scoreboard")
        head = GlobalScore.from_buffer_copy(data)
        sizes = (ctypes.sizeof(ProcessScore), ctypes.sizeof(WorkerScore))
        if head.version != VERSION or (head.process_size, head.worker_size) != sizes:
            raise Unreadable(
                f"{path} is the scoreboard of another version of the server (layout {head.version}, "
                f"this program knows {VERSION}); use the program that the server runs"
            )
        if head.size != len(data) or _size(head.rows, head.thread_limit) != len(data):
            raise Unreadable(f"{path} is not a whole scoreboard")
        board = object.__new__(cls)
        board.failure, board.home = None, None
        board._lay_out(data, head.rows, head.thread_limit)
        return board

    home: memory.Memory | None

    def _home(self, path: str, size: int) -> memory.Memory:
        try:
            if path:
                return memory.in_file(path, size)
        except OSError as error:
            self.failure = error
        return memory.anonymous(size)

    def _lay_out(self, data: Any, rows: int, thread_limit: int) -> None:
        self.rows, self.thread_limit, self.data = rows, thread_limit, data
        self.workers_at = PROCESSES_AT + rows * ctypes.sizeof(ProcessScore)
        self.server = GlobalScore.from_buffer(data)
        self.processes = (ProcessScore * rows).from_buffer(data, PROCESSES_AT)
        self.workers = (WorkerScore * (rows * thread_limit)).from_buffer(data, self.workers_at)
        self._statuses = memoryview(data)[self.workers_at :: ctypes.sizeof(WorkerScore)]

    def remove(self) -> None:
        """Remove the file, if there is one; who has the memory keeps it."""
        if self.home is not None and self.home.path:
            memory.remove(self.home)

    def move(self, path: str) -> None:
        """Let the file bear another name. Raises OSError."""
        if self.home is not None and self.home.path not in ("", path):
            os.link(self.home.path, path)
            memory.remove(self.home)
            self.home = self.home._replace(path=path)

    def statuses(self) -> bytes:
        """The status of every worker, row by row, one byte each."""
        return self._statuses.tobytes()

    def row(self, row: int) -> bytes:
        """The statuses of one child's workers."""
        start = row * self.thread_limit
        return self._statuses[start : start + self.thread_limit].tobytes()

    def slot(self, row: int, thread: int) -> "Slot":
        """The handle by which one worker writes its record."""
        from pyhttpd.mpm.scoreboard.slots import Slot

        return Slot(self, row, thread)

    def occupy(self, row: int, generation: int, threads: int) -> None:
        """Prepare a row for a child about to be forked: its threads count as starting from now on."""
        process = self.processes[row]
        counts = (process.access_count, process.bytes_served, process.replayed)
        ctypes.memset(ctypes.addressof(process), 0, ctypes.sizeof(process))
        process.access_count, process.bytes_served, process.replayed = counts
        process.access_before, process.bytes_before, process.replayed_before = counts
        process.generation, process.threads, process.birth = generation, threads, time.time()
        for thread in range(self.thread_limit):
            worker = self.workers[row * self.thread_limit + thread]
            worker.thread, worker.generation = thread, generation
            worker.status = Status.STARTING if thread < threads else Status.DEAD
            worker.access_before = worker.conn_access_before = worker.access_count
            worker.bytes_before = worker.conn_bytes_before = worker.bytes_served
            worker.replayed_before = worker.replayed

    def vacate(self, row: int) -> None:
        """The child of a row is gone."""
        process = self.processes[row]
        process.pid = process.quiescing = 0
        process.connections = process.waiting = process.writing = process.closing = 0
        for thread in range(self.thread_limit):
            self.workers[row * self.thread_limit + thread].status = Status.DEAD

    def clear(self) -> None:
        """Forget all children and counts, as a hard restart does."""
        for records in (self.processes, self.workers):
            ctypes.memset(ctypes.addressof(records), 0, ctypes.sizeof(records))
        self.server.restart_time = time.time()


def _size(rows: int, thread_limit: int) -> int:
    workers = rows * thread_limit * ctypes.sizeof(WorkerScore)
    return PROCESSES_AT + rows * ctypes.sizeof(ProcessScore) + workers


def idle_workers(board: Scoreboard, counts: Callable[[ProcessScore], bool]) -> int:
    """How many workers are idle in the children that `counts` accepts."""
    statuses, width = board.statuses(), board.thread_limit
    total = 0
    for row, process in enumerate(board.processes):
        if process.pid and counts(process):
            mine = statuses[row * width : row * width + process.threads]
            total += mine.count(Status.STARTING) + mine.count(Status.READY)
    return total
