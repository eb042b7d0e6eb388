r"""What substitutions, test strings and some flags are written in: text with things to be put in.

`$1` is a group of the rule's pattern, `%1` one of the last condition that matched, `%{NAME}` a variable,
`${map:key|default}` a look-up whose key and default are templates again; `\x` is x itself. What cannot be
understood stands for itself. A template is taken apart once, when the line is read; only keys and defaults
are nested, so nothing that a client sent is ever read as a template.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pyhttpd.modules.mod_rewrite.urls import escape_all
from pyhttpd.modules.mod_rewrite.variables import Variable, variable

if TYPE_CHECKING:
    from pyhttpd.modules.mod_rewrite.engine import Run

DIGITS = frozenset("0123456789")
PLAIN = re.compile(r"[^\\$%]+")


class Part(Protocol):
    """What is put in for one of the special forms."""

    def value(self, run: "Run", escaped: bool) -> str: ...


@dataclass(frozen=True, slots=True)
class Template:
    """A text to be filled in."""

    text: str
    parts: tuple[str | Part, ...]

    def expand(self, run: "Run", escaped: bool = False) -> str:
        """The text for one request; with `escaped` (the B flag) groups are put in as %xx."""
        return "".join([part if part.__class__ is str else part.value(run, escaped) for part in self.parts])  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class Group:
    """`$1` or `%1`; a group that took no part, or does not exist, is empty."""

    kind: str
    number: int

    def value(self, run: "Run", escaped: bool) -> str:
        """What the group matched."""
        match = run.rule_groups if self.kind == "$" else run.condition_groups
        text = match.group(self.number) if match is not None else ""
        if escaped and text:
            plain, text = text, escape_all(text)
            if run.tracing:
                run.note(5, f"escaping backreference '{plain}' to '{text}'")
        return text


@dataclass(frozen=True, slots=True)
class Value:
    """`%{NAME}`."""

    read: Variable

    def value(self, run: "Run", escaped: bool) -> str:
        return self.read(run.request, run) or ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """`${map:key|default}`; a map that nobody defined has no keys."""

    map: str
    key: Template
    default: Template | None

    def value(self, run: "Run", escaped: bool) -> str:
        """The map's value, else the default."""
        found = run.look_up(self.map, self.key.expand(run, escaped))
        if found is None and self.default is not None:
            return self.default.expand(run, escaped)
        return found or ""


def parse(text: str) -> Template:
    """Take a template apart."""
    parts: list[str | Part] = []
    at = 0
    while at < len(text):
        part, at = _next(text, at)
        if parts and isinstance(part, str) and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return Template(text, tuple(parts))


def _next(text: str, at: int) -> tuple[str | Part, int]:
    """The part that begins at a place, and where the next one does."""
    if plain := PLAIN.match(text, at):
        return plain[0], plain.end()
    letter, following = text[at], text[at + 1 : at + 2]
    if letter == "\\":
        return following or letter, at + 2
    if following == "{":
        return _in_braces(text, at)
    if following in DIGITS:
        return Group(letter, int(following)), at + 2
    return letter, at + 1


def _in_braces(text: str, at: int) -> tuple[str | Part, int]:
    begin = at + 2
    end = _find(text, begin, "}")
    if end < 0:
        return text[at:begin], begin
    inside = text[begin:end]
    if text[at] == "%":
        return Value(variable(inside)), end + 1
    colon = _find(inside, 0, ":")
    if colon < 0:
        return text[at:begin], begin
    name, key = inside[:colon], inside[colon + 1 :]
    bar = _find(key, 0, "|")
    default = parse(key[bar + 1 :]) if bar >= 0 else None
    return Lookup(name, parse(key if bar < 0 else key[:bar]), default), end + 1


def _find(text: str, begin: int, wanted: str) -> int:
    """Where a letter stands outside of inner braces, -1 for nowhere."""
    depth = 0
    for at in range(begin, len(text)):
        letter = text[at]
        if letter == wanted and depth == 0:
            return at
        depth += LEVELS.get(letter, 0)
        if depth < 0:
            return -1
    return -1


LEVELS = {"{": 1, "}": -1}
