"""Log formats: from the text of a LogFormat line to a list of small functions, once, at start.

A part is either text that stands as it is, or a function that is given the request as it came in and as it
was after its last internal redirect. Manual: mod_log_config, "Custom Log Formats" and "Modifiers".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyhttpd.core.request import Request
from pyhttpd.modules.mod_log_config.values import LETTERS, Letter, Scope, Value


@dataclass(frozen=True, slots=True)
class Item:
    """A part to be filled in: a letter's function, whom it asks, and what it is the same for.

    With `statuses` it is only told of answers that have one of them (or, `negated`, none).
    """

    value: Value
    argument: str
    original: bool
    scope: Scope
    statuses: frozenset[int]
    negated: bool

    def __call__(self, first: Request, last: Request) -> str:
        if self.statuses and (last.status in self.statuses) == self.negated:
            return "-"
        found = self.value(first if self.original else last, self.argument)
        return "-" if found is None else found


Part = str | Item
Lookup = Callable[[str], Value | None]

RAN_OFF = "Ran off end of LogFormat parsing args to some directive"
PIECE = re.compile(
    r"(?P<text>[^%]+)|%(?P<percent>%)|%(?P<modifiers>(?:[!<>,]|\{[^}]*\}|[0-9]+)*)(?P<letter>\^..|.)?", re.S
)
MODIFIER = re.compile(r"(?P<mark>[!<>])|\{(?P<argument>[^}]*)\}|(?P<status>[0-9]+)", re.S)
RUNS = re.compile("c(?:t*c)*|f(?:t*f)*|[at]+|.")
KINDS = {
    Scope.ANSWER: "a",
    Scope.CONNECTION: "c",
    Scope.FIELDS: "f",
    Scope.SECOND: "s",
    Scope.REQUEST: "r",
}
OF_CONNECTION = ("connection", "keep-alive")  # fields of an answer that each connection has its own of
ESCAPES = {"\\\\": "\\", "\\r": "\r", "\\n": "\n", "\\t": "\t"}


class Format:
    """A format ready to be filled in."""

    def __init__(self, text: str, lookup: Lookup) -> None:
        """`lookup` finds letters that other modules offer. Raises ValueError with Apache's text."""
        self.text = text
        self.filling: Any = None  # see again.py
        self.parts: list[Part] = [*(_part(piece, lookup) for piece in PIECE.finditer(text)), "\n"]
        self.runs = _runs(self.parts)
        self._blank = [part if isinstance(part, str) else "" for part in self.parts]
        self._items = [(at, part) for at, part in enumerate(self.parts) if isinstance(part, Item)]

    def line(self, request: Request) -> bytes:
        """The line for a request, line end included."""
        first, last = (request, request) if request.prev is request.next else ends(request)
        filled = self._blank.copy()
        for at, item in self._items:
            if item.statuses:
                filled[at] = item(first, last)
            else:  # the same as calling it, which would be a call more for each of them
                found = item.value(first if item.original else last, item.argument)
                filled[at] = "-" if found is None else found
        return encoded("".join(filled))


def encoded(text: str) -> bytes:
    """A line's text as it is written."""
    return text.encode("utf-8", "surrogateescape")


def _runs(parts: list[Part]) -> list[tuple[str, list[Part]]]:
    """Neighbouring parts that are the same for the same requests, with the letter of what they are.

    Text is whoever's it stands between, else the answer's.
    """
    kinds = "".join(map(_kind, parts))
    return [(run[0][0].replace("t", "a"), parts[run.start() : run.end()]) for run in RUNS.finditer(kinds)]


def _kind(part: Part) -> str:
    if isinstance(part, str):
        return "t"
    return "r" if part.statuses and part.scope is not Scope.ANSWER else KINDS[part.scope]


def ends(request: Request) -> tuple[Request, Request]:
    """The request as it came in, and as it was after its last internal redirect."""
    first = last = request
    while first.prev is not None:
        first = first.prev
    while last.next is not None:
        last = last.next
    return first, last


def _part(piece: re.Match[str], lookup: Lookup) -> Part:
    if piece["text"] is not None:
        return re.sub(r"\\[\\rnt]", lambda found: ESCAPES[found[0]], piece["text"])
    if piece["percent"]:
        return "%"
    if piece["letter"] in (None, "{"):  # nothing more, or a brace that nobody closes
        raise ValueError(RAN_OFF)
    return _item(_letter(piece["letter"], lookup), list(MODIFIER.finditer(piece["modifiers"])))


def _letter(name: str, lookup: Lookup) -> Letter:
    if name in LETTERS:
        return LETTERS[name]
    if (value := lookup(name)) is None:
        raise ValueError(f"Unrecognized LogFormat directive %{name[0]}")
    return Letter(value)


def _item(letter: Letter, modifiers: Sequence[re.Match[str]]) -> Part:
    marks = [found["mark"] for found in modifiers if found["mark"]]
    arguments = [found["argument"] for found in modifiers if found["argument"] is not None]
    statuses = frozenset(int(found["status"]) for found in modifiers if found["status"])
    sides = [mark for mark in marks if mark in "<>"]
    original = sides[-1] == "<" if sides else letter.original
    argument = arguments[-1] if arguments else ""
    scope = Scope.REQUEST if argument.lower() in OF_CONNECTION else letter.scope(argument)
    negated = marks.count("!") % 2 == 1
    original = sides[-1] == "<" if sides else letter.original
    return Item(letter.value, argument, original, scope, statuses, negated)
