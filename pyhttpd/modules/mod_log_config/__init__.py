"""Log requests, in lines of any form one likes, to files or programs.

Every server and virtual host has as many logs as it has CustomLog, TransferLog and CookieLog lines; a virtual
host without any uses those of the main server. A nickname is looked up when the logs are opened, so it may be
defined after it is used; of the main server's and a virtual host's definition of one nickname the main
server's counts, a habit of 2.2 that recorded logs show.

A line is written when the request is over, whatever became of it, also if it never reached a file.
"""

import os
from dataclasses import dataclass
from typing import Any

from pyhttpd.config.directive import ACCEPTED, Where, setting
from pyhttpd.config.merge import COLLECT, Merge, merged
from pyhttpd.config.values import Flag
from pyhttpd.config.walk import Context
from pyhttpd.core.core_module import schema as core
from pyhttpd.core.hooks import LOG_TRANSACTION, OK, OPEN_LOGS, Result
from pyhttpd.core.logfile import LogFile, open_log, reason
from pyhttpd.core.module import Module
from pyhttpd.core.replay.entry import LogWriter
from pyhttpd.core.request import Request
from pyhttpd.core.server import Server
from pyhttpd.core.vhosts import VirtualHost
from pyhttpd.diagnostics import Location
from pyhttpd.modules.mod_log_config.again import Again, pieces
from pyhttpd.modules.mod_log_config.formats import Format, Lookup
from pyhttpd.modules.mod_log_config.values import named

COMMON = '%h %l %u %t "%r" %>s %b'
COOKIES = '%{Cookie}n "%r" %t'
GROUP = "log_format"  # other modules offer letters in this group of providers: (request, argument) -> text


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """One line that names a log. Without a `format` the server's default one is used."""

    target: str
    format: str | None
    condition: str  # an environment variable; with ! before it, one that must not be set
    location: Location


def _last_wins(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    return before | after


def _outer_wins(outer: dict[str, str], inner: dict[str, str]) -> dict[str, str]:
    return inner | outer


NICKNAMES = Merge(_last_wins, _outer_wins)


@dataclass(frozen=True, slots=True)
class PerServer:
    """Logs and formats of a server or virtual host."""

    logs: tuple[Log, ...] = merged((), COLLECT)
    formats: dict[str, str] = merged({}, NICKNAMES)
    default: str = merged("clf")
    buffered: Flag = setting(
        "BufferedLogs",
        False,
        where=Where.SERVER,
        doc="whether lines may wait to be written together",
        status=ACCEPTED("each line is written at once, so that none is lost and all can be watched"),
    )


class Writer:
    """An open log: the file, the compiled format and the condition."""

    def __init__(self, log: Log, file: LogFile, format: Format, number: int) -> None:
        self.file, self.format, self.number = file, format, number
        self.variable, self.present = log.condition.removeprefix("!"), not log.condition.startswith("!")

    def wants(self, request: Request) -> bool:
        """Whether the condition is for a line of this request."""
        return not self.variable or (named(request.env, self.variable) is not None) is self.present

    def write(self, request: Request) -> None:
        """Write the request's line, unless the condition is against it."""
        if self.variable and not self.wants(request):
            return
        self.file.add(self.format.line(request), request.connection.lines)


class Writers:
    """All open logs of a server, and which of them each host writes to."""

    def __init__(self) -> None:
        self.by_log: dict[Log, Writer] = {}
        self.by_host: dict[VirtualHost, list[Writer]] = {}
        self.in_order: list[Writer] = []

    @property
    def logs(self) -> list[LogFile]:
        """All of them."""
        return [writer.file for writer in self.by_log.values()]

    def close(self) -> None:
        """Close all logs."""
        for log in self.logs:
            log.close()


module = Module("log_config_module", per_server=PerServer, replayable=True)


@module.directive("CustomLog", into="logs", where=Where.SERVER)
def custom_log(ctx: Context, target: str, format: str, clause: str = "") -> tuple[Log, ...]:
    """file or |program, a format or the nickname of one, and env=[!]variable as a condition"""
    if clause and not clause.lower().startswith("env="):
        raise ValueError("error in condition clause")
    if clause and clause[4:] in ("", "!"):
        raise ValueError("missing environment variable name")
    Format(format, _letters_of(ctx))
    return (Log(target, format, clause[4:], ctx.location),)


@module.directive("TransferLog", into="logs", where=Where.SERVER)
def transfer_log(ctx: Context, target: str) -> tuple[Log, ...]:
    """file or |program for lines of the default format"""
    return (Log(target, None, "", ctx.location),)


@module.directive("CookieLog", into="logs", where=Where.SERVER)
def cookie_log(ctx: Context, target: str) -> tuple[Log, ...]:
    """file or |program for lines of visitors' cookies"""
    return (Log(target, COOKIES, "", ctx.location),)


@module.directive("LogFormat", where=Where.SERVER)
def log_format(ctx: Context, format: str, nickname: str = "") -> dict[str, Any]:
    """a format and a nickname for it; without one, the format of TransferLog"""
    Format(format, _letters_of(ctx))
    return {"formats": {nickname.lower(): format}} if nickname else {"default": format}


def _letters_of(ctx: Context) -> Lookup:
    return lambda letter: ctx.site.provider(GROUP, letter)


@module.hook(OPEN_LOGS)
def open_logs(server: Server) -> Result:
    """Open every log once. Raises ValueError with Apache's text for one that cannot be opened."""
    writers = server.state[module.name] = Writers()
    for host in server.hosts:
        settings = host.config(PerServer)
        for log in settings.logs:
            if log not in writers.by_log:
                writers.by_log[log] = _open(server, host, log, settings, len(writers.in_order))
                writers.in_order.append(writers.by_log[log])
        writers.by_host[host] = [writers.by_log[log] for log in settings.logs]
    return OK


def _open(server: Server, host: VirtualHost, log: Log, settings: PerServer, number: int) -> Writer:
    nickname = settings.default if log.format is None else log.format
    text = {"clf": COMMON, **settings.formats}.get(nickname.lower(), nickname)
    format = Format(text, lambda letter: server.providers.get((GROUP, letter)))
    root = server.site.server_root
    try:
        return Writer(log, open_log(log.target, root), format, number)
    except OSError as error:
        path = os.path.join(root, log.target)
        text = f"{reason(error)}: could not open transfer log file {path}."
        host.log("error", text)
        raise ValueError(text) from None


@module.hook(LOG_TRANSACTION)
def log_transaction(request: Request) -> Result:
    """Write the request into the logs of its host."""
    writers: Writers = request.server.server.state[module.name]
    for writer in writers.by_host[request.server]:
        writer.write(request)
    return OK


@module.provider("replay_log", module.name)
def prepare(request: Request) -> tuple[LogWriter, ...] | None:
    """What gives the lines of requests that get this request's answer again: logs and lines.

    None where a line may need the client's name: looking it up takes long.
    """
    if request.config(core.PerDir).lookups != "off":
        return None
    writers: Writers = request.server.server.state[module.name]
    wanted = [writer for writer in writers.by_host[request.server] if writer.wants(request)]
    return tuple(_again(writer, pieces(writer.format, request)) for writer in wanted)


@module.provider("replay_line", module.name)
def revive(server: Server, kept: tuple[int, list[bytes]]) -> LogWriter:
    """A log and its line, of what the line of another process said of itself."""
    number, made = kept
    writers: Writers = server.state[module.name]
    return _again(writers.in_order[number], made)


def _again(writer: Writer, made: list[bytes]) -> LogWriter:
    return writer.file, Again(writer.format, made, module.name, writer.number)
