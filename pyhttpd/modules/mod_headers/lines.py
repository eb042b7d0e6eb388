"""Reading a line of mod_headers: its words, the formats in its value, its condition.

The order of the checks and their texts are 2.2's.
"""

import re
import time
from collections.abc import Callable

from pyhttpd.config.regex import Regex, compile
from pyhttpd.config.walk import Context
from pyhttpd.core.request import Request
from pyhttpd.modules.mod_headers.rules import ACTIONS, EARLY, Part, Rule

NULL = "(null)"
BACKSLASH = {"\\\\": "\\", "\\r": "\r", "\\n": "\n", "\\t": "\t"}
BACKSLASHED = re.compile(r"\\[\\rnt]")
FORMAT = re.compile(r"%(?P<end>%|\Z)|%(?:\{(?P<name>[^}]*)\}?)?(?P<letter>.?)|(?P<text>[^%]+)", re.DOTALL)


def read(ctx: Context, words: tuple[str, ...], of_request: bool) -> Rule:
    """The rule that a line's words are. Raises ValueError with what is wrong."""
    action, name, *rest = (*words, "", "")[: max(2, len(words))]
    action = action.lower()
    most = 3 if action.startswith("edit") else 2
    if len(words) > 5:
        raise ValueError(f"{ctx.name} has too many arguments")
    if action not in ACTIONS:
        raise ValueError(
            "first argument must be 'add', 'set', 'append', 'merge', 'unset', 'echo', 'edit', or 'edit*'."
        )
    if most == 3 and len(rest) < 2:
        raise ValueError("Header edit requires a match and a substitution")
    if len(rest) > most and most == 2:
        raise ValueError("Header has too many arguments")
    values, condition = _divided(action, rest, of_request)
    bare = name.partition(":")[0]
    if action in ("edit", "edit*"):
        pattern = _compiled(values[0], "Header edit regex could not be compiled")
        return Rule(action, bare, ctx.location, (), pattern, values[1], condition)
    if action == "echo":
        return Rule(action, bare, ctx.location, (), _compiled(name, ECHO_REGEX), condition=condition)
    return Rule(action, bare, ctx.location, parse(values[0]) if values else (), condition=condition)


ECHO_REGEX = "Header echo regex could not be compiled"
NEEDS = {"edit": 2, "edit*": 2, "unset": 0, "echo": 0}  # words behind the name; the others need one


def _divided(action: str, rest: list[str], of_request: bool) -> tuple[list[str], str]:
    """The words an action needs, and its condition."""
    needs = NEEDS.get(action, 1)
    if len(rest) > needs + 1:
        raise ValueError(
            "header unset takes two arguments" if action == "unset" else "Header echo takes two arguments"
        )
    if action == "echo" and of_request:
        raise ValueError("Header echo only valid on Header directives")
    if len(rest) < needs:
        raise ValueError("Header requires three arguments")
    return rest[:needs], _condition(rest[needs]) if len(rest) > needs else ""


def _condition(word: str) -> str:
    if word.lower() == EARLY:
        return EARLY
    if word[:4].lower() != "env=":
        raise ValueError("error: envclause should be in the form env=envar")
    if word[4:] in ("", "!"):
        raise ValueError(
            "error: missing environment variable name. envclause should be in the form env=envar "
        )
    return word[4:]


def _compiled(pattern: str, message: str) -> Regex:
    try:
        return compile(pattern)
    except ValueError:
        raise ValueError(message) from None


def parse(text: str) -> tuple[Part, ...]:
    """The parts of a value: text, and %t %D %{name}e %{name}s. Raises ValueError for other letters."""
    return tuple(_part(found) for found in FORMAT.finditer(text) if found[0])


def _part(found: re.Match[str]) -> Part:
    if (text := found["text"]) is not None:
        return _constant(BACKSLASHED.sub(lambda escape: BACKSLASH[escape[0]], text))
    if found["end"] is not None:
        return _constant("%")
    if (make := LETTERS.get(found["letter"])) is None:
        raise ValueError(f"Unrecognized header format %{found['letter']}")
    return make(found["name"] or "")


def _constant(text: str) -> Part:
    return lambda request: text


def _once(request: Request) -> None:
    if request.journal is not None:
        request.journal.never_again("a header field tells the time of this very request")


def _received(request: Request) -> str:
    _once(request)
    return f"t={int(request.received * 1_000_000)}"


def _duration(request: Request) -> str:
    _once(request)
    return f"D={(time.monotonic_ns() - request.started_ns) // 1000}"


def _of_tls(request: Request, name: str) -> str:
    look_up = request.server.server.providers.get(("ssl", "variable"))
    return (look_up(request, name) if look_up else "") or NULL


LETTERS: dict[str, Callable[[str], Part]] = {
    "t": lambda _name: _received,
    "D": lambda _name: _duration,
    "e": lambda name: lambda request: request.env.get(name, NULL),
    "s": lambda name: lambda request: _of_tls(request, name),
}
