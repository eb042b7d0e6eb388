"""What a child lets the others have of its answers, and what it takes from them.

On the shelf stand, under an address and a request line, the shapes of its answers, and under a shape and the
values it asks for the answer itself. Whoever takes one looks at its files before giving it, as at its own.
"""

import marshal
from typing import TYPE_CHECKING

from pyhttpd.core.replay.entry import Entry
from pyhttpd.core.replay.record import answer, record
from pyhttpd.core.replay.room import MOST_SHAPES, Key, Room, Shape
from pyhttpd.core.replay.shelf import Shelf

if TYPE_CHECKING:
    from pyhttpd.core.server import Server

PLAIN = 2  # the version of marshal's format in which equal values are always equal bytes


class Lending:
    """The answers of all children of a generation, as far as their shelf holds them."""

    def __init__(self, server: "Server", shelf: Shelf) -> None:
        self._server, self._shelf = server, shelf

    def shapes(self, room: Room, line: bytes) -> list[Shape]:
        """The shapes that answers to a request line have."""
        told = self._shelf.get(room.name + line)
        return [] if told is None else [Shape(*shape) for shape in marshal.loads(told)]

    def borrow(self, room: Room, line: bytes, shape: Shape, key: Key) -> Entry | None:
        """Somebody's answer, for these values of what its shape asks for."""
        told = self._shelf.get(_name(room, line, shape, key))
        return None if told is None else answer(told, self._server)

    def lend(self, entry: Entry) -> None:
        """Let others have an answer, if it can be told."""
        room, line, shape, key = entry.home
        told = record(entry)
        if told is None:
            return
        shapes = self.shapes(room, line)
        if shape not in shapes:
            if len(shapes) >= MOST_SHAPES:
                shapes = []
            plain = [one.plain for one in (*shapes, shape)]
            self._shelf.put(room.name + line, marshal.dumps(plain))
        self._shelf.put(_name(room, line, shape, key), told)


def _name(room: Room, line: bytes, shape: Shape, key: Key) -> bytes:
    return marshal.dumps((room.name, line, shape.plain, key), PLAIN)
