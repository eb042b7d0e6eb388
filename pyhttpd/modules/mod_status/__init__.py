"""Show how the server is doing: who is busy, with what, for whom, and how much has been served.

`server-status` is 2.2's page, with the connection columns that 2.4 has for event, and its `?auto` text for
programs. Beside it two handlers of ours: `pyhttpd-metrics` for Prometheus, and `pyhttpd-scoreboard`, a
picture of the scoreboard that lives. All of them read the one scoreboard and keep no books of their own. Who
may look is for the configuration to say (Allow from ...); client addresses and request lines are shown with
ExtendedStatus alone. Manual: mod/mod_status.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyhttpd.config.directive import Where, Within, setting
from pyhttpd.config.values import Flag
from pyhttpd.core.hooks import CHILD_INIT
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request
from pyhttpd.http.status import HTTPError
from pyhttpd.modules.mod_status import auto, live, metrics, page
from pyhttpd.mpm.scoreboard import Picture, picture

GLOBAL: dict[str, Any] = {"where": Where.SERVER, "not_in": Within.ANY}
REFRESH = 10  # seconds between two looks where ?refresh names none


@dataclass(frozen=True, slots=True)
class PerServer:
    """What the scoreboard keeps."""

    extended: Flag = setting(
        "ExtendedStatus", False, doc="whether times and totals are kept, and requests shown", **GLOBAL
    )
    tail: Flag = setting(
        "SeeRequestTail",
        False,
        doc="whether the end of a long request line is shown, and not its start",
        **GLOBAL,
    )


module = Module("status_module", per_server=PerServer)


@module.hook(CHILD_INIT)
def tell_the_board(server: Any) -> None:
    """Let workers note what the configuration asks for."""
    if server.scoreboard is not None:
        settings = server.main.config(PerServer)
        server.scoreboard.server.extended = settings.extended
        server.scoreboard.server.request_tail = settings.tail


@module.handler("server-status", "application/x-httpd-status")
def server_status(request: Request) -> bytes | None:
    """2.2's page, or with ?auto its text."""
    if not _asked_for(request):
        return None
    query = request.query or ""
    if "refresh" in query:
        request.headers_out.set("Refresh", str(_seconds(query)))
    if "auto" in query:
        text, request.content_type = auto.text, "text/plain; charset=ISO-8859-1"
    else:
        text, request.content_type = page.page, "text/html; charset=ISO-8859-1"
    return _answer(text(_picture(request), request, "notable" in query), "latin-1")


@module.handler("pyhttpd-metrics")
def prometheus(request: Request) -> bytes | None:
    """All figures in Prometheus' text format."""
    if not _asked_for(request):
        return None
    request.content_type = metrics.CONTENT_TYPE
    return _answer(metrics.text(_picture(request)), "utf-8")


@module.handler("pyhttpd-scoreboard")
def scoreboard(request: Request) -> bytes | None:
    """A picture of the scoreboard that lives."""
    if not _asked_for(request):
        return None
    request.content_type = "text/html; charset=utf-8"
    for name, value in live.FIELDS.items():
        request.headers_out.set(name, value)
    whole: Callable[[Picture, Request], str] = live.body if request.query == live.PART else live.page
    return _answer(whole(_picture(request), request), "utf-8")


def _asked_for(request: Request) -> bool:
    request.allowed.add("GET")
    return request.method in ("GET", "HEAD")


def _picture(request: Request) -> Picture:
    board = request.server.server.scoreboard
    if board is None:
        raise HTTPError(500, log="Server status unavailable in inetd mode")
    return picture(board)


def _answer(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "xmlcharrefreplace")


def _seconds(query: str) -> int:
    """The number behind `refresh=`."""
    found = re.search("refresh(?:=([0-9]{1,9}))?", query)
    return (int(found[1]) if found and found[1] else 0) or REFRESH
