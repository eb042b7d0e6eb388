"""The header that a script writes before its answer (ap_scan_script_header_err; RFC 3875, 6).

CGI programs write one, files served as they are have one, and so do the answers of SCGI and FastCGI programs.
A line ends with LF, with or without CR. Status, Location, Content-Type and their like take effect; everything
else goes to the client, also with errors.

Safer than 2.2: Transfer-Encoding is not passed on, since framing is the connection's business; names must be
tokens, control bytes in values become blanks, and a Status that is no final one is a 500.
"""

import re
from collections.abc import Callable
from typing import NoReturn

from pyhttpd.config.values import atoi
from pyhttpd.core.request import Request
from pyhttpd.core.uri import escape_html
from pyhttpd.http.conditional import meets_conditions
from pyhttpd.http.dates import http_date, parse_http_date
from pyhttpd.http.fields import TOKEN
from pyhttpd.http.headers import Headers
from pyhttpd.http.status import REASONS, HTTPError

SHOWN = 30  # letters of a bad header that the log shows
PASSED = frozenset(("location", "content-length", "content-range", "etag"))
_TOKEN = re.compile(TOKEN)
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


def scan(request: Request, read_line: Callable[[], bytes], name: str) -> int:
    """Read the header into the request. Answers 0, or 304 or 412 where the client's conditions say so.

    `read_line` gives one line with its end, b"" at the end of all; `name` is the script's, for the log.
    Raises HTTPError 500 for a header that is broken or never ends.
    """
    merged, cookies = Headers(), Headers()
    own_status = False
    while line := read_line():
        bare = line.removesuffix(b"\n").removesuffix(b"\r").partition(b"\0")[0]
        text = bare.decode("utf-8", "surrogateescape")
        if not text:
            return _complete(request, merged, cookies, own_status)
        field, colon, value = text.partition(":")
        if not colon or not _TOKEN.fullmatch(field):
            _fail(f"malformed header from script. Bad header={text[:SHOWN]}: {name}")
        own_status |= _take(request, field, _CONTROL.sub(" ", value.lstrip()), merged, cookies)
    _fail(f"Premature end of script headers: {name}")


def _take(request: Request, field: str, value: str, merged: Headers, cookies: Headers) -> bool:
    """One field; whether it is a Status."""
    key = field.lower()
    if key == "content-type":
        media_type, semicolon, parameters = value.rstrip().partition(";")
        request.content_type = media_type.lower() + semicolon + parameters
    elif key == "status":
        request.status, request.status_line = _status(value)
        return True
    elif key in PASSED:
        request.headers_out.set(field, value)
    elif key == "last-modified":
        mtime = request.notes["mtime"] = max(request.notes.get("mtime", 0), parse_http_date(value) or 0)
        request.headers_out.set("Last-Modified", http_date(min(mtime, int(request.received))))
    elif key == "set-cookie":
        cookies.add(field, value)
    elif key != "transfer-encoding":
        merged.merge(field, value)
    return False


def _status(value: str) -> tuple[int, str | None]:
    """A script's status, and its own words if they fit; 500 for what cannot be the status of an answer."""
    code = atoi(value)
    if not 200 <= code <= 999:
        return 500, None
    if re.match(f"{code} .", value):
        return code, value
    return code, None if code in REASONS else f"{code} Unknown Reason"


def _complete(request: Request, merged: Headers, cookies: Headers, own_status: bool) -> int:
    condition = 0
    if not own_status and request.method in ("GET", "HEAD") and not request.no_local_copy:
        condition = meets_conditions(
            request.method,
            request.header,
            request.headers_out.get("ETag"),
            request.notes.get("mtime") or None,
            int(request.received),
        )
    for name, value in merged.items():
        request.err_headers_out.merge(name, value)
    for name, value in cookies.items():
        request.err_headers_out.add(name, value)
    return condition


def _fail(text: str) -> NoReturn:
    raise HTTPError(500, text, notes=escape_html(text))
