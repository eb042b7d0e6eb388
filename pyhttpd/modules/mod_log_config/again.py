"""The lines of answers that are given again: what is the same each time is written once.

A format's parts are joined into pieces: what belongs to the answer is text from now on, what belongs to the
connection is text for that client, what belongs to the request's fields for all that send the same, the time
is text for its second. Only what differs with each request is asked anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from pyhttpd.core.replay import Block, Entry, Told, own
from pyhttpd.core.request import Peer, Request
from pyhttpd.modules.mod_log_config.formats import Format, Part, encoded, ends
from pyhttpd.modules.mod_log_config.values import common_time

MOST_CLIENTS = 4096  # whose text is kept

Hole = Callable[[Entry, Peer, Block, int], bytes]


class Again:
    """A format, settled for one answer, but for what each request has of its own."""

    __slots__ = ("_filling", "_format", "_pieces", "kept", "settled")

    def __init__(self, format: Format, pieces: list[bytes], module: str, number: int) -> None:
        """`pieces` are the answer's; module and `number` of the log are what others find it by."""
        self._format, self._pieces = format, pieces
        self.kept = module, (number, pieces)
        self._filling = format.filling = format.filling or filling(format)
        self.settled = not self._filling.asked

    def text(self, entry: Entry, connection: Peer, block: Block, second: int) -> bytes:
        """The line, where it is settled and the answer went out whole."""
        pieces = self._pieces.copy()
        for at, fill in self._filling.holes:
            pieces[at] = fill(entry, connection, block, second)
        return b"".join(pieces)

    def line(self, told: Told) -> bytes:
        """The line; in full where the answer did not go out whole."""
        if not told.whole:
            return self._format.line(told.request)
        pieces = self._pieces.copy()
        for at, fill in self._filling.holes:
            pieces[at] = fill(told.entry, told.connection, told.block, int(told.now))
        for at, parts in self._filling.asked:
            pieces[at] = filled(parts, told.request)
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills the places of parts that are not the answer's: by functions, or `asked` of each request."""

    holes: tuple[tuple[int, Hole], ...]
    asked: tuple[tuple[int, list[Part]], ...]


def filling(format: Format) -> Filling:
    """What fills the places in all lines of a format."""
    runs = list(enumerate(format.runs))
    return Filling(
        tuple((at, HOLES[kind](parts)) for at, (kind, parts) in runs if kind in HOLES),
        tuple((at, parts) for at, (kind, parts) in runs if kind == "r"),
    )


def pieces(format: Format, request: Request) -> list[bytes]:
    """A format's runs as far as they are the answer's."""
    return [filled(parts, request) if kind == "a" else b"" for kind, parts in format.runs]


def _time(_entry: Entry, _connection: Peer, _block: Block, second: int) -> bytes:
    return time_of(second)


@lru_cache(maxsize=4)
def time_of(second: int) -> bytes:
    """The time of a line's request."""
    return encoded(common_time(second))


class OfClient:
    """Parts that are the same for all connections of a client, where no more than its address is known."""

    def __init__(self, parts: list[Part]) -> None:
        self._known: dict[str, bytes] = {}
        self._parts = parts

    def text(self, entry: Entry, connection: Peer, block: Block, _second: int) -> bytes:
        """What they say of a connection."""
        if connection.remote_host is not None or connection.notes:
            return filled(self._parts, own(entry, connection, block))
        known = self._known.get(connection.client[0])
        if known is None:
            if len(self._known) >= MOST_CLIENTS:
                self._known.clear()
            known = self._known[connection.client[0]] = filled(self._parts, own(entry, connection, block))
        return known


class OfFields:
    """Parts that are the same for all requests with the same fields."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts

    def text(self, entry: Entry, connection: Peer, block: Block, _second: int) -> bytes:
        """What they say of a request's fields."""
        known = block.texts.get(self)
        if known is None:
            known = block.texts[self] = filled(self._parts, own(entry, connection, block))
        return known


HOLES: dict[str, Callable[[list[Part]], Hole]] = {
    "c": lambda parts: OfClient(parts).text,
    "f": lambda parts: OfFields(parts).text,
    "s": lambda _parts: _time,
}


def filled(parts: list[Part], request: Request) -> bytes:
    """The text of parts for one request."""
    first, last = ends(request)
    return encoded("".join([part if isinstance(part, str) else part(first, last) for part in parts]))
