"""Where log lines go: a file, or a program that reads them.

Logs are opened by the parent, before it gives up root and before it forks, and are shared by all children.
That works without locks because a line is one write to a descriptor that appends. A program is started with
the reading end of a pipe as its standard input. The parent keeps that end open as well, so nobody who writes
notices when the program dies; `tend`, called by the parent's loop, starts another one, which finds the lines
that were waiting. Closing a log ends its program: it reads to the end once the last child has gone.

Manual: logs, "Piped Logs"; mod_log_config, CustomLog.
"""

import errno
import os
import shlex
import signal
from collections.abc import Iterator, Mapping
from typing import Any

from pyhttpd.core.processes import running

SHELL = "/bin/sh"
MODE = 0o644
RESTORED = (signal.SIGPIPE, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)


Lines = dict["LogFile", list[bytes]]
"""What a turn of a listener has for the logs; a log that is not among them yet gets an empty list."""


class LogFile:
    """An open log. `target` is what the configuration calls it."""

    def __init__(self, target: str, fd: int) -> None:
        self.target = target
        self._fd = fd

    def write(self, line: bytes) -> None:
        """Append a whole line, line end included. A full disk loses it: a log must not stop the server."""
        try:  # noqa: SIM105 - once for each request
            os.write(self._fd, line)
        except OSError:
            pass

    def add(self, line: bytes, lines: Lines | None) -> None:
        """Append a whole line; with those of a listener's turn, where one is on."""
        if lines is None:
            self.write(line)
        else:
            lines[self].append(line)

    def write_all(self, lines: list[bytes]) -> None:
        """Append several whole lines together."""
        self.write(b"".join(lines))

    def fileno(self) -> int:
        """The descriptor; -1 once closed."""
        return self._fd

    def tend(self) -> str | None:
        """For the parent's loop: see that whoever reads the log still lives. Answers what to say of it."""
        return None

    def close(self) -> None:
        """Give the descriptor back; a second time does nothing."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)


class PipedLog(LogFile):
    """A log read by a program. `|command` is given to a shell, `||program args` is not."""

    def __init__(self, target: str) -> None:
        """Raises ValueError, with Apache's text, for a program that cannot be started."""
        self._arguments = _arguments(target)
        self._program = _program(target)
        self._reader, writer = os.pipe()
        super().__init__(target, writer)
        try:
            self.pid = self._start()
        except OSError as error:
            self.close()
            text = f"unable to start piped log program '{self._program}': {error.strerror}"
            raise ValueError(text) from None

    def _start(self) -> int:
        first = self._program.split(maxsplit=1)[:1]
        if first and (first[0].startswith("/") or self._arguments[0] != SHELL):
            _executable(first[0])
        return os.posix_spawn(
            self._arguments[0],
            self._arguments,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, self._reader, 0)],
            setpgroup=0,  # a Ctrl-C at the terminal must not end it before the last line is read
            setsigmask=(),
            setsigdef=RESTORED,
        )

    def tend(self) -> str | None:
        """Start the program again if it has ended."""
        if self._fd < 0 or running(self.pid):
            return None
        try:
            self.pid = self._start()
        except OSError as error:
            return f"unable to start piped log program '{self._program}': {error.strerror}"
        return f"piped log program '{self._program}' failed unexpectedly"

    def close(self) -> None:
        """Let the program come to its end of file."""
        super().close()
        if self._reader >= 0:
            reader, self._reader = self._reader, -1
            os.close(reader)


def open_log(path_or_pipe: str, server_root: str) -> LogFile:
    """Open a file (relative to `server_root`) to append to, or start a `|program`.

    Raises OSError for a file that cannot be opened, ValueError for a program that cannot be started; `reason`
    words the former as Apache does.
    """
    if path_or_pipe.startswith("|"):
        return PipedLog(path_or_pipe)
    path = os.path.join(server_root, path_or_pipe)
    return LogFile(path_or_pipe, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE))


def logs_of(state: Mapping[str, Any]) -> Iterator[LogFile]:
    """The open logs among what a server's modules keep: values or lists of logs, or of things with `logs`."""
    for value in state.values():
        for thing in value if isinstance(value, list) else [value]:
            yield from (thing,) if isinstance(thing, LogFile) else getattr(thing, "logs", ())


def tend(state: Mapping[str, Any]) -> list[str]:
    """See that the programs behind all logs live; answers what to say of those that did not."""
    return [said for log in logs_of(state) if (said := log.tend())]


def programs(state: Mapping[str, Any]) -> list[int]:
    """The processes behind logs, and those that modules keep among their logs."""
    return [pid for log in logs_of(state) if (pid := getattr(log, "pid", 0))]


def reason(error: OSError) -> str:
    """`(2)No such file or directory`, which stands in front of messages about system calls."""
    return f"({error.errno}){error.strerror}"


def _program(target: str) -> str:
    return target[1:].removeprefix("|").removeprefix("$")


def _arguments(target: str) -> list[str]:
    if not target.startswith("||"):
        return [SHELL, "-c", _program(target)]
    try:
        return shlex.split(_program(target)) or [""]
    except ValueError:  # a quote that is not closed
        return _program(target).split() or [""]


def _executable(program: str) -> None:
    """Raise the OSError that starting a missing program would give, before a shell hides it."""
    if not os.access(program, os.X_OK):
        os.stat(program)
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
