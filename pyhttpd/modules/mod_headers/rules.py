"""What one line of mod_headers says, and what it does to a table of fields.

A line end that a value would bring into an answer becomes a blank: nobody splits an answer in two.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from pyhttpd.config.regex import Regex, expand
from pyhttpd.core.request import Request
from pyhttpd.diagnostics import Location
from pyhttpd.http.headers import Headers

EARLY = "early"
CONTENT_TYPE = "content-type"
LINE_END = re.compile(r"[\r\n]+[ \t]*")
NEEDS_FIELD = {"unset", "edit", "edit*"}  # actions that change what is there
TOKEN = re.compile(r'\s*((?:"[^"]*"?|[^,"])*)')
Part = Callable[[Request], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: the action, the field it is about, and what it needs."""

    action: str
    name: str
    location: Location
    parts: tuple[Part, ...] = ()  # of the value
    pattern: Regex | None = None
    replacement: str = ""
    condition: str = ""  # "early", VARIABLE or !VARIABLE

    @property
    def early(self) -> bool:
        """Whether it runs before anything else."""
        return self.condition == EARLY

    def holds(self, request: Request) -> bool:
        """Whether its env= condition is met."""
        if not self.condition or self.early:
            return True
        wanted, name = not self.condition.startswith("!"), self.condition.removeprefix("!")
        return (name in request.env) is wanted

    def value(self, request: Request) -> str:
        """The value with its formats filled in."""
        return LINE_END.sub(" ", "".join(part(request) for part in self.parts))


def apply(request: Request, headers: Headers, rules: tuple[Rule, ...], early: bool = False) -> None:
    """Run the rules whose time it is and whose condition holds."""
    for rule in rules:
        if rule.early is early and rule.holds(request):
            if headers is request.headers_in and request.journal is not None and _has_effect(request, rule):
                request.journal.never_again("RequestHeader changed what the request says")
            ACTIONS[rule.action](request, headers, rule)
            if request.explaining:
                of_answer = headers is not request.headers_in
                always = " (always)" if headers is request.err_headers_out else ""
                said = f"{rule.action} {rule.name}{always}"
                request.step("mod_headers", said, rule.location, decides=of_answer)


def _has_effect(request: Request, rule: Rule) -> bool:
    """Whether a request is changed. That there is no such field, where it would be, is an input."""
    return rule.action not in NEEDS_FIELD or request.header(rule.name) is not None


def _set(request: Request, headers: Headers, rule: Rule) -> None:
    value = rule.value(request)
    if rule.name.lower() == CONTENT_TYPE:
        request.content_type = value
    headers.set(rule.name, value)


def _merge(request: Request, headers: Headers, rule: Rule) -> None:
    value = rule.value(request)
    there = headers.get(rule.name)
    if there is None or value not in tokens(there):
        headers.merge(rule.name, value)


def tokens(listed: str) -> list[str]:
    """The parts of a comma-separated value; a comma in quotes divides nothing."""
    found, position = [], 0
    while position < len(listed):
        match = TOKEN.match(listed, position)
        assert match is not None  # the expression takes any text
        found.append(match[1])
        position = match.end() + 1
    return found


def _echo(request: Request, headers: Headers, rule: Rule) -> None:
    if request.journal is not None:
        request.journal.never_again("Header echo looks at every field of the request")
    for name, value in list(request.headers_in.items()):
        if rule.pattern is not None and rule.pattern.matches(name):
            request.headers_out.add(name, value)


def _edit(request: Request, headers: Headers, rule: Rule) -> None:
    if rule.name.lower() == CONTENT_TYPE and request.content_type:
        request.content_type = edited(rule, request.content_type)
    if values := headers.get_all(rule.name):
        headers.unset(rule.name)
        for value in values:
            headers.add(rule.name, edited(rule, value))


def edited(rule: Rule, value: str) -> str:
    """A value with the first match replaced; edit* searches the rest as a text of its own, and so on."""
    done, rest = "", value
    while rule.pattern is not None and (match := rule.pattern.search(rest)) is not None:
        done += match.before + expand(rule.replacement, match)
        rest, empty = match.after, not match.group()
        if rule.action != "edit*" or not rest:
            break
        if empty:
            done, rest = done + rest[0], rest[1:]
    return LINE_END.sub(" ", done + rest)


ACTIONS: dict[str, Callable[[Request, Headers, Rule], None]] = {
    "add": lambda request, headers, rule: headers.add(rule.name, rule.value(request)),
    "set": _set,
    "append": lambda request, headers, rule: headers.merge(rule.name, rule.value(request)),
    "merge": _merge,
    "unset": lambda request, headers, rule: headers.unset(rule.name),
    "echo": _echo,
    "edit": _edit,
    "edit*": _edit,
}
