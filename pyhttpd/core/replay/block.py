"""The fields of a request's head, read once for each distinct text.

Clients send the same fields with every request but for the request line: so the text behind the line is a
key, and what it says is parsed and checked once. A block is as strictly read as any head; one that cannot
be replayed for, or that is malformed, is not eligible, and the request takes the ordinary way.
"""

import time
from typing import TYPE_CHECKING, Any

from pyhttpd.core.keepalive import tokens
from pyhttpd.http.conditional import CONDITIONS
from pyhttpd.http.dates import parse_http_date
from pyhttpd.http.fields import Limits
from pyhttpd.http.head import HeadReader
from pyhttpd.http.headers import Headers
from pyhttpd.http.status import HTTPError

if TYPE_CHECKING:
    from pyhttpd.core.replay.entry import Entry

NEVER = ("Content-Length", "Transfer-Encoding", "Expect", "Upgrade")
MOST = 4 << 20  # bytes of texts in a generation
OVERHEAD = 1024  # bytes that a block takes besides its text and what logs say of it, about
LINE = b"GET / HTTP/1.1\r\n"

Names = tuple[str, ...]
Signature = tuple[str | None, ...]
Answers = dict[bytes, "Entry"]
"""By request line."""
NONE: Answers = {}


class Block:
    """What one text of fields says. `answers` are known to be right for it; see kin.py."""

    __slots__ = (
        *("answers", "asked", "conditional", "eligible", "headers", "met", "signatures", "since"),
        "texts",
    )

    def __init__(self, text: bytes, limits: Limits) -> None:
        """`text` is what follows the request line, the empty line included."""
        self.headers = Headers()
        self.signatures: dict[Names, Signature] = {}  # those asked for so far
        self.answers, self.met = NONE, False
        self.texts: dict[Any, bytes] = {}  # what logs say of it
        reader = HeadReader(limits)
        try:
            head = reader.feed(LINE + text)
        except HTTPError:
            head = None
        if head is not None:
            self.headers = head.headers
        whole = head is not None and not reader.rest  # a lenient reader may find a second request in it
        self.eligible = whole and not any(name in self.headers for name in NEVER)
        self.asked = tokens(self.headers.get("Connection"))
        self.conditional = self.headers.has_any(CONDITIONS)
        self.since = self._only_since()

    def _only_since(self) -> int | None:
        """The date of If-Modified-Since, where that is all there is of conditions and not in the future."""
        if not self.conditional or self.headers.has_any(CONDITIONS - {"if-modified-since"}):
            return None
        since = parse_http_date(self.headers["If-Modified-Since"])
        return since if since is not None and since <= time.time() else None

    def signature(self, names: Names) -> Signature:
        """The values of some fields, None for those that are not there."""
        found = self.signatures.get(names)
        if found is None:
            get = self.headers.get
            found = self.signatures[names] = tuple([get(name) for name in names])
        return found


class Blocks:
    """The blocks seen lately: a young generation and the one before it, each of bounded size."""

    def __init__(self, limits: Limits, most: int = MOST) -> None:
        self._limits, self._most, self._size = limits, most, 0
        self.young: dict[bytes, Block] = {}
        self._old: dict[bytes, Block] = {}

    def get(self, text: bytes) -> Block:
        """The block of a text."""
        found = self.young.get(text)
        if found is None:
            found = self._old.get(text) or Block(text, self._limits)
            size = OVERHEAD + 2 * len(text)
            self._size += size
            if self._size > self._most:
                self._old, self.young, self._size = self.young, {}, size
            self.young[text] = found
        return found
