"""What stands above and below a listing: HeaderName and ReadmeName files, else a heading and the signature.

Both are looked up as URLs of this server by subrequests. HTML is served as it would be to anybody, so it may
be a script or have server-side includes; other text is put in as it is, between <pre> and </pre>; the rest is
ignored.
"""

import stat

from pyhttpd.core import errors
from pyhttpd.core.request import Request
from pyhttpd.core.subrequest import lookup_uri, run
from pyhttpd.core.uri import escape_html
from pyhttpd.modules.mod_autoindex.entries import bare_type
from pyhttpd.modules.mod_autoindex.options import Ix
from pyhttpd.modules.mod_autoindex.page import preamble
from pyhttpd.modules.mod_autoindex.query import Query
from pyhttpd.modules.mod_autoindex.settings import PerDir

ACCEPTED = "text/html, text/plain"
END = b"</body></html>\n"


def top(request: Request, settings: PerDir, query: Query) -> bytes:
    """Everything above the rows."""
    title = escape_html(request.uri).rstrip("/") or "/"
    begin = encoded(preamble(settings, Ix.XHTML in query.options, title))
    file = _header(request, settings.header)
    text = _plain(file)
    if text is not None:
        return begin + text
    html = _html(file)
    if html is not None:
        return html if Ix.NO_PREAMBLE in query.options else begin + html
    return begin + encoded(f"<h1>Index of {title}</h1>\n")


def bottom(request: Request, settings: PerDir, query: Query) -> bytes:
    """Everything below the rows."""
    file = _found(request, settings.readme)
    text = _plain(file)
    if text is not None:
        return text + END
    html = _html(file)
    if html is not None:
        return html if Ix.NO_PREAMBLE in query.options else html + END
    return encoded(errors.signature(request, "")) + END


def _header(request: Request, name: str | None) -> Request | None:
    """The header file; it may depend on the query, and is negotiated among texts that are not compressed."""
    if name is None:
        return None
    fields = request.headers_in
    request.headers_in = fields.copy()
    request.headers_in.set("Accept", ACCEPTED)
    request.headers_in.unset("Accept-Encoding")
    try:
        return _found(request, f"{name}?{request.query}" if request.query is not None else name)
    finally:
        request.headers_in = fields


def _found(request: Request, name: str | None) -> Request | None:
    """The subrequest for a file that is there and may be had."""
    if name is None:
        return None
    sub = lookup_uri(request, name)
    regular = sub.info is not None and stat.S_ISREG(sub.info.st_mode)
    return sub if sub.status == 200 and sub.filename is not None and regular else None


def _html(file: Request | None) -> bytes | None:
    """What a file of HTML gives when it is served; None for any other file, and where that fails."""
    if file is None or (bare_type(file) or "").lower() != "text/html":
        return None
    body = run(file)
    data = body if isinstance(body, bytes) else b"".join(body)
    if close := getattr(body, "close", None):
        close()
    return data if file.status == 200 else None


def _plain(file: Request | None) -> bytes | None:
    """The content of a file of other text, its markup made harmless."""
    kind = (bare_type(file) or "").lower() if file is not None else ""
    if file is None or not kind.startswith("text/") or kind == "text/html":
        return None
    try:
        with open(file.filename or "", "rb") as opened:
            data = opened.read()
    except OSError:
        return None
    for mark, name in ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;")):
        data = data.replace(mark, name)
    return b"<pre>\n" + data + b"</pre>\n"


def encoded(text: str) -> bytes:
    """Text as it goes out."""
    return text.encode("utf-8", "surrogateescape")
