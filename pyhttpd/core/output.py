"""The last steps before bytes go out: framing, keep-alive, and the header block.

`finalize` is http_filters.c's header filter in one place: it decides how the body is framed and whether the
connection goes on, and gives the bytes of the head and the body to send. Field order on the wire is Date,
Server, then the answer's own.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from pyhttpd.core import keepalive
from pyhttpd.core.core_module.schema import PerDir, PerServer
from pyhttpd.core.errors import DROPS_CONNECTION
from pyhttpd.core.request import Request, stamp
from pyhttpd.http.body import LAST_CHUNK, chunk
from pyhttpd.http.dates import http_date
from pyhttpd.http.headers import Headers
from pyhttpd.http.response import WHOLE, Body, FileBody
from pyhttpd.http.status import BODILESS, status_line

SMALL = 64 * 1024  # bytes; larger files are left to the kernel
KEPT_BY_304 = (
    "Connection", "Keep-Alive", "ETag", "Content-Location", "Expires", "Cache-Control", "Vary", "Warning",
    "WWW-Authenticate", "Proxy-Authenticate", "Set-Cookie", "Set-Cookie2",
)  # fmt: skip

OF_CONNECTION = ("Connection", "Keep-Alive")
CONNECTION_FIELDS = frozenset(name.lower() for name in OF_CONNECTION)
OURS = frozenset(("date", "server"))  # fields that only we write


@dataclass(slots=True)
class Outgoing:
    """An answer ready for the wire."""

    head: bytes
    body: Body
    chunked: bool
    keep: bool  # the connection goes on afterwards
    protocol: str = "HTTP/1.1"
    leading: frozenset[str] | None = None  # fields before the connection's own; None: it is not known which
    framing: int = 0  # bytes of chunk sizes and line ends, which logs do not count


def read_small(request: Request) -> None:
    """Read a small file: one `send` with the head is cheaper than two system calls more.

    A file that is no longer what was found there is still sent as it is, but not remembered.
    """
    body = request.body_out
    if not isinstance(body, FileBody) or body.length > SMALL:
        return
    journal = request.journal
    if journal is not None:
        name = request.filename or ""
        seen = journal.inputs.get(("file", name)) or journal.inputs.get(("link", name))
        if seen != stamp(os.fstat(body.fd)):
            journal.never_again("the file changed while it was read")
    data = os.pread(body.fd, body.length, body.offset)
    if len(data) == body.length:  # else it has shrunk, which whoever sends it will see
        request.body_out = data
        body.close()


def content_type(request: Request) -> str | None:
    """Content-Type: the type found or DefaultType, with AddDefaultCharset's charset if none is named."""
    settings = request.config(PerDir)
    kind = request.content_type
    if kind is None:
        kind = settings.default_type
        if kind.lower() == "none":
            return None
    charset = settings.default_charset
    if charset and "charset=" not in kind.lower():
        bare = kind.partition(";")[0].strip().lower()
        if bare in ("text/plain", "text/html"):
            return f"{kind}; charset={charset}"
    return kind


def finalize(request: Request, asked: frozenset[str], stopping: bool) -> Outgoing:
    """Head and body of an answer. `asked` is what the client's Connection field says, `stopping` ends it."""
    body, notes = request.body_out, request.notes
    if "nph" in notes:  # a script that writes status line and fields itself
        return Outgoing(b"", body, chunked=False, keep=False)
    headers = request.headers_out = _overlaid(request)
    version = _version(request, headers)
    if "no-etag" in notes:
        headers.unset("ETag")
    bodiless = request.header_only or request.status in BODILESS
    length = _length(request, body)
    if length is not None:
        headers.set("Content-Length", str(length))
    defined = bodiless or length is not None or "Content-Length" in headers
    modern = version >= (1, 1)
    leading = _leading(request, headers)
    keep = _connection(request, headers, asked, framed=defined or modern, modern=modern, stopping=stopping)
    chunked = not defined and modern
    if chunked:
        headers.set("Transfer-Encoding", "chunked")
        headers.unset("Content-Length")
    _describe(request, headers)
    if request.header_only and headers.get("Content-Length") == "0":
        headers.unset("Content-Length")
    protocol = "HTTP/1.0" if version == (1, 0) and "force-response-1.0" in request.env else "HTTP/1.1"
    head = b"" if request.version < (1, 0) else _head(request, headers, protocol)
    return Outgoing(head, b"" if bodiless else body, chunked and not bodiless, keep, protocol, leading)


def _leading(request: Request, headers: Headers) -> frozenset[str] | None:
    """The fields before the connection's own, for those who want to give this answer again."""
    if request.journal is None or headers.has_any(CONNECTION_FIELDS):
        return None
    return frozenset(headers)


def _overlaid(request: Request) -> Headers:
    if not request.err_headers_out:
        return request.headers_out
    headers = request.err_headers_out.copy()
    for name, value in request.headers_out.items():
        headers.add(name, value)
    return headers


def _version(request: Request, headers: Headers) -> tuple[int, int]:
    """The version to frame for, after the environment's kludges for old clients."""
    version = request.version
    if "force-no-vary" in request.env:
        headers.unset("Vary")
        request.env["force-response-1.0"] = "1"
        version = min(version, (1, 0))
    elif "Vary" in headers:
        _unite_vary(headers)
    if "downgrade-1.0" in request.env:
        version = min(version, (1, 0))
    if version == (1, 0) and "force-response-1.0" in request.env:
        request.connection.close_after = True
    return version


def _unite_vary(headers: Headers) -> None:
    names = [name.strip() for value in headers.get_all("Vary") for name in value.split(",")]
    headers.set(
        "Vary", ",".join({name.lower(): name for name in reversed(names) if name}.values().__reversed__())
    )


def _length(request: Request, body: Body) -> int | None:
    if request.status in BODILESS:
        return None
    if isinstance(body, WHOLE):
        return len(body)
    known: int | None = request.notes.get("content-length")
    return known


def _connection(
    request: Request, headers: Headers, asked: frozenset[str], *, framed: bool, modern: bool, stopping: bool
) -> bool:
    """Say in the fields whether the connection goes on, and answer it."""
    peer, settings = request.connection, request.server.config(PerServer)
    wimpy = "close" in keepalive.tokens(headers.get("Connection"))
    fine = framed and not (stopping or wimpy) and request.status not in DROPS_CONNECTION
    if "nokeepalive" in request.env and "Via" not in request.headers_in:
        fine = False
    persistent = keepalive.persists(peer, settings, framed=fine, asked=asked, modern=modern)
    if not (wimpy and not persistent):
        for name, value in keepalive.fields(peer, settings, persistent, asked).items():
            headers.merge(name, value)
    return persistent


def _describe(request: Request, headers: Headers) -> None:
    """Content-Type, Content-Encoding and Content-Language."""
    if (kind := content_type(request)) is not None:
        headers.set("Content-Type", kind)
    if request.content_encoding:
        headers.set("Content-Encoding", request.content_encoding)
    if request.languages:
        listed = [word.strip() for word in headers.get("Content-Language", "").split(",") if word.strip()]
        known = {language.lower() for language in request.languages}
        more = [word for word in listed if word.lower() not in known]
        headers.set("Content-Language", ",".join([*request.languages, *more]))


def _head(request: Request, headers: Headers, protocol: str) -> bytes:
    before, after = _begin(request, protocol)
    if headers.has_any(OURS) or request.status == 304:
        headers = Headers(_sent(request, headers))
    fields = headers.lines().encode("utf-8", "surrogateescape")
    return b"".join((before, http_date(int(request.received)).encode(), after, fields, b"\r\n"))


def head_parts(
    request: Request, headers: Headers, protocol: str, leading: frozenset[str]
) -> tuple[bytes, bytes, bytes]:
    """The head before its date, from there to where the connection's own fields stand, and behind them."""
    before, after = _begin(request, protocol)
    fields = [(name, value) for name, value in _sent(request, headers) if name not in OF_CONNECTION]
    early = () if request.status == 304 else leading
    first = [field for field in fields if field[0] in early]
    rest = [field for field in fields if field[0] not in early]
    return before, after + _lines(first), _lines(rest) + b"\r\n"


def _begin(request: Request, protocol: str) -> tuple[bytes, bytes]:
    """The first lines, before and behind the date."""
    line = request.status_line or status_line(request.status)
    return _first_lines(protocol, line, request.server.server.software)


@lru_cache(maxsize=256)
def _first_lines(protocol: str, line: str, software: str) -> tuple[bytes, bytes]:
    before = f"{protocol} {line}\r\nDate: "
    return before.encode("utf-8", "surrogateescape"), f"\r\nServer: {software}\r\n".encode()


def _sent(request: Request, headers: Headers) -> Iterable[tuple[str, str]]:
    """The fields of an answer of this status but for the first two, in order."""
    fields: Iterable[tuple[str, str]] = headers.items()
    if request.status == 304:
        fields = [(name, value) for name in KEPT_BY_304 for value in headers.get_all(name)]
    return [field for field in fields if field[0].lower() not in OURS]


def _lines(fields: Iterable[tuple[str, str]]) -> bytes:
    return Headers(fields).lines().encode("utf-8", "surrogateescape")


def framed(outgoing: Outgoing) -> Iterator[bytes]:
    """The bytes of a streamed body as they go out, the head first.

    A head does not wait for a body, but one whose first piece is here already (`at_hand`) goes out with it:
    every packet wakes the client.
    """
    pieces: Iterable[bytes] = outgoing.body if not isinstance(outgoing.body, bytes) else (outgoing.body,)
    head = outgoing.head
    if not getattr(outgoing.body, "at_hand", False):
        yield head
        head = b""
    for piece in pieces:
        if piece:
            data = chunk(piece) if outgoing.chunked else piece
            outgoing.framing += len(data) - len(piece)
            yield head + data
            head = b""
    last = LAST_CHUNK if outgoing.chunked else b""
    outgoing.framing += len(last)
    if head or last:
        yield head + last
