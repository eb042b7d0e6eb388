"""Where a request's body ends, and how to write one whose length is not known (RFC 9112, 6 and 7).

`BodyFraming.from_head` says which of three readers fits; each takes raw bytes and gives the body's, and
keeps in `rest` what lies behind the body. Anything two readers of a request could understand differently is
refused: that is the ground request smuggling grows on. Refused where 2.2 accepts: a length beside
Transfer-Encoding, chunks in HTTP/1.0, codings before `chunked`.
"""

from __future__ import annotations

import re

from pyhttpd.http.fields import CRLF, TOO_LARGE, TOO_MANY, Limits, has_bad_bytes, parse_fields, refuse
from pyhttpd.http.head import Head
from pyhttpd.http.headers import Headers
from pyhttpd.http.status import HTTPError

LAST_CHUNK = b"0\r\n\r\n"

_LENGTH = re.compile("[0-9]{1,18}")  # what fits apr_off_t with certainty
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?", re.DOTALL)


def chunk(data: bytes) -> bytes:
    """One chunk; nothing if there is no data, because an empty chunk ends the body."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


class BodyFraming:
    """Reads a body out of a connection's bytes: `done` once it is complete, `rest` what came behind."""

    __slots__ = ("done", "rest")

    def __init__(self) -> None:
        self.done = True
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """The body's part of `data`. Raises HTTPError."""
        self.rest += data
        return b""

    @staticmethod
    def from_head(head: Head, limits: Limits = Limits()) -> BodyFraming:  # noqa: B008 - frozen
        """The reader for that request's body. Raises HTTPError 400, or 501 for codings before `chunked`."""
        coding = head.headers.get("Transfer-Encoding")
        length = head.headers.get("Content-Length")
        if coding is not None:
            _check_coding(coding, length, head)
            return ChunkedBody(limits)
        if length is None:
            return NoBody()
        if not _LENGTH.fullmatch(length):
            raise refuse(f"Invalid Content-Length: {length[:80]!r}")
        return LengthBody(int(length)) if int(length) else NoBody(has_length=True)


def _check_coding(coding: str, length: str | None, head: Head) -> None:
    if coding.lower() != "chunked":
        last = coding.lower().rpartition(",")[2].strip(" \t")
        raise HTTPError(501 if last == "chunked" else 400, f"Unknown Transfer-Encoding: {coding[:80]!r}")
    if length is not None:
        raise refuse("client sent both Content-Length and Transfer-Encoding")
    if head.version < (1, 1):
        raise refuse("client sent Transfer-Encoding in an HTTP/1.0 request")


class NoBody(BodyFraming):
    """There is none; `has_length` tells a length of 0 from no length at all."""

    __slots__ = ("has_length",)

    def __init__(self, has_length: bool = False) -> None:
        super().__init__()
        self.has_length = has_length


class LengthBody(BodyFraming):
    """As many bytes as Content-Length said."""

    __slots__ = ("remaining",)

    def __init__(self, length: int) -> None:
        super().__init__()
        self.remaining = length
        self.done = not length

    def feed(self, data: bytes) -> bytes:
        """The body's part of `data`."""
        if len(data) > self.remaining:
            body, self.rest = data[: self.remaining], self.rest + data[self.remaining :]
        else:
            body = data
        self.remaining -= len(body)
        self.done = not self.remaining
        return body


class ChunkedBody(BodyFraming):
    """Chunks, each after its size in hexadecimal, a chunk of size 0, then trailers and an empty line.

    Extensions are passed over, trailers are parsed as strictly as a head and kept in `trailers`.
    """

    __slots__ = ("_at", "_buffer", "_left", "_state", "limits", "trailers")

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        super().__init__()
        self.done = False
        self.limits = limits
        self.trailers = Headers()
        self._buffer = b""
        self._at = 0  # where in the buffer: cutting it for every chunk would make many small ones costly
        self._left = 0  # bytes of the present chunk still to come
        self._state = self._size

    def feed(self, data: bytes) -> bytes:
        """The decoded part of `data`. Raises HTTPError 400."""
        if self.done:
            return super().feed(data)
        self._buffer += data
        decoded: list[bytes] = []
        while self._state(decoded) and not self.done:
            pass
        self._buffer, self._at = self._buffer[self._at :], 0
        if self.done:
            self.rest, self._buffer = self._buffer, b""
        return b"".join(decoded)

    # Each state takes what it can from the buffer and tells whether to go on.

    def _size(self, decoded: list[bytes]) -> bool:
        end = self._buffer.find(CRLF, self._at)
        line = self._buffer[self._at : end if end >= 0 else None]
        if len(line) > self.limits.line + 1:
            raise refuse("chunk size line too long")
        if end < 0:
            if b"\n" in line or b"\r" in line[:-1]:
                raise refuse("bad chunk size line")
            return False
        found = _CHUNK_LINE.fullmatch(line)
        if not found or has_bad_bytes(line):
            raise refuse(f"bad chunk size line: {line[:40]!r}")
        self._at = end + 2
        self._left = int(found[1], 16)
        self._state = self._data if self._left else self._trailers
        return True

    def _data(self, decoded: list[bytes]) -> bool:
        part = self._buffer[self._at : self._at + self._left]
        decoded.append(part)
        self._at += len(part)
        self._left -= len(part)
        if self._left:
            return False
        self._state = self._end_of_chunk
        return True

    def _end_of_chunk(self, decoded: list[bytes]) -> bool:
        start = self._buffer[self._at : self._at + 2]
        if not CRLF.startswith(start):
            raise refuse("chunk longer than its size")
        if len(start) < 2:
            return False
        self._at += 2
        self._state = self._size
        return True

    def _trailers(self, decoded: list[bytes]) -> bool:
        if self._buffer.startswith(CRLF, self._at):
            self._at += 2
        else:
            end = self._buffer.find(b"\r\n\r\n", self._at)
            if end < 0:
                return self._incomplete_trailers(self._buffer[self._at :])
            fields = self._buffer[self._at : end]
            if has_bad_bytes(fields):
                raise refuse("control byte, or bare CR or LF, in a trailer")
            self._at = end + 4
            self.trailers = parse_fields(fields.decode("utf-8", "surrogateescape"), self.limits)
        self.done = True
        return False

    def _incomplete_trailers(self, lines: bytes) -> bool:
        limits = self.limits
        if len(lines) - lines.rfind(b"\n") > limits.field_size + 2:
            raise refuse(TOO_LARGE, TOO_LARGE)
        if lines.count(b"\n") > (limits.fields or 100):
            raise refuse(TOO_MANY, TOO_MANY)
        return False
