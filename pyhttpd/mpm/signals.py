"""Signals become bytes in a pipe; the parent's loop reads them and acts.

A handler does nothing at all: Python's wake-up descriptor writes the signal's number. Around fork signals are
held back, because until a child has its own handlers a signal to it would be taken for one to the parent.
See the manual page "Stopping and Restarting".
"""

import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOP = (signal.SIGTERM, signal.SIGINT)
HANDLED = (*STOP, signal.SIGHUP, signal.SIGUSR1, signal.SIGWINCH, signal.SIGCHLD)


def _nothing(_signum: int, _frame: FrameType | None) -> None:
    """A handler, not SIG_IGN: ignored signals stay ignored in programs we start, handlers do not."""


class SignalPipe:
    """Collects the parent's signals while open; `ignored` ones are dropped."""

    def __init__(self, ignored: tuple[signal.Signals, ...] = ()) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._before = {number: signal.signal(number, _nothing) for number in HANDLED}
        self._ignored = ignored
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)

    def wait(self, seconds: float) -> list[signal.Signals]:
        """The signals that have come, each once, after at most this many seconds."""
        select.select([self._reader], [], [], max(seconds, 0))
        try:
            numbers = self._reader.recv(4096)
        except BlockingIOError:
            return []
        return [signal.Signals(number) for number in dict.fromkeys(numbers)]

    def close(self) -> None:
        """Put everything back as it was."""
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def leave(self) -> None:
        """In a new child: TERM ends it at once; its other orders come through its pipe, not by signals."""
        signal.set_wakeup_fd(-1)
        for number in self._ignored:
            signal.signal(number, _nothing)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._reader.close()
        self._writer.close()


@contextmanager
def held_back() -> Iterator[None]:
    """Let the signals we handle wait, in this process and in one forked meanwhile, until this is over."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def on_terminal() -> bool:
    """Whether a terminal is attached, which sends WINCH whenever its window changes size."""
    return any(os.isatty(descriptor) for descriptor in (0, 1, 2) if _open(descriptor))


def _open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
