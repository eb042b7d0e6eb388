"""Parts of an answer: what the Range field asks for, cut out of a body whose length is known.

Which ranges count is for http/ranges.py to say; here they are taken out of bytes or files, as one part or
several.
"""

import os
import secrets
from collections.abc import Iterator

from pyhttpd.core.core_module.schema import PerDir
from pyhttpd.core.output import content_type
from pyhttpd.core.request import Request
from pyhttpd.http.ranges import Multipart, parse_ranges, wanted_range
from pyhttpd.http.response import WHOLE, FileBody
from pyhttpd.http.status import HTTPError

RANGES = frozenset(("range", "request-range"))


def ranges(request: Request) -> None:
    """Cut the body down to the ranges the request asks for: status 206. Raises HTTPError 416."""
    body = request.body_out
    if request.status != 200 or not isinstance(body, WHOLE) or request.version < (1, 0):
        return
    if request.journal is None and not request.headers_in.has_any(RANGES):
        return
    if request.header("Range") is None and request.header("Request-Range") is None:
        return
    request.header("If-Range")
    wanted = wanted_range(request.headers_in, request.headers_out)
    if wanted is None:
        return
    size, most = len(body), request.config(PerDir).max_ranges
    try:
        found = parse_ranges(wanted, size, None if most < 0 else most)
    except HTTPError:
        if isinstance(body, FileBody):
            body.close()
        raise
    if found is None:
        return
    request.status = 206
    if len(found) == 1:
        request.headers_out.set("Content-Range", found[0].content_range(size))
        request.body_out = _cut(body, found[0].start, found[0].length)
        return
    if request.journal is not None:
        request.journal.never_again("the boundary between ranges is random")
    parts = Multipart(found, size, content_type(request), secrets.token_hex(8))
    request.content_type = parts.media_type
    request.notes["content-length"] = parts.length
    request.body_out = Joined(parts, body)


def _cut(body: bytes | FileBody, start: int, length: int) -> bytes | FileBody:
    if isinstance(body, bytes):
        return body[start : start + length]
    fd, body.fd = body.fd, -1
    return FileBody(fd, body.offset + start, length)


class Joined:
    """Several ranges of a body with what stands between them. Owns the body: `close` it, read or not."""

    def __init__(self, parts: Multipart, body: bytes | FileBody) -> None:
        self.parts, self.body = parts, body

    def __iter__(self) -> Iterator[bytes]:
        for lead, part in self.parts.parts():
            yield lead
            if part is None:
                continue
            if isinstance(self.body, bytes):
                yield self.body[part.start : part.end + 1]
            else:
                yield from _stretch(self.body, part.start, part.length)

    def close(self) -> None:
        """Give up the file, if it is one."""
        if isinstance(self.body, FileBody):
            self.body.close()


def _stretch(body: FileBody, start: int, length: int) -> Iterator[bytes]:
    position, end = body.offset + start, body.offset + start + length
    while position < end and (data := os.pread(body.fd, min(65536, end - position), position)):
        position += len(data)
        yield data
