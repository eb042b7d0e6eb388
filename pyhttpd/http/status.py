"""Status codes as Apache 2.2 words them, and the exception that carries one.

The wording is part of what clients and log readers see, and it differs from today's registry in several
places (401, 408, 413, 414, 416, 501, 503, 504), hence a table of our own. Whoever gives up on a request
raises `HTTPError`; one place turns it into an answer, so the error carries all that place needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhttpd.http.head import Head

REASONS: dict[int, str] = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi-Status",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    306: "unused",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Authorization Required",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Time-out",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    422: "Unprocessable Entity",
    423: "Locked",
    424: "Failed Dependency",
    425: "No code",
    426: "Upgrade Required",
    500: "Internal Server Error",
    501: "Method Not Implemented",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    510: "Not Extended",
}

BODILESS = frozenset((204, 304, *range(100, 200)))
"""Statuses of answers that never have a body."""

_LINES = {code: f"{code} {reason}" for code, reason in REASONS.items()}


def status_line(code: int) -> str:
    """The code and its reason, as in `404 Not Found`; a code nobody knows is answered as 500, as 2.2 does."""
    return _LINES.get(code) or _LINES[500]


class HTTPError(Exception):
    """A request ends with this status.

    `log` goes to the error log, `headers` into the answer, `notes` (HTML) into the error page where the
    page has a place for it. `head` is what was understood of the request before it failed, when it failed
    while being read.
    """

    def __init__(
        self, status: int, log: str = "", headers: Mapping[str, str] | None = None, *, notes: str = ""
    ) -> None:
        super().__init__(status, log)
        self.status = status
        self.log = log
        self.headers: dict[str, str] = dict(headers or {})
        self.notes = notes
        self.head: Head | None = None

    def __str__(self) -> str:
        return f"{status_line(self.status)}: {self.log}" if self.log else status_line(self.status)
