"""A request's head, from bytes to `Head`, without I/O.

`HeadReader` is fed whatever arrives and answers with a `Head` once it is complete. The common case - a
whole head in one piece - is a search, a translate, a split and a dict; the careful checks on what is still
incomplete run only while waiting for more. A head is refused as soon as it cannot become a right one, so
that a client that will never send an empty line is answered as well. Statuses and tolerance are 2.2.35's
(HttpProtocolOptions Strict).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyhttpd.http.fields import (
    CRLF,
    TOKEN,
    TOO_LARGE,
    TOO_MANY,
    Limits,
    has_bad_bytes,
    parse_fields,
    refuse,
)
from pyhttpd.http.headers import Headers
from pyhttpd.http.status import HTTPError

__all__ = ["Head", "HeadReader", "Limits", "split_target"]

_VISIBLE = r"[^\x00-\x20\x7f]+"
_STRICT_LINE = re.compile(rf"({TOKEN}) ({_VISIBLE})(?: HTTP/([1-9])\.([0-9]))?")
_LOOSE_LINE = re.compile(rf"({_VISIBLE})[ \t]+({_VISIBLE})(?:[ \t]+HTTP/([1-9])\.([0-9]))?[ \t]*", re.I)
_BLANKS = re.compile("[ \t\n\v\f\r]+")
_BARE = re.compile(rb"\r(?!\n|\Z)|(?<!\r)\n")  # a CR at the very end may still become a CRLF
_LOOSE_END = re.compile(rb"\r?\n\r?\n")
_LOOSE_BREAK = re.compile(rb"\r?\n")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?]*)(.*)", re.DOTALL)
_LABEL = r"""[^\x00-\x20\x7f/\\@,:.\[\]?#<>"]+"""
_HOST = re.compile(rf"(?:\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*\.?)(?::[0-9]{{1,5}})?")
_VERSIONS = {(major, minor): (int(major), int(minor)) for major in "123456789" for minor in "0123456789"}
_ANY_FIELDS = 1000  # what "any number of fields" is bounded by in memory


@dataclass(slots=True)
class Head:
    """What a request says before its body. `line` is the request line, words apart by one blank, for `%r`."""

    method: str
    target: str
    protocol: str
    version: tuple[int, int]
    headers: Headers
    line: str

    def with_fields(self, headers: Headers) -> Head:
        """The same request line with these fields, which were found good before."""
        return Head(self.method, self.target, self.protocol, self.version, headers, self.line)


class HeadReader:
    """Reads one head: feed it until it gives a `Head`, then `rest` holds the bytes behind it.

    `started` is true once anything but empty lines has come; `partial` is the head without its fields once
    the request line is complete (a client that falls silent before that is not answered, after it gets a
    408).
    """

    __slots__ = ("_blank", "_buffer", "limits", "partial", "rest")

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self.limits = limits
        self.rest = b""
        self.partial: Head | None = None
        self._buffer = b""
        self._blank = 0

    @property
    def started(self) -> bool:
        """Whether a request has begun to arrive."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Head | None:
        """The head, or None while it is incomplete. Raises HTTPError 400 or 414 with `head` filled in."""
        buffer = self._buffer + data if self._buffer else data
        if buffer[:1] in (b"\r", b"\n"):
            buffer = self._without_empty_lines(buffer)
        self._buffer = buffer
        try:
            return self._read(buffer) if self.limits.strict else self._read_loosely(buffer)
        except HTTPError as error:
            error.head = error.head or self.partial
            raise

    def _read(self, buffer: bytes) -> Head | None:
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return self._incomplete(buffer)
        self.rest = buffer[end + 4 :]
        return self._parse(buffer[:end])

    def _read_loosely(self, buffer: bytes) -> Head | None:
        """HttpProtocolOptions Unsafe: a bare LF ends a line as well."""
        end = _LOOSE_END.search(buffer)
        if not end:
            return self._incomplete(_LOOSE_BREAK.sub(CRLF, buffer))
        self.rest = buffer[end.end() :]
        return self._parse(_LOOSE_BREAK.sub(CRLF, buffer[: end.start()]))

    def _parse(self, data: bytes) -> Head:
        line, newline, text = data.decode("utf-8", "surrogateescape").partition("\r\n")
        head = self.partial or self._request_line(line)
        if head.version == (0, 9):
            return head
        self.partial = head
        if has_bad_bytes(data):
            raise refuse("request failed: control byte, or bare CR or LF, in the headers")
        if newline:
            head.headers = parse_fields(text, self.limits)
        host = head.headers.get("Host")
        if host and not _HOST.fullmatch(host):
            raise refuse(f"Client sent malformed Host header: {host[:256]!r}")
        if not host and head.version >= (1, 1):
            raise refuse("client sent HTTP/1.1 request without hostname (see RFC2616 section 14.23)")
        return head

    def request_line(self, line: bytes) -> Head:
        """The head of a request line, still without its fields. Raises HTTPError."""
        return self._request_line(_text(line))

    def _request_line(self, line: str) -> Head:
        limits = self.limits
        if len(line) > limits.line:
            raise HTTPError(414, f"request failed: URI too long (longer than {limits.line})")
        found = (_STRICT_LINE if limits.strict else _LOOSE_LINE).fullmatch(line)
        if not found:
            raise _unreadable(line)
        method, target, major, minor = found.groups()
        if not major:
            return self._simple(method, target)
        protocol = f"HTTP/{major}.{minor}"
        line = f"{method} {target} {protocol}"
        head = Head(method, target, protocol, _VERSIONS[major, minor], Headers(), line)
        if limits.strict and ("#" in target or ("@" in target and _has_user(target))):
            raise _with_head(refuse("HTTP Request Line; URI must not contain a fragment or user"), head)
        return head

    def _simple(self, method: str, target: str) -> Head:
        """HTTP/0.9: a line of two words, complete by itself."""
        if not self.limits.simple or (self.limits.strict and (method != "GET" or "#" in target)):
            raise _unreadable(f"{method} {target}")
        return Head(method, target, "HTTP/0.9", (0, 9), Headers(), f"{method} {target}")

    def _incomplete(self, buffer: bytes) -> Head | None:
        """Refuse early what more bytes cannot mend, and keep what is held in memory within the limits."""
        line, newline, fields = buffer.partition(CRLF)
        limits = self.limits
        if len(line) > limits.line + 1:  # its CR may have come
            raise HTTPError(414, f"request failed: URI too long (longer than {limits.line})")
        if limits.strict and _BARE.search(buffer):
            raise _with_head(refuse("request failed: bare CR or LF"), self.partial or _guess(_text(line)))
        if not newline:
            return None
        if self.partial is None:
            self.partial = self._request_line(_text(line))
            if self.partial.version == (0, 9):
                self.rest = fields
                return self.partial
        if len(fields) - fields.rfind(b"\n") > limits.field_size + 2:
            raise refuse(TOO_LARGE, TOO_LARGE)
        if len(fields) > ((limits.fields or _ANY_FIELDS) + 1) * (limits.field_size + 2):
            raise refuse(TOO_MANY, TOO_MANY)
        return None

    def _without_empty_lines(self, buffer: bytes) -> bytes:
        """Tolerate empty lines before a request, as many as there may be fields (RFC 9112, 2.2)."""
        newline = CRLF if self.limits.strict else b"\n"
        while buffer.startswith((newline, CRLF)):
            buffer = buffer[2 if buffer.startswith(CRLF) else 1 :]
            self._blank += 1
        if self._blank > (self.limits.fields or 100):
            raise refuse("request failed: too many empty lines before the request")
        return buffer


def split_target(target: str, method: str = "GET") -> tuple[str, str | None, str | None, str | None]:
    """(path as sent, query, scheme, authority) of a request target in any of its four forms (RFC 9112, 3.2).

    A path is never decoded here. CONNECT's target is all authority, with an empty path.
    """
    if method == "CONNECT":
        return "", None, None, target
    if "#" in target:  # only HttpProtocolOptions Unsafe lets one come this far
        target = target.partition("#")[0]
    scheme = authority = None
    if target[:1] != "/" and (found := _URL.fullmatch(target)):
        scheme, authority, target = found.groups()
        if target[:1] != "/":
            target = "/" + target
    path, mark, query = target.partition("?")
    return path, query if mark else None, scheme, authority


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _has_user(target: str) -> bool:
    authority = split_target(target)[3]
    return authority is not None and "@" in authority


def _guess(line: str) -> Head:
    """As much of a bad request line as can be told, for the log and for the answer."""
    words = [*_BLANKS.split(line.strip(" \t\n\v\f\r")), "", ""][:3]
    return Head(words[0], words[1], "HTTP/1.0", (1, 0), Headers(), " ".join(word for word in words if word))


def _unreadable(line: str) -> HTTPError:
    head = _guess(line)
    return _with_head(refuse(f"HTTP Request Line; unable to parse: {head.line[:256]!r}"), head)


def _with_head(error: HTTPError, head: Head) -> HTTPError:
    error.head = head
    return error
