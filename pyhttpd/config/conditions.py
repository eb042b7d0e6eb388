"""The sections that are decided while reading: IfModule, IfDefine and IfVersion.

Each is a rule from the words of the opening line to true or false; a wrong line is a ValueError with Apache's
message. Sources: the manual's core and mod_version pages.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Mapping
from typing import NamedTuple, Protocol

from pyhttpd.config import regex
from pyhttpd.config.parser import OpenLine


class Facts(Protocol):
    """What a condition may ask: the part of the reader's Host that is needed here."""

    @property
    def defines(self) -> Container[str]: ...

    @property
    def version(self) -> tuple[int, int, int]: ...

    def has_module(self, name: str) -> bool: ...


class Condition(NamedTuple):
    """One of the three. `module` is the one that must be there for the section to be known at all."""

    holds: Callable[[list[str], Facts], bool]
    most: int
    usage: str
    module: str = ""
    least: int = 1


def find(name: str, facts: Facts) -> Condition | None:
    """The condition of that name, None for a section that is none (yet)."""
    condition = CONDITIONS.get(name.lower())
    return condition if condition and (not condition.module or facts.has_module(condition.module)) else None


def holds(condition: Condition, line: OpenLine, facts: Facts) -> bool:
    """Whether the section's body counts. Raises ValueError for a line that is wrong."""
    if not line.terminated:
        raise ValueError(f"<{line.name}> directive missing closing '>'")
    if condition.least and not (line.words and line.words[0]):
        raise ValueError(f"<{line.name}> directive requires additional arguments")
    if len(line.words) > condition.most:
        raise ValueError(f"<{line.name} {condition.usage}")
    return condition.holds(list(line.words), facts)


def _module(words: list[str], facts: Facts) -> bool:
    wanted, name = _negated(words[0])
    return facts.has_module(name) is wanted


def _defined(words: list[str], facts: Facts) -> bool:
    wanted, name = _negated(words[0])
    return (name in facts.defines) is wanted


def _negated(word: str) -> tuple[bool, str]:
    return not word.startswith("!"), word.removeprefix("!")


# ---- IfVersion

_COMPARISONS: Mapping[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

_VERSION = re.compile(r"\d+(?:\.\d+){0,2}", re.ASCII)


def _version(words: list[str], facts: Facts) -> bool:
    sign, wanted = words if len(words) == 2 else ["=", *(words or [""])]
    kind = sign[1:] if sign.startswith("!") and sign != "!" else sign
    return _compare(sign, kind, wanted, facts.version) is (kind == sign)


def _compare(sign: str, kind: str, wanted: str, version: tuple[int, int, int]) -> bool:
    if kind in ("=", "==") and wanted.startswith("/"):
        if len(wanted) < 2 or not wanted.endswith("/"):
            raise ValueError("Missing delimiting / of regular expression.")
        kind, wanted = "~", wanted[1:-1]
    if kind == "~":
        return _matches(wanted, version)
    if kind not in _COMPARISONS:
        raise ValueError(f"unrecognized operator '{sign}'")
    return _COMPARISONS[kind](version, _numbers(wanted))


def _numbers(text: str) -> tuple[int, ...]:
    if not _VERSION.fullmatch(text):
        raise ValueError(
            "Version appears to be invalid. It must have the format major[.minor[.patch]] "
            "where major, minor and patch are numbers."
        )
    numbers = [int(part) for part in text.split(".")]
    return tuple(numbers + [0] * (3 - len(numbers)))


def _matches(pattern: str, version: tuple[int, int, int]) -> bool:
    try:
        expression = regex.compile(pattern)
    except ValueError:
        raise ValueError("Unable to compile regular expression") from None
    return expression.matches(".".join(map(str, version)))


CONDITIONS = {
    "ifmodule": Condition(_module, 1, "takes one argument, the module that must be there"),
    "ifdefine": Condition(_defined, 1, "takes one argument, the name that must be defined"),
    "ifversion": Condition(
        _version, 2, "takes one, two or three arguments, a comparison and a version", "mod_version.c", least=0
    ),
}
