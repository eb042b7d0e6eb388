"""RewriteLog: every step of the rules, in 2.2's lines, down to the level that RewriteLogLevel asks for.

CLIENT LOGNAME USER [time] [host/sid#..][rid#../initial] (level) [perdir DIRECTORY] text
"""

import time
from typing import TYPE_CHECKING

from pyhttpd.core.canonical import server_name
from pyhttpd.core.logfile import LogFile
from pyhttpd.core.uri import escape_log_item

if TYPE_CHECKING:
    from pyhttpd.core.request import Request

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Trace:
    """An open RewriteLog and the level up to which it is written."""

    def __init__(self, file: LogFile, level: int) -> None:
        self.file, self.level = file, level

    def write(self, request: "Request", level: int, text: str, directory: str | None) -> None:
        """One step."""
        if level > self.level:
            return
        where = f"[perdir {directory}] " if directory is not None else ""
        client, name = request.connection.client[0], request.connection.notes.get("logname") or "-"
        user = '""' if request.user == "" else escape_log_item(request.user or "-")
        server = f"{escape_log_item(server_name(request))}/sid#{id(request.server):x}"
        this = f"rid#{id(request):x}/{_kind(request)}"
        line = (
            f"{client} {name} {user} {_now()} [{server}][{this}] ({level}) {escape_log_item(where + text)}\n"
        )
        self.file.write(line.encode("utf-8", "surrogateescape"))


def _kind(request: "Request") -> str:
    redirects, one = 0, request
    while one.prev is not None:
        redirects, one = redirects + 1, one.prev
    kind = "initial" if request.main is None else "subreq"
    return f"{kind}/redir#{redirects}" if redirects else kind


def _now() -> str:
    at = time.localtime()
    sign, minutes = "-" if at.tm_gmtoff < 0 else "+", abs(at.tm_gmtoff) // 60
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} {sign}{minutes // 60:02}{minutes % 60:02}"
    return f"[{at.tm_mday:02}/{MONTHS[at.tm_mon - 1]}/{at.tm_year}:{clock}]"
