"""A program that runs for a request: its input and output through pipes, its time limited, its end seen to.

Whatever happens - the program finishes, falls silent, writes more than it reads, or the client leaves - it is
reaped, and nothing waits longer than a timeout. It runs in a process group of its own, so that all of it can
be ended: TERM first, KILL three seconds later (APR's kill after timeout).

What a program writes before it has read all its input is kept (in a file, if it is much): in 2.2 both sides
would wait for each other then. Starting one from a thread is safe: no Python runs between fork and exec.
"""

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

PIPE = 65536
IN_MEMORY = 1 << 20  # bytes of early output that are kept without a file
GRACE = 3.0  # seconds between TERM and KILL
TICK = 0.05  # seconds between looks at a program whose children hold its standard error open
LIMITS = {"cpu": ("-t", 1), "mem": ("-v", 1024), "nproc": ("-u", 1)}
"""RLimit's names, the shell's letters for them, and the shell's units in ours."""


class Silence(TimeoutError):
    """The program neither wrote nor took anything for too long."""


class Script:
    """A running program.

    `complain` is called with each line it writes to standard error. `timeout` is in seconds.
    """

    def __init__(
        self,
        command: Sequence[bytes],
        env: dict[bytes, bytes],
        folder: bytes,
        timeout: float,
        complain: Callable[[bytes], None],
        *,
        reads: bool = False,
        limits: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Start it; `reads` says that `feed` will be called. Raises OSError if it cannot be run."""
        whole = limited(command, limits) if limits else command
        self.process, self._pipes = started(whole, env, folder, reads)
        self._out, self._err = self._pipes[:2]
        self._in = self._pipes[2] if reads else -1
        self.complain, self._timeout = complain, timeout
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self._poll.register(self._err, select.POLLIN)
        self._open_err, self._open_out = True, True
        self._early = tempfile.SpooledTemporaryFile(IN_MEMORY) if reads else None  # noqa: SIM115 (see _end)
        self._complaint, self._buffer = b"", b""

    def feed(self, data: bytes) -> bool:
        """Write all of it to the program's input. Answers False if nobody reads there any more."""
        os.set_blocking(self._in, False)
        self._poll.register(self._in, select.POLLOUT)
        view = memoryview(data)
        try:
            while view:
                ready = self._wait(self._timeout)
                if self._out in ready:
                    self._keep()
                if self._in in ready:
                    view = view[os.write(self._in, view) :]
        except BrokenPipeError:
            return False
        finally:
            self._poll.unregister(self._in)
        return True

    def end_of_input(self) -> None:
        """Let the program come to the end of its input."""
        if self._in in self._pipes:
            self._pipes.remove(self._in)
            os.close(self._in)
        if self._early is not None:
            self._early.seek(0)

    @property
    def at_hand(self) -> bool:
        """Whether `read` has something to give without waiting."""
        return bool(self._buffer)

    def read(self) -> bytes:
        """Next of what the program wrote, b"" at the end. Raises Silence."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        if self._early is not None and (data := self._early.read(PIPE)):
            return data
        while self._open_out:
            if self._out in self._wait(self._timeout):
                return self._take()
        return b""

    def read_line(self) -> bytes:
        """Next line with its end, b"" at the end of all. Raises Silence."""
        line = b""
        while b"\n" not in line and len(line) <= PIPE and (data := self.read()):
            line += data
        first, newline, rest = line.partition(b"\n")
        self._buffer = rest + self._buffer
        return first + newline

    def finish(self) -> None:
        """All output is read: hear what it has left to complain about, and see it end.

        One that says nothing for as long as the timeout is ended.
        """
        heard = time.monotonic()
        while self._open_err and self.process.poll() is None:
            if self._wait(TICK, patient=True):
                heard = time.monotonic()
            elif time.monotonic() - heard > self._timeout:
                break
        while self._open_err and self._wait(0, patient=True):
            pass
        self._end(whole=False)

    def close(self) -> None:
        """End the program, wherever it is, and all that it started and kept in its group."""
        self._end(whole=True)

    def __del__(self) -> None:
        """An answer that was dropped on its way, by an error in a filter say, leaves no program behind."""
        if hasattr(self, "_poll"):
            self.close()

    def _wait(self, seconds: float, patient: bool = False) -> set[int]:
        """The descriptors that are ready, after hearing complaints. Raises Silence unless `patient`."""
        found = self._poll.poll(seconds * 1000)
        if not found and not patient:
            raise Silence
        ready = {fd for fd, _ in found}
        if self._err in ready:
            self._hear()
        return ready

    def _take(self) -> bytes:
        data = os.read(self._out, PIPE)
        if not data:
            self._open_out = False
            self._poll.unregister(self._out)
        return data

    def _keep(self) -> None:
        data = self._take()
        if self._early is not None:
            self._early.write(data)

    def _hear(self) -> None:
        data = os.read(self._err, PIPE)
        *lines, self._complaint = (self._complaint + data).split(b"\n")
        if not data or len(self._complaint) > PIPE:
            lines, self._complaint = [*lines, self._complaint], b""
        for line in lines if data else filter(None, lines):
            self.complain(line)
        if not data:
            self._open_err = False
            self._poll.unregister(self._err)

    def _end(self, whole: bool) -> None:
        """Stop what still runs, reap it, close the pipes. A second time does nothing."""
        process = self.process
        if process.poll() is None:
            self._signal(signal.SIGTERM, whole)
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL, whole)
                process.wait()
        close_all(self._pipes)
        if self._early is not None:
            self._early.close()
        self._open_out = self._open_err = False

    def _signal(self, number: signal.Signals, whole: bool) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if whole:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)


def started(
    command: Sequence[bytes], env: dict[bytes, bytes], folder: bytes, reads: bool
) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A new process, and our ends of its pipes: its output, its complaints, and its input if it `reads`.

    The pipes are made here because subprocess would put a file object around each, which nobody needs and
    which costs a tenth of the start. Raises OSError.
    """
    ours: list[int] = []
    theirs: list[int] = []
    try:
        for _ in range(2):
            _add_pipe(ours, theirs)
        if reads:
            _add_pipe(theirs, ours)
        process = subprocess.Popen(
            command,
            stdin=theirs[2] if reads else subprocess.DEVNULL,
            stdout=theirs[0],
            stderr=theirs[1],
            cwd=folder,
            env=env,
            process_group=0,
        )
    except BaseException:
        close_all(ours)
        raise
    finally:
        close_all(theirs)
    return process, ours


def _add_pipe(readers: list[int], writers: list[int]) -> None:
    reader, writer = os.pipe()
    readers.append(reader)
    writers.append(writer)


def close_all(descriptors: list[int]) -> None:
    """Give them all back; the list is empty then."""
    while descriptors:
        os.close(descriptors.pop())


def limited(command: Sequence[bytes], limits: dict[str, tuple[str, ...]]) -> list[bytes]:
    """The command behind a shell that sets RLimitCPU, RLimitMEM and RLimitNPROC and is then replaced by it.

    A shell, because a limit must hold from the first moment and no Python may run between fork and exec.
    """
    lines = [
        _limit(f"ulimit -{kind} {letter}", _amount(word, unit, letter))
        for name, words in limits.items()
        for letter, unit in (LIMITS[name],)
        for kind, word in zip("SH", words, strict=True)
        if (kind, word) != ("H", "max")
    ]
    return [b"/bin/sh", b"-c", "; ".join((*lines, 'exec "$@"')).encode(), b"sh", *command]


def _limit(option: str, amount: str) -> str:
    """dash calls -p what other shells call -u."""
    return f"command {option} {amount} 2>/dev/null || command {option.replace('-u', '-p')} {amount}"


def _amount(word: str, unit: int, letter: str) -> str:
    if word == "max":
        return f"$(ulimit -H {letter} 2>/dev/null || ulimit -H -p)"
    return str(-(-int(word) // unit))
