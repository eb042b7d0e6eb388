"""Parts of a body: the Range field (RFC 9110, 14) as 2.2.34's byterange filter reads it.

A set with one syntactic fault is ignored as a whole, ranges beyond the end are left out, a set that asks
for more than the whole body is ignored - that last rule, with MaxRanges, is what stops floods of
overlapping ranges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pyhttpd.http.headers import Headers
from pyhttpd.http.status import HTTPError

MAX_RANGES = 200  # MaxRanges' default
_SPEC = re.compile(r"[ \t]*([0-9]{0,18})-[ \t]*([0-9]{0,18})")
_MULTIPART = ("multipart/byteranges", "multipart/x-byteranges")


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes `start` to `end` of a body, both included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start + 1

    def content_range(self, size: int) -> str:
        """As in `bytes 0-9/100`."""
        return f"bytes {self.start}-{self.end}/{size}"


def wanted_range(request: Headers, answer: Headers) -> str | None:
    """The Range field that counts for an answer of status 200, or None.

    Looks at If-Range: an entity tag or a date that must equal the answer's ETag or Last-Modified to the
    letter. Request-Range is what Netscape 2 sent.
    """
    wanted = request.get("Range") or request.get("Request-Range")
    if not wanted or wanted[:6].lower() != "bytes=" or "Content-Range" in answer:
        return None
    if answer.get("Content-Type", "").lower().startswith(_MULTIPART):
        return None
    return wanted if if_range_holds(request.get("If-Range"), answer) else None


def if_range_holds(condition: str | None, answer: Headers) -> bool:
    """Whether the answer is the one the client has parts of. A weak tag never is."""
    if condition is None:
        return True
    return condition == answer.get("ETag" if condition[:1] == '"' else "Last-Modified")


def parse_ranges(value: str, size: int, most: int | None = MAX_RANGES) -> list[Range] | None:
    """The ranges to send of a body of `size` bytes, or None to send all of it (status 200).

    `most` is MaxRanges, None for unlimited, 0 for `none`. Raises HTTPError 416 when no range can be had.
    """
    if size == 0 or most == 0 or value[:6].lower() != "bytes=":
        return None
    specs = [spec for spec in value[6:].split(",") if spec]
    found = [_resolve(spec, size) for spec in specs]
    if not found or None in found:
        return None
    ranges = [part for part in found if part is not None and part.start < size]
    if not ranges:
        raise HTTPError(416)
    if (most is not None and len(ranges) > most) or sum(part.length for part in ranges) > size:
        return None
    return ranges


def _resolve(spec: str, size: int) -> Range | None:
    """One range, its end within the body; None for a fault."""
    match = _SPEC.fullmatch(spec)
    if not match:
        return None
    first, last = match.groups()
    if not first:
        count = int(last or 0)
        return Range(max(size - count, 0), size - 1) if count else None
    if last and int(first) > int(last):
        return None
    return Range(int(first), min(int(last), size - 1) if last else size - 1)


@dataclass(frozen=True, slots=True)
class Multipart:
    """How several ranges are sent: between boundaries, each with its own two fields."""

    ranges: list[Range]
    size: int
    content_type: str | None
    boundary: str

    @property
    def media_type(self) -> str:
        return f"multipart/byteranges; boundary={self.boundary}"

    def parts(self) -> Iterator[tuple[bytes, Range | None]]:
        """Bytes to send, then the range to send after them; the closing boundary comes with no range."""
        kind = f"Content-type: {self.content_type}\r\n" if self.content_type else ""
        for part in self.ranges:
            lines = f"\r\n--{self.boundary}\r\n{kind}Content-range: {part.content_range(self.size)}\r\n\r\n"
            yield lines.encode("utf-8", "surrogateescape"), part
        yield f"\r\n--{self.boundary}--\r\n".encode(), None

    @property
    def length(self) -> int:
        """Bytes in all."""
        return sum(len(lead) + (part.length if part else 0) for lead, part in self.parts())
