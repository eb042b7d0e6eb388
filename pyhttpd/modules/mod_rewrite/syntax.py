"""RewriteRule and RewriteCond as written: words, flags, and the immutable rules they become.

The lines have a grammar of their own: words end at white space unless a quote stands before them, and a
backslash before a blank stays, which is what patterns and templates want. A condition waits in its `RuleSet`
for the next rule; adding one set to another brings the two together.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pyhttpd.config.regex import Regex
from pyhttpd.diagnostics import Location
from pyhttpd.http.status import REASONS
from pyhttpd.modules.mod_rewrite.conditions import Condition, test_of
from pyhttpd.modules.mod_rewrite.template import Template, parse

STATUS_WORDS = {"permanent": 301, "temp": 302, "seeother": 303}
FORBIDDEN, GONE, FOUND = 403, 410, 302
WORD = re.compile(
    r"""\s* (?: "(?P<double> (?: \\\s | [^"] )* ) (?: " | \Z )
             | '(?P<single> (?: \\\s | [^'] )* ) (?: ' | \Z )
             |  (?P<bare>   (?: \\\s | \S   )* ) )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Flags:
    """What a rule does beside putting its substitution in the place of the URL."""

    chain: bool = False  # C: if it does not match, neither does the next one
    cookies: tuple[Template, ...] = ()  # CO
    discard_path_info: bool = False  # DPI
    discard_query: bool = False  # QSD
    end: bool = False  # END: as L, and no more rules for this request at all
    env: tuple[Template, ...] = ()  # E
    escape_groups: bool = False  # B
    handler: Template | None = None  # H
    ignore_case: bool = False  # NC
    last: bool = False  # L
    main_only: bool = False  # NS, and R as well
    media_type: Template | None = None  # T
    next_round: bool = False  # N
    pass_through: bool = False  # PT
    proxy: bool = False  # P
    query_append: bool = False  # QSA
    redirect: bool = False  # R
    redirect_status: int = FOUND
    skip: int = 0  # S
    status: int = 0  # F, G, or an R that is no redirect: answer with this
    verbatim: bool = False  # NE


Change = Callable[[str], Mapping[str, Any]]


def _redirect(word: str) -> Mapping[str, Any]:
    """R[=status]; one outside of 300 to 399 is the answer itself. Raises ValueError for no status at all."""
    status = STATUS_WORDS.get(word.lower(), FOUND)
    if digits := re.match("[0-9]{1,9}", word):
        status = int(digits[0])
        if status not in REASONS:
            raise ValueError(f"RewriteRule: invalid HTTP response code '{word}' for flag 'R'")
    if not 300 <= status < 400:
        return {"redirect": True, "main_only": True, "status": status}
    return {"redirect": True, "main_only": True, "redirect_status": status}


def _number(word: str) -> int:
    found = re.match(r"\s*([+-]?[0-9]{1,9})", word)
    return max(int(found[1]), 0) if found else 0


def _on(name: str) -> Change:
    return lambda _value: {name: True}


def _status(status: int) -> Change:
    return lambda _value: {"status": status}


RULE_FLAGS: dict[tuple[str, ...], Change] = {
    ("b", "backrefescaping"): _on("escape_groups"),
    ("c", "chain"): _on("chain"),
    ("co", "cookie"): lambda value: {"cookies": (parse(value),)},
    ("dpi", "d", "discardpath", "discardpathinfo"): _on("discard_path_info"),
    ("e", "env"): lambda value: {"env": (parse(value),)},
    ("end",): _on("end"),
    ("f", "forbidden"): _status(FORBIDDEN),
    ("g", "gone"): _status(GONE),
    ("h", "handler"): lambda value: {"handler": parse(value)},
    ("l", "last"): _on("last"),
    ("n", "next"): _on("next_round"),
    ("nc", "nocase"): _on("ignore_case"),
    ("ne", "noescape"): _on("verbatim"),
    ("ns", "nosubreq"): _on("main_only"),
    ("p", "proxy"): _on("proxy"),
    ("pt", "passthrough"): _on("pass_through"),
    ("qsa", "qsappend"): _on("query_append"),
    ("qsd", "qsdiscard"): _on("discard_query"),
    ("r", "redirect"): _redirect,
    ("s", "skip"): lambda value: {"skip": _number(value)},
    ("t", "type"): lambda value: {"media_type": parse(value)},
}
CONDITION_FLAGS: dict[tuple[str, ...], Change] = {
    ("nc", "nocase"): _on("ignore_case"),
    ("or", "ornext"): _on("or_next"),
    ("nv", "novary"): _on("no_vary"),
}


def _by_name(table: dict[tuple[str, ...], Change]) -> dict[str, Change]:
    return {name: change for names, change in table.items() for name in names}


FLAGS = {"RewriteRule": _by_name(RULE_FLAGS), "RewriteCond": _by_name(CONDITION_FLAGS)}


@dataclass(frozen=True, slots=True)
class Rule:
    """One RewriteRule line with the conditions before it."""

    pattern: Regex
    negated: bool
    substitution: Template | None  # None is the dash: leave the URL as it is
    flags: Flags
    location: Location
    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        return f"RewriteRule {'!' if self.negated else ''}{self.pattern.pattern} at {self.location}"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in their order, and conditions that wait for the next one."""

    rules: tuple[Rule, ...] = ()
    waiting: tuple[Condition, ...] = field(default=(), repr=False)

    def __add__(self, other: "RuleSet") -> "RuleSet":
        if not other.rules:
            return RuleSet(self.rules, self.waiting + other.waiting)
        first, *rest = other.rules
        first = replace(first, conditions=self.waiting + first.conditions) if self.waiting else first
        return RuleSet((*self.rules, first, *rest), other.waiting)


def rule_of(line: str, location: Location) -> Rule:
    """The rule that the arguments of RewriteRule are. Raises ValueError in 2.2's words."""
    pattern, result, given = words_of("RewriteRule", line)
    flags = Flags(**flags_of("RewriteRule", given))
    negated, bare = pattern[:1] == "!", pattern.removeprefix("!")
    compiled = _compiled("RewriteRule", bare, flags.ignore_case)
    substitution = None if result == "-" or flags.status else parse(result)
    return Rule(compiled, negated, substitution, flags, location)


def condition_of(line: str, location: Location) -> Condition:
    """The condition that the arguments of RewriteCond are. Raises ValueError in 2.2's words."""
    subject, pattern, given = words_of("RewriteCond", line)
    flags = {"ignore_case": False, "or_next": False, "no_vary": False, **flags_of("RewriteCond", given)}
    negated, bare = pattern[:1] == "!", pattern.removeprefix("!")
    try:
        test = test_of(bare, flags["ignore_case"])
    except ValueError:
        raise ValueError(f"RewriteCond: cannot compile regular expression '{bare}'") from None
    shown = bare[1:] if bare[:1] == "=" else bare
    return Condition(parse(subject), shown, test, negated, location=location, **flags)


def _compiled(directive: str, pattern: str, ignore_case: bool) -> Regex:
    try:
        return Regex(pattern, ignore_case)
    except ValueError:
        raise ValueError(f"{directive}: cannot compile regular expression '{pattern}'") from None


def words_of(directive: str, line: str) -> tuple[str, str, str | None]:
    """Two words and perhaps a third; what comes after them is ignored. Raises ValueError for fewer."""
    words: list[str] = []
    at = 0
    while len(words) < 3 and line[at:].strip():
        found = WORD.match(line, at)
        assert found is not None  # it matches anything
        words.append(next(word for word in found.groups() if word is not None))
        at = found.end()
    if len(words) < 2:
        raise ValueError(f"{directive}: bad argument line '{line}'")
    return words[0], words[1], words[2] if len(words) > 2 else None


def flags_of(directive: str, given: str | None) -> dict[str, Any]:
    """What `[flag,flag=value]` changes. Raises ValueError for a flag that is none."""
    if given is None:
        return {}
    if len(given) < 2 or given[0] != "[" or given[-1] != "]":
        raise ValueError(f"{directive}: bad flag delimiters")
    changes: dict[str, Any] = {}
    for one in given[1:-1].split(","):
        name, _, value = one.strip().partition("=")
        change = FLAGS[directive].get(name.lower())
        if change is None:
            raise ValueError(f"{directive}: unknown flag '{name}'")
        for key, said in change(value).items():
            changes[key] = changes.get(key, ()) + said if isinstance(said, tuple) else said
    return changes
