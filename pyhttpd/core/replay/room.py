"""The answers given at one local address, and what is known of its request lines.

A `Room` belongs to one local address, since that chooses the virtual hosts. In it, a request line leads to
the shapes its answers have: a shape is a set of field names, and under their values stands the entry.
Different requests for one URL may have looked at different fields, so a line may have several shapes; there
are few.
"""

import contextlib
from dataclasses import dataclass, field

from pyhttpd.core.core_module.schema import PerDir
from pyhttpd.core.output import SMALL, Outgoing
from pyhttpd.core.replay.block import Block, Blocks, Names, Signature
from pyhttpd.core.replay.entry import Entry
from pyhttpd.core.replay.kin import Kinship
from pyhttpd.core.request import Request
from pyhttpd.http.fields import Limits
from pyhttpd.http.head import Head, HeadReader
from pyhttpd.http.response import FileBody
from pyhttpd.http.status import HTTPError

MOST_CALM = 8192
MOST_LINES = 4096
MOST_SHAPES = 8  # of one request line
END = b"\r\n\r\n"

Key = tuple[Signature, str]
"""The values of a shape's fields, and the client's address where it counts."""


@dataclass(slots=True)
class Shape:
    """Answers for one request line that looked at the same fields (and at the client's address, or not)."""

    names: Names
    by_client: bool
    conditional: bool  # conditions are tried against the answer, whatever they are
    entries: dict[Key, Entry] = field(default_factory=dict, compare=False)

    @property
    def plain(self) -> tuple[Names, bool, bool]:
        """What it is made of."""
        return self.names, self.by_client, self.conditional


class Room:
    """The answers given at one local address.

    `calm` are kinds of request lines whose answers were made without anything that may block, so that a
    listener can make them by itself. `name` tells the address from others.
    """

    def __init__(self, limits: Limits, name: bytes = b"") -> None:
        self.name = name
        self.places: dict[bytes, list[Shape]] = {}
        self.limits, self.blocks, self.kinship = limits, Blocks(limits), Kinship()
        self.calm: set[bytes] = set()
        self._heads: dict[bytes, tuple[bytes, Head]] = {}  # by request line: kind, and head with no fields

    def learn(self, raw: bytes, request: Request, final: Request, outgoing: Outgoing) -> None:
        """Note what kind of answer a line has got."""
        journal, body = request.journal, outgoing.body
        kind = kind_of(raw.partition(b"\r\n")[0])
        small = isinstance(body, bytes) or (isinstance(body, FileBody) and body.length <= SMALL)
        blocked = journal is None or journal.unrepeatable or journal.blocked
        if blocked or not small or final.config(PerDir).lookups != "off":
            self.calm.discard(kind)
            return
        if len(self.calm) >= MOST_CALM:
            self.calm.clear()
        self.calm.add(kind)

    def calm_head(self, data: bytes) -> Head | None:
        """The head that these bytes are, if they are exactly one whose line is calm."""
        line, text = one_head(data)
        if not line:
            return None
        kind, head = self._heads.get(line) or self._read(line)
        if head is None or kind not in self.calm or not (block := self.blocks.get(text)).eligible:
            return None
        return head.with_fields(block.headers.copy())

    def _read(self, line: bytes) -> tuple[bytes, Head | None]:
        """A request line's kind, and what it says: None where that is not right."""
        kind, head = kind_of(line), None
        if kind in self.calm:
            with contextlib.suppress(HTTPError):
                head = HeadReader(self.limits).request_line(line)
        if head is not None:
            if len(self._heads) >= MOST_LINES:
                self._heads.clear()
            self._heads[line] = kind, head
        return kind, head

    def find(self, line: bytes, text: bytes, client: str) -> tuple[Entry, Block] | None:
        """The entry for a request line and its fields, whose files have yet to be looked at."""
        shapes = self.places.get(line)
        if shapes is None:
            return None
        block = self.blocks.get(text)
        if not block.eligible:
            return None
        for shape in shapes:
            values = block.signatures.get(shape.names) or block.signature(shape.names)
            entry = shape.entries.get((values, client if shape.by_client else ""))
            if entry is not None:
                return entry, block
        return None


def one_head(data: bytes) -> tuple[bytes, bytes]:
    """Request line and fields of exactly one whole head; two empty strings for anything else."""
    if not data.endswith(END) or data.find(END) + len(END) != len(data):
        return b"", b""
    line, _, text = data.partition(b"\r\n")
    return line, text


def kind_of(line: bytes) -> bytes:
    """What a request line shares with its likes: method, folder and extension; with a query, all of it."""
    path = line[: line.rfind(b" ")]
    if b"?" in path:
        return path
    end = path.rfind(b"/") + 1
    dot = path.rfind(b".", end)
    return path[:end] + path[dot:] if dot >= 0 else path[:end]
