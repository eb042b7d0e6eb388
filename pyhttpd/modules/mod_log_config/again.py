"""The lines of answers that are given again: what is the same each time is written once.

A format's parts are joined into stretches: those that belong to the answer and the second are text for that
second, those that belong to the connection are text for that connection; only what differs with each
request is asked anew.
"""

from itertools import groupby

from pyhttpd.core.replay import Told
from pyhttpd.core.request import Request
from pyhttpd.modules.mod_log_config.formats import Client, Format, Item, Part, ends
from pyhttpd.modules.mod_log_config.values import Scope

MOST_CLIENTS = 4096  # whose text is kept
SHARED = (Scope.ANSWER, Scope.SECOND)


class Stretch:
    """Neighbouring parts with the same scope."""

    __slots__ = ("ends", "items", "known", "number", "scope", "second", "text")

    def __init__(
        self, known: dict[Client, str], number: int, scope: Scope, parts: list[Part], request: Request
    ) -> None:
        self.scope, self.ends, self.known, self.number = scope, ends(request), known, number
        self.items = [self._fixed(part) for part in parts]
        self.second, self.text = -1, ""

    def _fixed(self, part: Part) -> Part:
        if isinstance(part, Item) and part.scope is Scope.ANSWER:
            return part(*self.ends)
        return part

    def _filled(self, request: Request) -> str:
        return "".join([item if isinstance(item, str) else item(request, request) for item in self.items])

    def fill(self, told: Told) -> str:
        """The text for one more giving of the answer."""
        if self.scope is Scope.SECOND:
            if self.second != told.second:
                self.second, self.text = told.second, self._filled(told.request)
            return self.text
        if self.scope is Scope.CONNECTION:
            return self._of_client(told)
        return self._filled(told.request)

    def _of_client(self, told: Told) -> str:
        """What is the same for all connections of a client, as far as it is known."""
        peer = told.connection
        key = (self.number, peer.client[0], peer.remote_host, peer.notes.get("logname"))
        text = self.known.get(key)
        if text is None:
            if len(self.known) >= MOST_CLIENTS:
                self.known.clear()
            text = self.known[key] = self._filled(told.request)
        return text


class Again:
    """A format, settled for one answer."""

    def __init__(self, format: Format, request: Request) -> None:
        self.format = format
        grouped = groupby([*format.parts, "\n"], _scope)
        self.stretches = [
            Stretch(format.known, number, scope, list(parts), request)
            for number, (scope, parts) in enumerate(grouped)
        ]

    def line(self, told: Told) -> bytes:
        """The line for one more giving of the answer; in full where it did not go out whole."""
        if not told.whole:
            return self.format.line(told.request)
        return "".join([stretch.fill(told) for stretch in self.stretches]).encode("utf-8", "surrogateescape")


def _scope(part: Part) -> Scope:
    scope = part.scope if isinstance(part, Item) else Scope.ANSWER
    return Scope.SECOND if scope in SHARED else scope
