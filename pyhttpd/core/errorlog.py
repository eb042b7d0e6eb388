"""The error log: what goes in, how a line looks, and where it goes.

A line is `[Sun Nov 06 08:49:37 1994] [error] [client 192.0.2.1] text, referer: URL`. Whatever a client may
have put into the text is escaped, so that a line stays a line and no terminal is fooled by reading it. Before
logs are open, and without an ErrorLog to go to, lines go to standard error.

Manual: core, ErrorLog and LogLevel; logs, "Error Log".
"""

import os
import syslog
import time
from functools import lru_cache
from typing import Protocol

from pyhttpd.core.logfile import Lines, LogFile, open_log, reason
from pyhttpd.core.uri import escape_log_item
from pyhttpd.http.dates import DAYS, MONTHS
from pyhttpd.http.headers import Headers

LEVELS = {
    name: rank
    for rank, name in enumerate(("emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"))
}
FACILITIES = (
    *("auth", "authpriv", "cron", "daemon", "kern", "lpr", "mail", "news", "syslog", "user", "uucp"),
    *(f"local{number}" for number in range(8)),
)
LONGEST = 8192  # bytes of a line, its end included


class Sink(Protocol):
    """Takes finished lines: an open log file or program, or one of the two below."""

    def write(self, line: bytes) -> None: ...

    def close(self) -> None: ...

    def fileno(self) -> int: ...


class Caller(Protocol):
    """Who sent a request."""

    @property
    def client(self) -> tuple[str, int]: ...

    @property
    def lines(self) -> Lines | None:
        """Lines for the logs that may wait a little."""


class About(Protocol):
    """What a line tells of a request."""

    headers_in: Headers

    @property
    def connection(self) -> Caller: ...


class Syslog:
    """The system's own log. It dates lines itself; descriptor -1 says that there is none."""

    def __init__(self, facility: str = "local7", program: str = "httpd") -> None:
        if facility in FACILITIES:
            number = getattr(syslog, f"LOG_{facility.upper()}")
            syslog.openlog(program, syslog.LOG_NDELAY | syslog.LOG_CONS | syslog.LOG_PID, number)

    def write(self, line: bytes) -> None:
        """Pass on a line without its level."""
        self.send("notice", line.decode("ascii", "replace").rstrip("\n"))

    def send(self, level: str, text: str) -> None:
        """Pass on a message of some level."""
        syslog.syslog(LEVELS[level], text.replace("\0", " "))

    def close(self) -> None:
        """The connection belongs to the process and stays."""

    def fileno(self) -> int:
        return -1


class StandardError(LogFile):
    """Standard error, which is never closed."""

    def __init__(self) -> None:
        super().__init__("", 2)

    def close(self) -> None:
        """Stays open."""


class ErrorLog:
    """One server's error log. `level` is the LogLevel; notices get into a file whatever it is, as in 2.2."""

    def __init__(self, target: Sink | None = None, level: str = "warn") -> None:
        self.target: Sink = StandardError() if target is None else target
        self.level = level
        self._rank = LEVELS[level]

    def wants(self, level: str) -> bool:
        """Whether a message of this level would be written."""
        if level == "notice" and not isinstance(self.target, Syslog):
            return True
        return LEVELS[level] <= self._rank

    def write(self, level: str, message: str, request: About | None = None) -> None:
        """Write a message. Of the request it is about, the client and the page it came from are told."""
        if not self.wants(level):
            return
        text = f"[{level}] "
        if request is not None:
            text += f"[client {request.connection.client[0]}] "
        text += escape(message)
        if request is not None and (referer := request.headers_in.get("Referer")):
            text += f", referer: {escape(referer)}"
        if isinstance(self.target, Syslog):
            self.target.send(level, text)
        else:
            line = f"[{timestamp(int(time.time()))}] {text}".encode("utf-8", "surrogateescape")
            line = line[: LONGEST - 1] + b"\n"
            if request is not None and isinstance(self.target, LogFile):
                self.target.add(line, request.connection.lines)
            else:
                self.target.write(line)

    @property
    def logs(self) -> list[LogFile]:
        """The file or program, if it is one."""
        return [self.target] if isinstance(self.target, LogFile) else []

    def close(self) -> None:
        """Close what was opened for this log."""
        self.target.close()


def open_error_log(where: str, level: str, server_root: str) -> ErrorLog:
    """Open what an ErrorLog line names: a file, a `|program`, or `syslog[:facility]`.

    Raises ValueError with the text to print when it cannot be opened.
    """
    if where[:6].lower() == "syslog":
        return ErrorLog(Syslog(where[7:] if where[6:7] == ":" else "local7"), level)
    try:
        return ErrorLog(open_log(where, server_root), level)
    except OSError as error:
        path = os.path.join(server_root, where)
        text = f"{reason(error)}: httpd: could not open error log file {path}."
        raise ValueError(text) from None


@lru_cache(maxsize=4)
def timestamp(seconds: int) -> str:
    """`Sun Nov 06 08:49:37 1994`, in local time."""
    year, month, day, hour, minute, second, weekday, *_ = time.localtime(seconds)
    return f"{DAYS[weekday]} {MONTHS[month - 1]} {day:02} {hour:02}:{minute:02}:{second:02} {year}"


def escape(text: str) -> str:
    """Text for the error log: as in an access log, but for quotes, which nothing stands between here."""
    return escape_log_item(text).replace('\\"', '"')
