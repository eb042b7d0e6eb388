"""What reading a configuration yields: directives and sections in order, conditionals already decided.

The reader builds these, the walk runs them. Nothing here knows which directives exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyhttpd.diagnostics import Location, Source

if TYPE_CHECKING:
    from pyhttpd.config.parser import Line


class Word(str):
    """An argument: its value, quotes and escapes taken away, and where it stands."""

    __slots__ = ("location",)
    location: Location

    def __new__(cls, value: str, location: Location) -> Word:
        word = super().__new__(cls, value)
        word.location = location
        return word

    def __getnewargs__(self) -> tuple[str, Location]:  # type: ignore[override]
        """What a copy is made from."""
        return str(self), self.location


@dataclass(slots=True, eq=False)
class Directive:
    """One directive. `raw` is the argument text before it is split into words, after `${NAME}` was put in."""

    name: str
    words: list[Word]
    raw: str
    location: Location
    parent: Section | None = field(repr=False)

    @property
    def key(self) -> str:
        """The name without letter case: what tables are keyed by."""
        return self.name.lower()


@dataclass(slots=True, eq=False)
class Section(Directive):
    """A directive with a body; `name` has no "<". `raw` ends before the line's last ">"."""

    terminated: bool = True
    """False where the opening line has no ">": Apache says so only when it runs the section."""
    children: list[Directive] = field(default_factory=list)
    closed_at: Location | None = None


@dataclass(slots=True, eq=False)
class Tree:
    """A configuration as read. `lines` keeps every line of every source, comments and skipped ones too."""

    root: list[Directive] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    lines: dict[Source, list[Line]] = field(default_factory=dict)

    def walk(self) -> Iterator[Directive]:
        """Every directive, outer before inner, in file order."""
        pending = self.root[::-1]
        while pending:
            node = pending.pop()
            yield node
            if isinstance(node, Section):
                pending.extend(reversed(node.children))
