"""The shelf of converters: one word in, one typed value out.

A converter knows nothing of files and lines. It raises `ValueError` with the text to print, in which
`{name}` stands for the directive; the walk, which knows the position, is the only catcher. `Annotated`
types carry their converter, so that a schema's annotation says it all: `slash: Flag =
setting("DirectorySlash", True)`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pyhttpd.config.regex import Regex, compile


@dataclass(frozen=True, slots=True)
class Converter:
    """Turns a word into a value. With `contextual` the function takes the Context as well."""

    function: Callable[..., Any]
    contextual: bool = False
    flag: bool = False


def converter_of(hint: Any) -> Converter:
    """The converter that an annotation carries; plain `str` stays a word, `int` reads as C's atoi does."""
    if get_origin(hint) is Annotated:
        for extra in get_args(hint)[1:]:
            if isinstance(extra, Converter):
                return extra
    return Converter(atoi) if hint is int else Converter(str)


def atoi(word: str) -> int:
    """The leading integer of a word, 0 where there is none (2.2 reads most numbers so, without complaint)."""
    found = re.match(r"[ \t\n\v\f\r]*([+-]?[0-9]+)", word)
    return max(-(2**31), min(2**31 - 1, int(found[1][:12]))) if found else 0


def flag(word: str) -> bool:
    """On or Off, in any letter case."""
    try:
        return {"on": True, "off": False}[word.lower()]
    except KeyError:
        raise ValueError("{name} must be On or Off") from None


def on_off(message: str) -> Converter:
    """On or Off, with 2.2's own message where a directive has one."""

    def convert(word: str) -> bool:
        if (low := word.lower()) not in ("on", "off"):
            raise ValueError(message)
        return low == "on"

    return Converter(convert)


def choice(words: Iterable[str] | dict[str, Any], message: str) -> Converter:
    """One of some words, in any letter case; a dict gives the values."""
    table = words if isinstance(words, dict) else {word.lower(): word.lower() for word in words}

    def convert(word: str) -> Any:
        try:
            return table[word.lower()]
        except KeyError:
            raise ValueError(message.replace("{word}", word)) from None

    return Converter(convert)


def at_least(least: int, message: str) -> Converter:
    """A decimal integer no smaller than `least`; anything else is refused with `message`."""

    def convert(word: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", word) or int(word) < least:
            raise ValueError(message)
        return int(word)

    return Converter(convert)


def regex(message: str = "Regular expression could not be compiled.", ignore_case: bool = False) -> Converter:
    """A PCRE pattern."""

    def convert(word: str) -> Regex:
        try:
            return compile(word, ignore_case)
        except ValueError:
            raise ValueError(message) from None

    return Converter(convert)


def _server_path(word: str, ctx: Any) -> str:
    return str(ctx.server_path(word))


Flag = Annotated[bool, Converter(flag, flag=True)]
Atoi = Annotated[int, Converter(atoi)]
Pattern = Annotated[Regex, regex()]
ServerPath = Annotated[str, Converter(_server_path, contextual=True)]
"""A path that is relative to ServerRoot unless it is absolute."""
