"""A scoreboard as somebody who looks at it wants it: children with their workers, and sums.

Both the pages of mod_status and `pyhttpd top` show such a picture. What it says is copied, so that it does
not change while it is shown.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from pyhttpd.mpm.scoreboard.board import Scoreboard
from pyhttpd.mpm.scoreboard.machine import Usage, total, usage
from pyhttpd.mpm.scoreboard.records import LETTERS, GlobalScore, ProcessScore, Status, WorkerScore

IDLE = bytes((Status.STARTING, Status.READY))
NOT_BUSY = bytes((Status.DEAD, Status.IDLE_KILL)) + IDLE
AS_LETTERS = bytes.maketrans(bytes(range(len(LETTERS))), LETTERS.encode())


class Counts(NamedTuple):
    """Answers, their bytes, and how many of them were given again from memory."""

    answers: int = 0
    bytes: int = 0
    replayed: int = 0


def summed(counts: Iterable[Counts]) -> Counts:
    """The sum of several."""
    return Counts(*map(sum, zip(*counts, strict=True)))


@dataclass(frozen=True, slots=True)
class WorkerPicture:
    """One worker. Times are seconds since the epoch, 0.0 where there was none."""

    thread: int
    status: Status
    pid: int
    generation: int
    counts: Counts  # of the slot, over all its owners
    mine: Counts  # of this child
    connection: Counts  # of this connection
    start_time: float
    stop_time: float
    last_used: float
    client: str
    vhost: str
    request: str

    @property
    def took(self) -> int:
        """Milliseconds of the last request that was finished."""
        return max(0, int((self.stop_time - self.start_time) * 1000)) if self.start_time else 0

    @property
    def serving(self) -> bool:
        """Whether it has a request in hand that is known."""
        return self.status in (Status.BUSY_WRITE, Status.BUSY_LOG, Status.BUSY_DNS, Status.CLOSING)


@dataclass(frozen=True)
class ChildPicture:
    """One child, or (with pid 0) the place of one that has gone."""

    row: int
    pid: int
    generation: int
    stopping: bool
    accepting: bool
    birth: float
    letters: str  # of its threads
    busy: int
    idle: int
    connections: int
    waiting: int
    writing: int
    closing: int
    listener: Counts  # answers given without a worker, of the place
    counts: Counts  # of the place, listener and workers
    mine: Counts  # of this child
    workers: tuple[WorkerPicture, ...] = field(repr=False)

    @cached_property
    def usage(self) -> Usage:
        """What its process has used; looked up when first asked for."""
        return usage(self.pid) if self.pid else Usage()


@dataclass(frozen=True)
class Picture:
    """The whole server at one moment."""

    taken: float
    pid: int
    mpm: str
    software: str
    generation: int
    restart_time: float
    extended: bool
    letters: str  # of every slot, row by row, without trailing rows that nobody ever had
    ready: int
    busy: int
    places: tuple[ChildPicture, ...]

    @property
    def children(self) -> tuple[ChildPicture, ...]:
        """Those that live."""
        return tuple(place for place in self.places if place.pid)

    @property
    def workers(self) -> Iterator[tuple[ChildPicture, WorkerPicture]]:
        """Every worker with its child."""
        return ((place, worker) for place in self.places for worker in place.workers)

    @property
    def uptime(self) -> int:
        """Seconds since the start or the last hard restart."""
        return max(0, int(self.taken - self.restart_time))

    @cached_property
    def counts(self) -> Counts:
        """Of all children there were."""
        return summed(place.counts for place in self.places)

    @cached_property
    def usage(self) -> Usage:
        """Of the living children, and of the dead ones as far as their parent knows."""
        buried = usage(self.pid)
        ended = Usage(children_user=buried.children_user, children_system=buried.children_system)
        return total([ended, *(child.usage for child in self.children)])

    @property
    def load(self) -> float:
        """Per cent of one processor since the start."""
        return self.usage.seconds / self.uptime * 100 if self.uptime else 0.0


def picture(board: Scoreboard) -> Picture:
    """What the board says now."""
    head: GlobalScore = board.server
    places = tuple(_place(board, row) for row in range(board.rows) if board.processes[row].birth)
    rows = max([head.server_limit, *(place.row + 1 for place in places if place.pid)])
    serving = [place for place in places if place.pid and not place.stopping]
    return Picture(
        time.time(),
        head.pid,
        head.mpm.decode(),
        head.software.decode(errors="replace"),
        head.generation,
        head.restart_time,
        bool(head.extended),
        _letters(board.statuses()[: rows * board.thread_limit]),
        sum(place.letters.count("_") for place in serving if place.generation == head.generation),
        sum(place.busy for place in serving),
        places,
    )


def _place(board: Scoreboard, row: int) -> ChildPicture:
    process: ProcessScore = board.processes[row]
    first = row * board.thread_limit
    statuses = board.row(row)
    workers = tuple(_worker(board.workers[first + number]) for number in range(board.thread_limit))
    listener = Counts(process.access_count, process.bytes_served, process.replayed)
    before = (process.access_before, process.bytes_before, process.replayed_before)
    return ChildPicture(
        row,
        process.pid,
        process.generation,
        bool(process.quiescing),
        not process.not_accepting,
        process.birth,
        _letters(statuses[: process.threads]),
        sum(status not in NOT_BUSY for status in statuses),
        sum(status in IDLE for status in statuses),
        process.connections,
        process.waiting,
        process.writing,
        process.closing,
        listener,
        summed([listener, *(worker.counts for worker in workers)]),
        summed([_since(before, listener), *(worker.mine for worker in workers)]),
        workers,
    )


def _worker(score: WorkerScore) -> WorkerPicture:
    before = (score.access_before, score.bytes_before, score.replayed_before)
    counts = Counts(score.access_count, score.bytes_served, score.replayed)
    return WorkerPicture(
        score.thread,
        Status(min(score.status, Status.IDLE_KILL)),
        score.pid,
        score.generation,
        counts,
        _since(before, counts),
        _since((score.conn_access_before, score.conn_bytes_before, counts.replayed), counts),
        score.start_time,
        score.stop_time,
        score.last_used,
        *(text.decode("utf-8", "replace") for text in (score.client, score.vhost, score.request)),
    )


def _since(before: tuple[int, int, int], counts: Counts) -> Counts:
    """What has been counted since it was so much; nothing is negative where a reader saw half of a change."""
    return Counts(*(max(0, now - then) for now, then in zip(counts, before, strict=True)))


def _letters(statuses: bytes) -> str:
    return statuses.translate(AS_LETTERS).decode()
