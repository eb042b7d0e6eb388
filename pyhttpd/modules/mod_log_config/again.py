"""The lines of answers that are given again: what is the same each time is written once.

A format's parts are joined into pieces: what belongs to the answer is text from now on, what belongs to the
connection is text for that client, the time is text for its second. Only what differs with each request is
asked anew.
"""

from collections.abc import Callable

from pyhttpd.core.replay import Told
from pyhttpd.core.request import Request
from pyhttpd.modules.mod_log_config.formats import Client, Format, Part, ends
from pyhttpd.modules.mod_log_config.values import common_time

MOST_CLIENTS = 4096  # whose text is kept

Piece = str | Callable[[Told], str]


class Again:
    """A format, settled for one answer."""

    __slots__ = ("_format", "_pieces")

    def __init__(self, format: Format, request: Request) -> None:
        self._format = format
        first, last = ends(request)
        self._pieces: list[Piece] = [
            "".join([part if isinstance(part, str) else part(first, last) for part in parts])
            if kind == "a"
            else _piece(kind, parts, format, number)
            for number, (kind, parts) in enumerate(format.runs)
        ]

    def line(self, told: Told) -> bytes:
        """The line for one more giving of the answer; in full where it did not go out whole."""
        if not told.whole:
            return self._format.line(told.request)
        pieces = [piece if piece.__class__ is str else piece(told) for piece in self._pieces]  # type: ignore[operator]
        return "".join(pieces).encode("utf-8", "surrogateescape")


def _piece(kind: str, parts: list[Part], format: Format, number: int) -> Piece:
    """What stands for neighbouring parts that are not the answer's."""
    if kind == "s":
        return _time
    if kind == "c":
        return OfClient(format.known, number, parts)
    return lambda told: filled(parts, told.request)


def _time(told: Told) -> str:
    return common_time(told.second)


class OfClient:
    """Parts that are the same for all connections of a client, as far as it is known."""

    __slots__ = ("_known", "_number", "_parts")

    def __init__(self, known: dict[Client, str], number: int, parts: list[Part]) -> None:
        self._known, self._number, self._parts = known, number, parts

    def __call__(self, told: Told) -> str:
        peer = told.connection
        key = (self._number, peer.client[0], peer.remote_host, peer.notes.get("logname"))
        text = self._known.get(key)
        if text is None:
            if len(self._known) >= MOST_CLIENTS:
                self._known.clear()
            text = self._known[key] = filled(self._parts, told.request)
        return text


def filled(parts: list[Part], request: Request) -> str:
    """The text of parts for one request."""
    return "".join([part if isinstance(part, str) else part(request, request) for part in parts])
