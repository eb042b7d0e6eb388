"""The one wrapper round pcre2: Apache's regular expressions on Apache's terms.

Patterns and subjects are matched as bytes, like 2.2's PCRE did: a byte that is no UTF-8 is a letter like any
other, "." is one byte, and only ASCII letters fold their case. Text is `str` by the house's rule (UTF-8 with
surrogateescape) before and after. A subject that needs too many steps is an exception and never "no match":
an expression may guard a folder, and who cannot tell must not let pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pcre2

_JIT_STACK = "JIT stack limit reached"


class MatchLimit(Exception):
    """The subject needs more steps than PCRE's match limit allows. The caller's answer is a logged 500."""


class Match:
    """One match. Groups are numbered like `$1`; a group that took no part, or does not exist, is ""."""

    __slots__ = ("_found", "_text")

    def __init__(self, found: Any, text: str | bytes) -> None:
        self._found = found
        # An ASCII subject has the same offsets as text and as bytes, so it is cut without decoding anything.
        self._text = text

    def group(self, number: int = 0) -> str:
        """What group `number` matched, 0 being the whole match."""
        try:
            start, end = self._found.span(number)
        except (IndexError, pcre2.LibraryError):
            return ""
        return self._cut(start, end) if start >= 0 else ""

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups of the pattern, from `$1` on."""
        return tuple(self.group(number) for number in range(1, len(self._found.groups()) + 1))

    @property
    def before(self) -> str:
        """The subject up to the match."""
        return self._cut(0, self._found.start())

    @property
    def after(self) -> str:
        """The subject from the end of the match on."""
        return self._cut(self._found.end(), len(self._text))

    def _cut(self, start: int, end: int) -> str:
        part = self._text[start:end]
        return part if isinstance(part, str) else part.decode("utf-8", "surrogateescape")


class Regex:
    """A compiled expression; safe to share between threads and across a fork."""

    __slots__ = ("_compiled", "_patient", "begins", "ignore_case", "pattern")

    def __init__(self, pattern: str, ignore_case: bool = False) -> None:
        self.pattern = pattern
        self.ignore_case = ignore_case
        self.begins = "" if ignore_case else literal_prefix(pattern)  # no other subject can match
        self._compiled = self._compile(jit=True)
        self._patient: Any = None

    def __repr__(self) -> str:
        return f"Regex({self.pattern!r}{', ignore_case=True' if self.ignore_case else ''})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Regex) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, bool]:
        return self.pattern, self.ignore_case

    @property
    def groups(self) -> int:
        """How many groups the pattern has."""
        return int(self._compiled.groups)

    def search(self, text: str) -> Match | None:
        """The first match anywhere in `text`. Raises MatchLimit."""
        if self.begins and not text.startswith(self.begins):
            return None
        subject = _encode(text)
        found = self._run(subject, 0)
        return None if found is None else Match(found, text if len(subject) == len(text) else subject)

    def matches(self, text: str) -> bool:
        """Whether there is a match anywhere in `text`. Raises MatchLimit."""
        if self.begins and not text.startswith(self.begins):
            return False
        return self._run(_encode(text), 0) is not None

    def sub(self, replacement: Callable[[Match], str], text: str, count: int = 0) -> str:
        """`text` with matches replaced, from left to right; `count` 0 means all. Raises MatchLimit."""
        subject = _encode(text)
        parts, position, done = [], 0, 0
        while position <= len(subject) and not (count and done == count):
            found = self._run(subject, position)
            if found is None:
                break
            start, end = found.span()
            parts += [subject[position:start], _encode(replacement(Match(found, subject)))]
            # An empty match moves on by one byte, or the loop would never end.
            if end == start:
                parts.append(subject[end : end + 1])
                end += 1
            position, done = end, done + 1
        return b"".join([*parts, subject[position:]]).decode("utf-8", "surrogateescape")

    def _run(self, subject: bytes, position: int) -> Any:
        try:
            return self._compiled.search(subject, position)
        except pcre2.LibraryError as error:
            if str(error) != _JIT_STACK:
                raise MatchLimit(f"{self.pattern}: {error}") from None
        # The compiled form has a small stack; PCRE without it counts steps only, as in 2.2.
        if self._patient is None:
            self._patient = self._compile(jit=False)
        try:
            return self._patient.search(subject, position)
        except pcre2.LibraryError as error:
            raise MatchLimit(f"{self.pattern}: {error}") from None

    def _compile(self, jit: bool) -> Any:
        flags = pcre2.IGNORECASE if self.ignore_case else pcre2.NOFLAG
        try:
            return pcre2.compile(_encode(self.pattern), flags, jit=jit)
        except (pcre2.PatternError, pcre2.LibraryError) as error:
            raise ValueError(str(error)) from None


@lru_cache(maxsize=1024)
def compile(pattern: str, ignore_case: bool = False) -> Regex:
    """A Regex for `pattern`. Raises ValueError with PCRE's reason."""
    return Regex(pattern, ignore_case)


def expand(template: str, match: Match) -> str:
    r"""`template` with `$0` to `$9` and `&` (the whole match) put in; `\$` and `\&` stand for the letters.

    The rule of AliasMatch, RedirectMatch, SetEnvIf and Header edit. mod_rewrite has its own.
    """
    if "$" not in template and "&" not in template:
        return template
    parts, letters = [], iter(range(len(template)))
    for at in letters:
        letter, following = template[at], template[at + 1 : at + 2]
        if letter == "&":
            parts.append(match.group(0))
        elif letter == "$" and following in _DIGITS:
            parts.append(match.group(int(following)))
            next(letters)
        elif letter == "\\" and following in ("$", "&"):
            parts.append(following)
            next(letters)
        else:
            parts.append(letter)
    return "".join(parts)


_DIGITS = frozenset("0123456789")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def literal_prefix(pattern: str) -> str:
    r"""What a subject must begin with to match, as far as is plain to see: `/blog/` of `^/blog/(\d+)`."""
    if pattern[:1] != "^" or HIDING.search(pattern) or _has_alternatives(pattern):
        return ""
    found = PREFIX.match(pattern, 1)
    assert found is not None  # it matches the empty text
    return re.sub(r"\\(.)", r"\1", found[0])


def _has_alternatives(pattern: str) -> bool:
    """Whether a bar outside of all groups makes the beginning one of several."""
    depth = 0
    for found in BARS.finditer(pattern):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if found[0] == "|" and depth <= 0:
            return True
    return False


# What a parenthesis may stand in without being one: quotes, comments, names of verbs.
HIDING = re.compile(r"\\[Qc]|\(\*|\(\?(?:#|[A-Za-z^\-]*x)")
BARS = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|[()|]", re.DOTALL)
PREFIX = re.compile(r"(?:(?:[A-Za-z0-9/_\-~=:;,@% ]|\\[./_\-+ ])(?![*?{+]))*")
