"""All remembered answers of a process: which still hold, what goes when there are too many.

Lookups take no lock: they are single steps of dictionaries. Remembering and forgetting take one, because
workers do that while the listener looks. The bound is in bytes; the oldest go first, but what was used since
it was last passed over is spared and counts as new: nearly the order of last use, at no cost to each use.
"""

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyhttpd.core.errors import DROPS_CONNECTION
from pyhttpd.core.output import OF_CONNECTION, Outgoing, head_parts
from pyhttpd.core.replay.block import Block
from pyhttpd.core.replay.entry import Entry, LogWriter
from pyhttpd.core.replay.lending import Lending
from pyhttpd.core.replay.room import MOST_SHAPES, Key, Room, Shape, one_head
from pyhttpd.core.replay.settings import ReplaySettings
from pyhttpd.core.replay.shelf import Shelf
from pyhttpd.core.request import Request, stamp
from pyhttpd.http.conditional import CONDITIONS
from pyhttpd.http.fields import Limits
from pyhttpd.http.headers import Headers
from pyhttpd.http.response import WHOLE, FileBody

if TYPE_CHECKING:
    from pyhttpd.core.server import Server

MOST_FILES = 256  # descriptors of larger files that are kept open
KLUDGES = ("nokeepalive", "force-no-vary", "downgrade-1.0", "force-response-1.0")


PrepareLog = Callable[[Request], tuple[LogWriter, ...] | None]
"""Asked about a finished request: what makes the lines of its likes. None: it must not be given again."""


class Replay:
    """The answers of one process. `turn` is a number that changes whenever files are to be looked at anew."""

    def __init__(self, server: "Server") -> None:
        settings = server.main.config(ReplaySettings)
        self.on, self.memory, self.trust = settings.on, settings.memory, settings.trust
        self.turn, self.now = 0, 0.0
        self.hits = 0
        self.loggers = server.log_writers()
        self._rooms: dict[tuple[str, int], Room] = {}
        self._seen: dict[tuple[str, str], tuple[int, ...] | None] = {}
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._bytes = self._files = 0
        self._lock = threading.Lock()
        self._server = server
        self._others: Lending | None = None

    def room(self, local: tuple[str, int], limits: Limits) -> Room:
        """The room of a local address."""
        room = self._rooms.get(local)
        if room is None:
            room = self._rooms.setdefault(local, Room(limits, f"{local[0]} {local[1]} ".encode()))
        return room

    def share(self, shelf: Shelf) -> None:
        """Lend all answers to those who have the same shelf, and borrow theirs."""
        self._others = Lending(self._server, shelf)

    def next_turn(self, now: float) -> None:
        """From here on files are looked at again. `now` is in seconds of any steady clock."""
        self.turn += 1
        self.now = now
        self._seen = {}

    def find(self, room: Room, data: bytes, client: str) -> tuple[Entry, Block] | None:
        """The answer for these bytes, if there is one and it still holds.

        Blocks are only kept of whole heads, so that what leads to a known answer is a whole head as well.
        """
        line, _, text = data.partition(b"\r\n")
        block = room.blocks.young.get(text)
        entry = block.answers.get(line) if block is not None else None
        if block is None or entry is None:
            found = self._search(room, data, client) if self.on else None
            if found is None:
                return None
            entry, block = found
        if entry.turn != self.turn:
            if self.now - entry.checked >= self.trust:
                if not entry.holds(self._seen):
                    self.forget(entry)
                    return self.find(room, data, client)  # another process may have a newer one
                entry.checked = self.now
            entry.turn = self.turn
        if block.conditional and entry.validators is not None:
            other = self.under_conditions(entry, block)
            return (other, block) if other is not None else None
        self.hits += 1
        return entry, block

    def _search(self, room: Room, data: bytes, client: str) -> tuple[Entry, Block] | None:
        """The long way to an entry; the next one who asks for the like has a shorter one."""
        line, text = one_head(data)
        found = room.find(line, text, client) or self._borrow(room, line, text, client)
        if found is not None:
            entry, block = found
            shape = entry.home[2]
            if not shape.by_client:
                with self._lock:
                    if id(entry) in self._entries:
                        room.kinship.note(line, block, entry, shape.names)
        return found

    def _borrow(self, room: Room, line: bytes, text: bytes, client: str) -> tuple[Entry, Block] | None:
        """The answer of another process, if it still holds; kept as our own from now on."""
        if self._others is None or not (shapes := self._others.shapes(room, line)):
            return None
        block = room.blocks.get(text)
        if not block.eligible:
            return None
        for shape in shapes:
            key = (block.signature(shape.names), client if shape.by_client else "")
            entry = self._others.borrow(room, line, shape, key)
            if entry is not None and entry.holds(self._seen):
                entry.turn, entry.checked = self.turn, self.now
                if self._insert(room, line, shape, key, entry):
                    return entry, block
        return None

    def under_conditions(self, entry: Entry, block: Block) -> Entry | None:
        """What a conditional request gets where the plain answer is known; None for the long way."""
        status = entry.under_conditions(block)
        if status not in (0, 304):
            return None
        self.hits += 1
        if status == 0:
            return entry
        if not isinstance(entry.beside, Entry):
            entry.beside = (entry.beside and entry.beside()) or self._unmodified(entry)
        return entry.beside

    def _unmodified(self, entry: Entry) -> Entry:
        same = echo(entry.prototype)
        same.status, same.bytes_sent = 304, 0
        made = Entry(head_parts(same, same.headers_out, *entry.made), b"", same, same.server)
        made.logs(self._log_writers(same) or (), entry.errors)
        made.keeps(framed=True, modern=entry.modern)
        return made

    def forget(self, entry: Entry) -> None:
        """Give this answer no more."""
        with self._lock:
            self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        if self._entries.pop(id(entry), None) is not None:
            self._forgotten(entry)

    def _forgotten(self, entry: Entry) -> None:
        room, line, shape, key = entry.home
        room.kinship.forget(line, entry)
        shape.entries.pop(key, None)
        if not shape.entries:
            with contextlib.suppress(ValueError, KeyError):
                room.places[line].remove(shape)
                if not room.places[line]:
                    del room.places[line]
        self._bytes -= entry.size
        self._files -= entry.fd >= 0

    def remember(self, room: Room, raw: bytes, request: Request, final: Request, outgoing: Outgoing) -> None:
        """Keep an answer that is about to be sent, if all it depends on is known."""
        room.learn(raw, request, final, outgoing)
        if not self.on or not recordable(request, final, outgoing):
            return
        entry = make(request, final, outgoing)
        if entry is None:
            return
        final.bytes_sent = entry.length  # as it will be, once it has been sent
        loggers = self._log_writers(request)
        if loggers is None or entry.size > self.memory // 8:
            return
        entry.logs(loggers, request.journal.lines)  # type: ignore[union-attr]
        line, _, text = raw.partition(b"\r\n")
        block = room.blocks.get(text)
        known = any(shape.conditional for shape in room.places.get(line, ()))
        if not block.eligible or (block.conditional and known):
            return
        tried = final.notes.get("validators")
        if tried is not None and not block.conditional and final is request and final.status == 200:
            entry.validators = tried if tried[1] is not None else None
        read = {name for kind, name in request.journal.inputs if kind == "header"}  # type: ignore[union-attr]
        if tried is not None and entry.validators is None:
            read |= CONDITIONS
        by_client = ("client", "address") in request.journal.inputs  # type: ignore[union-attr]
        shape = Shape(tuple(sorted(read)), by_client, entry.validators is not None)
        key = (block.signature(shape.names), request.connection.client[0] if by_client else "")
        if self._insert(room, line, shape, key, entry) and self._others is not None:
            if entry.validators is not None:
                entry.beside = self._unmodified(entry)
            self._others.lend(entry)

    def _log_writers(self, request: Request) -> tuple[LogWriter, ...] | None:
        if self.loggers is None:
            return None
        prepared = [prepare(request) for prepare in self.loggers]
        return None if None in prepared else tuple(one for some in prepared for one in some or ())

    def _insert(self, room: Room, line: bytes, kind: Shape, key: Key, entry: Entry) -> bool:
        """Keep an entry under a shape of its kind; False where its line has too many others."""
        with self._lock:
            shapes = room.places.setdefault(line, [])
            shape = next((s for s in shapes if s == kind), None)
            if shape is None:
                if len(shapes) >= MOST_SHAPES:
                    return False
                shape = kind
                shapes.append(shape)
            if (old := shape.entries.get(key)) is not None:
                self._forget(old)
                if shape not in room.places.setdefault(line, []):
                    room.places[line].append(shape)
            entry.home = (room, line, shape, key)
            shape.entries[key] = entry
            self._entries[id(entry)] = entry
            self._bytes += entry.size
            self._files += entry.fd >= 0
            while self._bytes > self.memory or self._files > MOST_FILES:
                self._make_room()
        return True

    def _make_room(self) -> None:
        """Forget the oldest answer, unless somebody has got it since we last came to it."""
        number, oldest = self._entries.popitem(last=False)
        if oldest.turn > oldest.passed:
            oldest.passed = oldest.turn
            self._entries[number] = oldest
        else:
            self._forgotten(oldest)


def recordable(request: Request, final: Request, outgoing: Outgoing) -> bool:
    """Whether an answer depends on nothing but what its journal notes."""
    journal = request.journal
    if journal is None or journal.unrepeatable or ("clock", "") in journal.inputs:
        return False
    if request.method not in ("GET", "HEAD") or request.version < (1, 0) or final.status >= 500:
        return False
    if final.next is not None:  # its ErrorDocument failed as well, and it is that which logs tell of
        return False
    if any(name in one.env for one in (request, final) for name in KLUDGES):
        return False
    return outgoing.leading is not None and isinstance(outgoing.body, WHOLE)


def make(request: Request, final: Request, outgoing: Outgoing) -> Entry | None:
    """The entry for an answer; None where its file changed meanwhile."""
    assert request.journal is not None
    assert outgoing.leading is not None
    body = outgoing.body
    if isinstance(body, FileBody):
        inputs, name = request.journal.inputs, final.filename or ""
        seen = inputs.get(("file", name)) or inputs.get(("link", name))
        if seen != stamp(os.fstat(body.fd)):
            return None
    head = head_parts(final, final.headers_out, outgoing.protocol, outgoing.leading)
    entry = Entry(head, body if isinstance(body, bytes) else b"", prototype(final), final.server)
    if isinstance(body, FileBody):
        entry.fd, entry.offset, entry.length = os.dup(body.fd), body.offset, body.length
    entry.depends_on(request.journal.inputs)
    framed = final.status not in DROPS_CONNECTION and not request.connection.close_after
    entry.keeps(framed, modern=request.version >= (1, 1))
    entry.made = (outgoing.protocol, outgoing.leading)
    return entry


def prototype(final: Request) -> Request:
    """A finished request, less what belongs to its connection and time."""
    kept = echo(final)
    kept.headers_in, kept.body, kept.body_out, kept.journal = Headers(), None, b"", None
    kept.headers_out = final.headers_out.copy()
    for name in OF_CONNECTION:
        kept.headers_out.unset(name)
    return kept


def echo(request: Request) -> Request:
    """A shallow copy that stands for itself: no predecessors, no goal."""
    copy = object.__new__(Request)
    copy.__dict__.update(request.__dict__)
    copy.prev = copy.next = copy.main = None
    return copy
