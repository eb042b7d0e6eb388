"""The parent's children: forked, told to finish, killed, buried.

A child is told to finish through the scoreboard (`quiescing`) and woken through a pipe of its own. The
parent's end of that pipe is also a lifeline: when the parent dies, the children see it close and finish
too, instead of serving on with nobody to direct them.
"""

import contextlib
import gc
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from pyhttpd.mpm.base import MPM, Child, Server
from pyhttpd.mpm.common import MPMSettings
from pyhttpd.mpm.identity import Identity, take_on
from pyhttpd.mpm.listen import Listeners
from pyhttpd.mpm.scoreboard import Scoreboard
from pyhttpd.mpm.signals import HANDLED, SignalPipe, held_back
from pyhttpd.mpm.sizing import Limits

SICK, FATAL = 7, 15  # exit statuses with a meaning for the parent
EXPECTED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGKILL)


@dataclass(slots=True)
class Record:
    """What the parent knows of one child."""

    pid: int
    row: int
    generation: int
    lifeline: int  # our end of its pipe; -1 once it has been told to finish


@dataclass(frozen=True, slots=True)
class Death:
    """How a child ended."""

    record: Record
    status: int

    @property
    def exit_code(self) -> int:
        return os.waitstatus_to_exitcode(self.status)

    def notice(self) -> str:
        """What the error log says of it, nothing for an expected end."""
        if not os.WIFSIGNALED(self.status) or (number := os.WTERMSIG(self.status)) in EXPECTED:
            return ""
        core = ", possible coredump" if os.WCOREDUMP(self.status) else ""
        return f"child pid {self.record.pid} exit signal {signal.strsignal(number)} ({number}){core}"


class Children:
    """All of them, by process id."""

    def __init__(self, mpm: MPM, board: Scoreboard, listeners: Listeners, signals: SignalPipe) -> None:
        self.mpm, self.board, self.listeners, self.signals = mpm, board, listeners, signals
        self.records: dict[int, Record] = {}
        self.who: Identity  # of those to come

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self.records.values()))

    def serving(self, record: Record) -> bool:
        """Whether a child takes new connections."""
        return not self.board.processes[record.row].quiescing

    def free_rows(self) -> list[int]:
        """The scoreboard rows without a child, lowest first."""
        taken = {record.row for record in self.records.values()}
        return [row for row in range(self.board.rows) if row not in taken]

    def spawn(self, server: Server, limits: Limits, row: int) -> None:
        """Fork a child. Raises OSError when the system has no process left."""
        reader, writer = os.pipe()
        self.board.occupy(row, server.generation, limits.threads)
        try:
            with held_back():
                pid = os.fork()
                if pid == 0:
                    os.close(writer)
                    self._live(server, limits, row, reader)
        except OSError:
            self.board.vacate(row)
            os.close(writer)
            raise
        finally:
            os.close(reader)
        self.board.processes[row].pid = pid
        self.records[pid] = Record(pid, row, server.generation, writer)

    def _live(self, server: Server, limits: Limits, row: int, orders: int) -> NoReturn:
        """The whole life of a child."""
        code = FATAL
        try:
            self.signals.leave()
            for record in self.records.values():
                _close(record.lifeline)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
            self.board.processes[row].pid = os.getpid()
            child = prepare(server, limits, self.who, self.listeners, self.board, row, orders)
            code = 1
            self.mpm.run_child(child)
            code = 0
        except BaseException as error:
            _last_words(server, error)
        finally:
            os._exit(code)

    def retire(self, record: Record) -> None:
        """Tell a child to finish what it has and exit."""
        self.board.processes[record.row].quiescing = 1
        if record.lifeline >= 0:
            with contextlib.suppress(OSError):
                os.write(record.lifeline, b"g")
            _close(record.lifeline)
            record.lifeline = -1

    def kill(self, record: Record, number: signal.Signals) -> None:
        """Send a signal."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, number)

    def reap(self) -> list[Death]:
        """Bury the children that have ended. Other children of this process are not ours to wait for."""
        deaths = [Death(record, status) for record in self if (status := _ended(record.pid)) is not None]
        for death in deaths:
            record = self.records.pop(death.record.pid)
            _close(record.lifeline)
            self.board.vacate(record.row)
        return deaths


GC_THRESHOLDS = (20_000, 20, 50)  # requests leave few cycles behind to look for


def prepare(
    server: Server,
    limits: Limits,
    who: Identity,
    listeners: Listeners,
    board: Scoreboard,
    row: int,
    orders: int,
) -> Child:
    """Become the child that serves: its user, its random numbers, its modules."""
    settings: MPMSettings = server.main.layer.settings(MPMSettings)
    random.seed()
    gc.set_threshold(*GC_THRESHOLDS)
    take_on(who, settings.chroot)
    if settings.core_directory:
        os.chdir(settings.core_directory)
    if settings.stack_size:
        threading.stack_size(max(settings.stack_size, 65536))
    server.child_init()
    return Child(server, listeners, limits, board, row, orders, settings.max_requests)


def _last_words(server: Server, error: BaseException) -> None:
    text = "".join(traceback.format_exception(error)).rstrip().replace("\n", " | ")
    try:
        server.log("crit", f"child {os.getpid()} failed: {text}")
    except Exception:
        print(text, file=sys.stderr, flush=True)


def _ended(pid: int) -> int | None:
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return status if found else None


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        with contextlib.suppress(OSError):
            os.close(descriptor)
