"""What went wrong, where, and how it is shown: one value for every message about a configuration.

Everything that finds fault with a configuration makes a `Diagnostic`; everything that shows one uses the
renderer here. The first lines are Apache 2.2's own, to the letter, because people and scripts know them; the
source line with its caret, the section, the way the file was included and a hint follow below.

Rules kept here: this is the lowest floor, so nothing of pyhttpd is imported; `rich` is imported only when a
terminal is written to; a diagnostic is data and never prints itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

Level = Literal["error", "warn", "notice"]

PROGRAM = "httpd"
"""The program word in front of read-time messages: Apache's, since scripts look for it."""

SHOWN_AT_MOST = 20
"""How many diagnostics one rendering lists."""

COMMAND_LINE = "-c/-C directives"
"""Apache's name for the text given with -C and -c."""


@dataclass(slots=True, eq=False)
class Source:
    """One text that was read: a file, a .htaccess, or the directives of the command line."""

    name: str
    text: str
    included_from: Location | None = None

    @property
    def is_command_line(self) -> bool:
        return self.name == COMMAND_LINE

    def line(self, number: int) -> str:
        """The physical line `number`, counted from 1, without its line end; "" where there is none."""
        lines = self.text.split("\n", number)
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


class Location(NamedTuple):
    """A place in a source. `line` is the number Apache would print: of a continued line, the last one.

    `column` and `end_column` count from 1 and bound the word meant, 0 when it is the whole line. They belong
    to the physical line `row`, which differs from `line` only in continued lines.
    """

    source: Source
    line: int
    column: int = 0
    end_column: int = 0
    row: int = 0

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}"

    @property
    def text(self) -> str:
        """The physical line this place is on."""
        return self.source.line(self.row or self.line)


def include_chain(location: Location | None) -> Iterator[Location]:
    """The Include lines that led to `location`, the nearest first."""
    while location is not None and (location := location.source.included_from) is not None:
        yield location


@dataclass(slots=True)
class Diagnostic:
    """One finding. `message` is Apache's sentence where Apache has one; `code` is kebab-case and stays
    stable.

    `read_time` tells the two shapes of Apache's messages apart: found while reading the files (one line,
    every Include named), or found while running the directives (two lines).
    """

    message: str
    location: Location | None = None
    code: str = "syntax"
    read_time: bool = False
    hint: str = ""
    section: Location | None = None
    level: Level = "error"

    @property
    def apache_first_line(self) -> str:
        """What Apache 2.2 prints for this, without a final newline; more than one line where Apache's is."""
        if self.location is None:
            return f"{PROGRAM}: {self.message}" if self.read_time else self.message
        if not self.read_time:
            return f"{_on_line(self.location)}:\n{self.message}"
        text = self.message
        for place in (self.location, *include_chain(self.location)):
            where = "Syntax error in -C/-c directive" if place.source.is_command_line else _on_line(place)
            text = f"{where}: {text}"
        return f"{PROGRAM}: {text}"

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message

    def as_json(self) -> dict[str, object]:
        """The same as plain values, for `-t --json` and editors."""
        return {
            "level": self.level,
            "code": self.code,
            "message": self.message,
            "location": _place(self.location),
            "section": _place(self.section),
            "included_from": [str(place) for place in include_chain(self.location)],
            "hint": self.hint,
            "read_time": self.read_time,
        }


class ConfigError(Exception):
    """A configuration that cannot be used. Holds every diagnostic, those found while reading first."""

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        found = [diagnostics] if isinstance(diagnostics, Diagnostic) else list(diagnostics)
        self.diagnostics = sorted(found, key=lambda diagnostic: not diagnostic.read_time)
        super().__init__(str(self.diagnostics[0]) if self.diagnostics else "")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        for style, text in _parts(self.diagnostics):
            yield Text(printable(text), style=style)

    def render(self) -> str:
        """All of it as plain text."""
        return render(self.diagnostics)

    def as_json(self) -> list[dict[str, object]]:
        return [diagnostic.as_json() for diagnostic in self.diagnostics]


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """Plain text for a pipe or a file: Apache's first lines, then what helps to find the place."""
    return "".join(f"{text}\n" for _, text in _parts(list(diagnostics)))


def printable(text: str) -> str:
    """`text` with bytes that are no UTF-8 shown as U+FFFD, so that any terminal takes it."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_STYLES: dict[Level, str] = {"error": "bold red", "warn": "bold yellow", "notice": "bold cyan"}


def _parts(diagnostics: list[Diagnostic]) -> Iterator[tuple[str, str]]:
    """(rich style, text) pairs, one or more lines each: the one place that decides the layout."""
    for number, diagnostic in enumerate(diagnostics[:SHOWN_AT_MOST]):
        if number:
            yield "", ""
        yield _STYLES[diagnostic.level], diagnostic.apache_first_line
        yield from _context(diagnostic)
    if len(diagnostics) > SHOWN_AT_MOST:
        yield "dim", f"\n... and {len(diagnostics) - SHOWN_AT_MOST} more"


def _context(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    location = diagnostic.location
    if location is not None:
        yield from _excerpt(location)
    if diagnostic.section is not None:
        section = diagnostic.section
        yield "dim", f"      in {printable(section.text).strip()} opened at line {section.line}"
    for place in include_chain(location):
        yield "dim", f"      included from {place}"
    if diagnostic.hint:
        yield "green", f"      hint: {diagnostic.hint}"


def _excerpt(location: Location) -> Iterator[tuple[str, str]]:
    """The source line and a caret under the word; tabs stay tabs so that both lines keep in step."""
    text = location.text
    if not text.strip():
        return
    yield "", f"{location.row or location.line:5} | {printable(text)}"
    if location.column:
        before = printable(text[: location.column - 1])
        gap = "".join("\t" if letter == "\t" else " " for letter in before)
        width = min(location.end_column - 1, len(text)) - (location.column - 1)
        yield "bold", f"      | {gap}{'^' * max(width, 1)}"


def _on_line(place: Location) -> str:
    return f"Syntax error on line {place.line} of {place.source.name}"


def _place(location: Location | None) -> dict[str, object] | None:
    if location is None:
        return None
    names = ("line", "column", "end_column")
    return {"file": location.source.name} | {name: getattr(location, name) for name in names}
