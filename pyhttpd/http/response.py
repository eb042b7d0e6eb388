"""What a handler answers: a status, fields, and a body that is bytes, a stream of bytes, or a file.

A file stays a file as long as nobody needs to look inside, because the connection can then let the kernel
send it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType

from pyhttpd.http.headers import Headers

SLICE = 64 * 1024  # bytes read at a time


class FileBody:
    """A stretch of an open file. Owns the descriptor: `close` it, or let `with` do so.

    Iterating reads it in slices, as a filter wants it; the file position is never moved (pread), so that a
    descriptor may be read twice.
    """

    __slots__ = ("fd", "length", "offset")

    def __init__(self, source: str | int, offset: int = 0, length: int | None = None) -> None:
        """`source` is a path or an open descriptor; without `length` it goes to the end. Raises OSError."""
        self.fd = os.open(source, os.O_RDONLY | os.O_CLOEXEC) if isinstance(source, str) else source
        self.offset = offset
        self.length = max(os.fstat(self.fd).st_size - offset, 0) if length is None else length

    def __iter__(self) -> Iterator[bytes]:
        position, end = self.offset, self.offset + self.length
        while position < end and (data := os.pread(self.fd, min(SLICE, end - position), position)):
            position += len(data)
            yield data

    def __len__(self) -> int:
        return self.length

    def __bool__(self) -> bool:
        return True  # an empty file is a body as well

    def close(self) -> None:
        """Give the descriptor back; a second time does nothing."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            os.close(fd)

    def __enter__(self) -> FileBody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


Body = bytes | Iterable[bytes] | FileBody
WHOLE = (bytes, FileBody)
"""The bodies whose length is known before they are sent."""


@dataclass(slots=True)
class Response:
    """An answer before it is framed: the connection adds what belongs to the connection."""

    status: int = 200
    headers: Headers = field(default_factory=Headers)
    body: Body = b""

    def close(self) -> None:
        """Free what the body holds, when it will not be sent."""
        if close := getattr(self.body, "close", None):
            close()
