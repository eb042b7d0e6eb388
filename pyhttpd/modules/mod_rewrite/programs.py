"""Programs behind rewrite maps: one for the whole server, started by the parent, asked by all its children.

The parent and all children hold both pipes, so a program that dies can be replaced without their noticing:
the parent's `tend` starts another one. Questions are asked one at a time, across threads and processes. A
program that gives no answer within `PATIENCE`, or is found dead, is marked as lost in memory that all share;
until the parent has replaced it every question is answered with nothing at once. So nobody waits for ever,
and nobody is given the answer to another one's question: who finds that somebody died while asking gives the
program up as well.
"""

import fcntl
import mmap
import os
import select
import signal
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pyhttpd.core.logfile import RESTORED
from pyhttpd.core.processes import running

PATIENCE = 10.0
SLICE = 0.1  # seconds until a waiting question notices that the program is lost
LONGEST = 65_536
PID = struct.Struct("=q")
Say = Callable[[str], None]


class Program:
    """One program; `arguments` begin with its path."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.pid = 0
        self._turn = threading.Lock()
        self._pipes: tuple[int, ...] = ()  # questions out of and into it, answers out of and into it

    def start(self) -> None:
        """In the parent, before it forks: open the pipes and run the program. Raises OSError."""
        self._shared = mmap.mmap(-1, PID.size)
        self._lock = tempfile.TemporaryFile()  # noqa: SIM115 (it stays open as long as the program runs)
        self._pipes = (*os.pipe(), *os.pipe())
        for fd in self._pipes[1:3]:
            os.set_blocking(fd, False)
        self._launch()

    def _launch(self) -> None:
        self.pid = os.posix_spawn(
            self.arguments[0],
            self.arguments,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, self._pipes[0], 0),
                (os.POSIX_SPAWN_DUP2, self._pipes[3], 1),
            ],
            setpgroup=0,
            setsigmask=(),
            setsigdef=RESTORED,
        )
        self._running = self.pid

    @property
    def _running(self) -> int:
        """The program's process as all processes see it: 0 while it is lost, negative while it is asked."""
        return int(PID.unpack_from(self._shared)[0])

    @_running.setter
    def _running(self, pid: int) -> None:
        PID.pack_into(self._shared, 0, pid)

    def ask(self, key: str, say: Say) -> str | None:
        """The program's answer to a key; None for NULL, and where there is no answer to be had."""
        if not self._pipes or "\n" in key or not self._running:
            return None
        until = time.monotonic() + PATIENCE
        with self._alone(until) as mine:
            answer = self._asked(key, until, say) if mine else None
        if answer is None or answer.upper() == b"NULL":
            return None
        return answer.decode("utf-8", "surrogateescape")

    def _asked(self, key: str, until: float, say: Say) -> bytes | None:
        """Ask, marking the program as busy meanwhile."""
        pid = self._running
        if pid > 0:
            self._running = -pid
            answer = self._exchange(key, until)
            if answer is not None:
                self._running = pid
                return answer
            say(f"mod_rewrite: RewriteMap program {self.arguments[0]} gives no answer")
        self._running = 0
        return None

    @contextmanager
    def _alone(self, until: float) -> Iterator[bool]:
        """Have the program for oneself; False where it took too long to get it."""
        if not self._turn.acquire(timeout=max(until - time.monotonic(), 0)):
            yield False
            return
        try:
            mine = self._locked()
            while not mine and time.monotonic() < until:
                time.sleep(0.001)
                mine = self._locked()
            yield mine
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)
            self._turn.release()

    def _locked(self) -> bool:
        with suppress(BlockingIOError, PermissionError):
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def _exchange(self, key: str, until: float) -> bytes | None:
        """Write a key, read a line; None when time is up or the program is lost."""
        _, questions, answers, _ = self._pipes
        _drain(answers)
        left, got = key.encode("utf-8", "surrogateescape") + b"\n", b""
        while time.monotonic() < until and self._running and len(got) < LONGEST:
            readable, writable, _ = select.select([answers], [questions] if left else [], [], SLICE)
            with suppress(BlockingIOError):
                if writable:
                    left = left[os.write(questions, left) :]
                if readable:
                    got += os.read(answers, LONGEST)
            if b"\n" in got:
                return got.partition(b"\n")[0]
        return None

    def tend(self) -> str | None:
        """For the parent's loop: replace a program that is lost. Answers what to say of it."""
        if not self._pipes or (self._running and running(self.pid)):
            return None
        self._running = 0  # whoever waits for it gives up
        with self._alone(time.monotonic() + 2 * SLICE) as mine:
            return self._replace() if mine else None

    def _replace(self) -> str:
        self._end()
        _drain(self._pipes[0])
        _drain(self._pipes[2])
        try:
            self._launch()
        except OSError as error:
            return f"mod_rewrite: could not start RewriteMap program {self.arguments[0]}: {error.strerror}"
        return f"mod_rewrite: RewriteMap program {self.arguments[0]} failed unexpectedly"

    def _end(self) -> None:
        """End the program with all that it started, which might write answers as well."""
        if running(self.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)

    def close(self) -> None:
        """Let the program come to its end of input."""
        pipes, self._pipes = self._pipes, ()
        for fd in pipes:
            os.close(fd)
        if pipes:
            self._lock.close()


def _drain(fd: int) -> None:
    """Throw away what a pipe holds."""
    while select.select([fd], [], [], 0)[0]:
        os.read(fd, LONGEST)
