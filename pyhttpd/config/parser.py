"""Text to lines: the logical lines of a source, each told apart and split into words by the grammar.

Two steps. First the physical lines become logical ones, which happens before anything else is looked at, even
inside comments (a backslash at the end, CR LF, the limit of 8191 bytes). Then `httpd.lark` says what each
line is. Every line is kept, so that a formatter or an editor can give the file back; nothing here finds a
mistake.

Lark is imported at the first parse: it takes a quarter of a second, which `-v` and `-k stop` need not pay.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from pyhttpd.config.tree import Word
from pyhttpd.diagnostics import Location, Source

if TYPE_CHECKING:
    from lark import Lark, Token

BLANKS = " \t\r\f\v\n"
"""What separates words: C's isspace, since Python's own idea of blank knows many more letters."""

LINE_LIMIT = 8191
"""Bytes a logical line may have; the remainder is read as a line of its own, as in Apache 2.2."""


class Logical(NamedTuple):
    """A line after joining. `number` is what Apache prints for it; `pieces` says where its parts are from."""

    text: str
    first: int
    last: int
    number: int
    pieces: tuple[tuple[int, int], ...]
    """(offset in `text`, physical line), ascending."""

    def locate(self, source: Source, start: int, end: int) -> Location:
        """The place of `text[start:end]`."""
        offset, row = self.pieces[bisect_right(self.pieces, (start, self.last)) - 1]
        return Location(source, self.number, start - offset + 1, end - offset + 1, row)


@dataclass(slots=True, eq=False)
class Line:
    """A logical line of a source."""

    source: Source
    logical: Logical

    @property
    def location(self) -> Location:
        """The whole line."""
        return Location(self.source, self.logical.number, row=self.logical.last)

    @property
    def original(self) -> str:
        """The physical line or lines as they stand in the source, line ends included."""
        lines = self.source.text.split("\n")
        end = "\n" if self.logical.last < len(lines) else ""
        return "\n".join(lines[self.logical.first - 1 : self.logical.last]) + end


class BlankLine(Line):
    """A line without any word."""


class CommentLine(Line):
    """A line that begins with "#"."""


@dataclass(slots=True, eq=False)
class CloseLine(Line):
    """ "</Name>"; `word` is all of it up to the first blank."""

    word: str


@dataclass(slots=True, eq=False)
class DirectiveLine(Line):
    """A name and its arguments; `raw` is the argument text unsplit."""

    name: Word
    words: list[Word]
    raw: str


@dataclass(slots=True, eq=False)
class OpenLine(DirectiveLine):
    """ "<Name arguments>"; `name` has no "<"."""

    terminated: bool
    """Whether the line has its ">"."""


def parse(source: Source) -> list[Line]:
    """Every logical line of `source`, in order."""
    return _parse(source, logical_lines(source.text))


def reparse(line: Line, text: str) -> Line:
    """`line` read again with other text (variables put in); its words then all stand for the whole line."""
    logical = line.logical._replace(text=text.replace("\n", " "))
    (again,) = _parse(line.source, [logical])
    if isinstance(again, DirectiveLine):
        arguments = _argument_span(line)
        again.words = [Word(word, arguments) for word in again.words]
        again.name = Word(again.name, line.location)
    return again


def _argument_span(line: Line) -> Location:
    text = line.logical.text.rstrip(BLANKS)
    start = line.name.location.end_column if isinstance(line, DirectiveLine) else 1
    if len(line.logical.pieces) > 1:
        return line.location
    start += len(text[start - 1 :]) - len(text[start - 1 :].lstrip(BLANKS))
    return line.logical.locate(line.source, start - 1, len(text))


def _parse(source: Source, logicals: list[Logical]) -> list[Line]:
    text = "".join(f"{logical.text}\n" for logical in logicals)
    tree: Any = _grammar().parse(text)
    nodes = zip(logicals, tree.children, strict=True)
    return [_MAKERS[node.data](source, logical, node.children) for logical, node in nodes]


@cache
def _grammar() -> Lark:
    from lark import Lark

    text = files(__package__).joinpath("httpd.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)


# ---- physical lines to logical lines


def logical_lines(text: str) -> list[Logical]:
    """Join continued lines. A doubled backslash at the end is one backslash and joins nothing."""
    physical = text.split("\n")
    unended = len(physical)
    if not physical[-1]:
        physical.pop()
    lines: list[Logical] = []
    pieces: tuple[tuple[int, int], ...] = ()
    held, drift = "", 0
    for row, piece in enumerate(physical, 1):
        piece = piece.removesuffix("\r")
        pieces += ((len(held), row),)
        joins = False
        if piece.endswith("\\") and row < unended:
            joins = not piece.endswith("\\\\")
            piece = piece[:-1]
        held += piece
        if joins and row < len(physical):
            continue
        parts = _cut(held)
        for part in parts:
            lines.append(Logical(part, pieces[0][1], row, row + drift, pieces))
            drift += part is not parts[-1]
        held, pieces = "", ()
    return lines


def _cut(text: str) -> list[str]:
    """`text` in parts of at most LINE_LIMIT bytes."""
    if len(text) * 4 <= LINE_LIMIT:
        return [text]
    data = text.encode("utf-8", "surrogateescape")
    parts = [data[at : at + LINE_LIMIT] for at in range(0, len(data), LINE_LIMIT)]
    return [part.decode("utf-8", "surrogateescape") for part in parts]


# ---- grammar nodes to lines


def _blank(source: Source, logical: Logical, tokens: list[Token]) -> Line:
    return BlankLine(source, logical)


def _comment(source: Source, logical: Logical, tokens: list[Token]) -> Line:
    return CommentLine(source, logical)


def _close(source: Source, logical: Logical, tokens: list[Token]) -> Line:
    return CloseLine(source, logical, re.split(f"[{BLANKS}]", tokens[0], maxsplit=1)[0])


def _directive(source: Source, logical: Logical, tokens: list[Token]) -> Line:
    name, *words = [_word(source, logical, token) for token in tokens]
    raw = logical.text[_end(tokens[0]) :].strip(BLANKS)
    return DirectiveLine(source, logical, name, words, raw)


def _open(source: Source, logical: Logical, tokens: list[Token]) -> Line:
    text, end = logical.text, len(logical.text)
    terminated = tokens[-1].type == "END"
    if terminated:
        end = _start(tokens.pop())
    opening = tokens[0]
    name = Word(opening[1:].removesuffix(">"), logical.locate(source, _start(opening), _end(opening)))
    words = [_word(source, logical, token) for token in tokens[1:]]
    raw = text[_end(opening) : end].strip(BLANKS)
    # Apache reads "<Directory" alone as "<Directory>": what it misses first is the argument.
    return OpenLine(source, logical, name, words, raw, terminated or not words)


_MAKERS = {"blank": _blank, "comment": _comment, "close": _close, "directive": _directive, "open": _open}

_BODY = {quote: re.compile(rf"{quote}((?:\\[{quote}\\]|[^{quote}])*)") for quote in "\"'"}
_ESCAPED = {quote: re.compile(rf"\\([{quote}\\])") for quote in "\"'"}


def _word(source: Source, logical: Logical, token: Token) -> Word:
    return Word(_value(token), logical.locate(source, _start(token), _end(token)))


def _value(token: str) -> str:
    quote = token[0]
    if quote in _BODY:
        body = _BODY[quote].match(token)[1]  # type: ignore[index]
        return _ESCAPED[quote].sub(r"\1", body) if "\\" in body else body
    return token.replace("\\\\", "\\") if "\\\\" in token else str(token)


def _start(token: Token) -> int:
    return (token.column or 1) - 1


def _end(token: Token) -> int:
    return (token.end_column or 1) - 1
