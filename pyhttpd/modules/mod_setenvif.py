"""mod_setenvif: variables that depend on what the client sent. Manual: mod/mod_setenvif.

Lines outside of sections are tried as soon as a request's head is read, those of sections and .htaccess files
once the place is known (header_parser), and each sees what earlier ones have set.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from pyhttpd.config.directive import Override
from pyhttpd.config.merge import EXTEND, merged
from pyhttpd.config.regex import Match, Regex, compile, expand
from pyhttpd.config.walk import Context
from pyhttpd.core.hooks import DECLINED, HEADER_PARSER, POST_READ_REQUEST, Result
from pyhttpd.core.hostnames import remote_host
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request
from pyhttpd.diagnostics import Location

UNSET = "!"
PLAIN_NAME = re.compile(r"[-A-Za-z0-9_]*")
PREDEFINED: dict[str, Callable[[Request], str]] = {
    "remote_addr": lambda request: request.client_ip,
    "remote_host": lambda request: remote_host(request) or request.client_ip,
    "server_addr": lambda request: request.connection.local[0],
    "request_uri": lambda request: request.uri,
    "request_method": lambda request: request.method,
    "request_protocol": lambda request: request.protocol,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: what to look at, what it must match, and what is set then."""

    attribute: str
    names: Regex | None  # where the attribute is an expression: for the names of header fields
    pattern: Regex
    settings: tuple[tuple[str, str], ...]  # a value that begins with ! takes the variable away
    location: Location

    def subject(self, request: Request) -> str:
        """The text to match; what is not there is an empty one."""
        if (predefined := PREDEFINED.get(self.attribute.lower())) is not None:
            return predefined(request)
        if self.names is not None:
            return _by_pattern(request, self.names)
        value = request.header(self.attribute)
        return request.env.get(self.attribute, "") if value is None else value

    def apply(self, request: Request, match: Match) -> None:
        """Set and unset."""
        for name, value in self.settings:
            if value.startswith(UNSET):
                request.env.pop(name, None)
            else:
                request.env[name] = expand(value, match)


@dataclass(frozen=True, slots=True)
class PerServer:
    """The lines outside of sections."""

    rules: tuple[Rule, ...] = merged((), EXTEND)


@dataclass(frozen=True, slots=True)
class PerDir:
    """The lines of sections and .htaccess files."""

    rules: tuple[Rule, ...] = merged((), EXTEND)


module = Module("setenvif_module", per_server=PerServer, per_dir=PerDir, replayable=True)


@module.directive("SetEnvIf", into="rules", override=Override.FILEINFO)
def set_env_if(ctx: Context, *words: str) -> tuple[Rule]:
    """a header field or property, a regular expression for it, and variables to set or unset"""
    return _by_attribute(ctx, words, ignore_case=False)


@module.directive("SetEnvIfNoCase", into="rules", override=Override.FILEINFO)
def set_env_if_no_case(ctx: Context, *words: str) -> tuple[Rule]:
    """as SetEnvIf, whatever the letter case"""
    return _by_attribute(ctx, words, ignore_case=True)


@module.directive("BrowserMatch", into="rules", override=Override.FILEINFO)
def browser_match(ctx: Context, *words: str) -> tuple[Rule]:
    """a regular expression for the client's User-Agent, and variables to set or unset"""
    return _rule(ctx, "User-Agent", words, ignore_case=False)


@module.directive("BrowserMatchNoCase", into="rules", override=Override.FILEINFO)
def browser_match_no_case(ctx: Context, *words: str) -> tuple[Rule]:
    """as BrowserMatch, whatever the letter case"""
    return _rule(ctx, "User-Agent", words, ignore_case=True)


@module.hook(POST_READ_REQUEST, reads=PerServer)
def by_server(request: Request) -> Result:
    """The lines outside of sections."""
    return apply(request, request.server.config(PerServer).rules)


@module.hook(HEADER_PARSER, reads=PerDir)
def by_place(request: Request) -> Result:
    """The lines of sections and .htaccess files."""
    return apply(request, request.config(PerDir).rules)


def apply(request: Request, rules: tuple[Rule, ...]) -> Result:
    """Every rule in order; a later one sees what an earlier one set."""
    for rule in rules:
        if (match := rule.pattern.search(rule.subject(request))) is not None:
            rule.apply(request, match)
            if request.explaining:
                request.step("mod_setenvif", f"{rule.attribute} sets {_shown(rule)}", rule.location)
    return DECLINED


def _shown(rule: Rule) -> str:
    return " ".join(name for name, _ in rule.settings)


def _by_pattern(request: Request, names: Regex) -> str:
    """The value of the last header field whose name matches."""
    if request.journal is not None:
        request.journal.never_again("SetEnvIf looks for header fields by a pattern")
    found = [value for name, value in request.headers_in.items() if names.matches(name)]
    return found[-1] if found else ""


def _by_attribute(ctx: Context, words: tuple[str, ...], ignore_case: bool) -> tuple[Rule]:
    if not words or not words[0]:
        raise ValueError(f"Missing header-field name for {ctx.name}")
    return _rule(ctx, words[0], words[1:], ignore_case)


def _rule(ctx: Context, attribute: str, words: tuple[str, ...], ignore_case: bool) -> tuple[Rule]:
    if not words or not words[0]:
        raise ValueError(f"Missing regular expression for {ctx.name}")
    pattern = _compiled(words[0], ignore_case, f"{ctx.name} regex could not be compiled.")
    names = None
    if not PLAIN_NAME.fullmatch(attribute):
        names = _compiled(attribute, ignore_case, "Header name regex could not be compiled.")
    if len(words) == 1 or not words[1]:
        raise ValueError(f"Missing envariable expression for {ctx.name}")
    return (Rule(attribute, names, pattern, tuple(map(_setting, words[1:])), ctx.location),)


def _compiled(pattern: str, ignore_case: bool, message: str) -> Regex:
    try:
        return compile(pattern, ignore_case)
    except ValueError:
        raise ValueError(message) from None


def _setting(word: str) -> tuple[str, str]:
    """`VAR=value`, `VAR` (which is 1) or `!VAR`."""
    name, _, value = word.partition("=")
    if value := value.lstrip("="):
        return name, value
    return (name[1:], UNSET) if name.startswith("!") else (name, "1")
