"""mod_alias: map URLs to files outside of DocumentRoot, and send clients elsewhere. Manual: mod/mod_alias.

Alias and ScriptAlias are one list, the Redirects another that is asked before it; in both the first rule
that matches counts, a virtual host's rules before the main server's. A Redirect inside of a section or
.htaccess is asked in fixups, when access has been granted, and still compares the whole URL path.
"""

import re
from dataclasses import dataclass

from pyhttpd.config.directive import Override, Where
from pyhttpd.config.merge import PREPEND, merged
from pyhttpd.config.regex import Regex, compile, expand
from pyhttpd.config.walk import Context
from pyhttpd.core.canonical import construct_url
from pyhttpd.core.hooks import DECLINED, FIXUPS, OK, TRANSLATE_NAME, Result
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request
from pyhttpd.core.uri import escape_path, escape_uri
from pyhttpd.diagnostics import Location

STATUS_WORDS = {"permanent": 301, "temp": 302, "seeother": 303, "gone": 410}
URL = re.compile(r"[A-Za-z0-9+.-]+:")
TARGET = re.compile(r"(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?", re.DOTALL)
CGI = "cgi-script"


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of the URLs that begin with `source`, or match it where it is a regular expression."""

    shown: str  # "Alias /icons/ -> /usr/share/icons/"
    source: re.Pattern[str] | Regex
    target: str
    location: Location
    status: int = 0  # a redirect's; an alias has none
    handler: str | None = None

    def file(self, uri: str) -> str | None:
        """The file for a URL path, None where the rule does not match."""
        if isinstance(self.source, Regex):
            return expand(self.target, match) if (match := self.source.search(uri)) else None
        return self.target + uri[begin.end() :] if (begin := self.source.match(uri)) else None

    def url(self, uri: str) -> str | None:
        """The same for a redirect, whose target is a URL: what it took from the path is escaped."""
        if isinstance(self.source, Regex):
            return _escaped(expand(self.target, match)) if (match := self.source.search(uri)) else None
        return self.target + escape_path(uri[begin.end() :]) if (begin := self.source.match(uri)) else None

    def overlaps(self, path: str) -> bool:
        """Whether a path that stands in a later Alias would have been answered by this one."""
        return (
            self.source.search(path) is not None
            if isinstance(self.source, Regex)
            else bool(self.source.match(path))
        )


@dataclass(frozen=True, slots=True)
class PerServer:
    """What applies before it is known which file is meant."""

    aliases: tuple[Rule, ...] = merged((), PREPEND)
    redirects: tuple[Rule, ...] = merged((), PREPEND)


@dataclass(frozen=True, slots=True)
class PerDir:
    """What waits until access has been granted."""

    redirects: tuple[Rule, ...] = merged((), PREPEND)


module = Module("alias_module", per_server=PerServer, per_dir=PerDir, replayable=True)


@module.directive("Alias", into="aliases", where=Where.SERVER)
def alias(ctx: Context, url_path: str, file_path: str) -> tuple[Rule]:
    """a URL path, and the file or folder that it stands for"""
    return _alias(ctx, url_path, file_path, None)


@module.directive("ScriptAlias", into="aliases", where=Where.SERVER)
def script_alias(ctx: Context, url_path: str, file_path: str) -> tuple[Rule]:
    """a URL path, and the script or the folder of scripts that it stands for"""
    return _alias(ctx, url_path, file_path, CGI)


@module.directive("AliasMatch", into="aliases", where=Where.SERVER)
def alias_match(ctx: Context, pattern: str, file_path: str) -> tuple[Rule]:
    """a regular expression for URL paths, and a file name that may hold $1 to $9"""
    return (Rule(_shown(ctx, pattern, file_path), _regex(pattern), file_path, ctx.location),)


@module.directive("ScriptAliasMatch", into="aliases", where=Where.SERVER)
def script_alias_match(ctx: Context, pattern: str, file_path: str) -> tuple[Rule]:
    """a regular expression for URL paths, and a script's name that may hold $1 to $9"""
    shown = _shown(ctx, pattern, file_path)
    return (Rule(shown, _regex(pattern), file_path, ctx.location, handler=CGI),)


@module.directive("Redirect", into="redirects", override=Override.FILEINFO)
def redirect(ctx: Context, first: str, second: str, third: str | None = None) -> tuple[Rule]:
    """an optional status, the URL path to move, and the URL it has moved to"""
    return _redirect(ctx, 302, first, second, third)


@module.directive("RedirectMatch", into="redirects", override=Override.FILEINFO)
def redirect_match(ctx: Context, first: str, second: str, third: str | None = None) -> tuple[Rule]:
    """an optional status, a regular expression for URL paths, and the URL they have moved to"""
    return _redirect(ctx, 302, first, second, third)


@module.directive("RedirectTemp", into="redirects", override=Override.FILEINFO)
def redirect_temp(ctx: Context, url_path: str, url: str) -> tuple[Rule]:
    """the URL path to move for now, and the URL it has moved to"""
    return _redirect(ctx, 302, url_path, url, None)


@module.directive("RedirectPermanent", into="redirects", override=Override.FILEINFO)
def redirect_permanent(ctx: Context, url_path: str, url: str) -> tuple[Rule]:
    """the URL path to move for good, and the URL it has moved to"""
    return _redirect(ctx, 301, url_path, url, None)


@module.hook(TRANSLATE_NAME, before=("userdir_module", "vhost_alias_module"), reads=PerServer)
def translate(request: Request) -> Result:
    """The server's redirects come first, then its aliases, in the order written."""
    if request.uri[:1] not in ("/", ""):
        return DECLINED
    rules = request.server.config(PerServer)
    if (answer := redirected(request, rules.redirects)) is not DECLINED:
        return answer
    for rule in rules.aliases:
        if (filename := rule.file(request.uri)) is not None:
            request.step("mod_alias", rule.shown, rule.location, decides=True)
            request.filename = filename
            if rule.handler:
                request.handler = request.notes["alias-forced-type"] = rule.handler
            return OK
    return DECLINED


@module.hook(FIXUPS, reads=PerDir)
def fixup(request: Request) -> Result:
    """A section's redirects wait until access has been granted."""
    return redirected(request, request.config(PerDir).redirects)


def redirected(request: Request, rules: tuple[Rule, ...]) -> Result:
    """The status of the first redirect that matches, its target in Location."""
    for rule in rules:
        if (target := rule.url(request.uri)) is None:
            continue
        request.step("mod_alias", rule.shown, rule.location, decides=True)
        return _send(request, target, rule.status) if 300 <= rule.status < 400 else rule.status
    return DECLINED


def _send(request: Request, target: str, status: int) -> int:
    if target.startswith("/"):
        target = construct_url(request, target)
    if not URL.match(target):
        request.log(
            "error",
            f"cannot redirect '{request.uri}' to '{target}'; target is not a valid absoluteURI or abs_path",
        )
        return 500
    query = f"?{request.query}" if request.query is not None and "?" not in target else ""
    request.headers_out.set("Location", target + query)
    return status


def _alias(ctx: Context, url_path: str, file_path: str, handler: str | None) -> tuple[Rule]:
    for earlier in ctx.layer.values.get(PerServer, {}).get("aliases", ()):
        if earlier.overlaps(url_path):
            kind = ("Script" if earlier.handler else "") + "Alias"
            ctx.warn(
                f"The {ctx.name} directive in {ctx.location.source.name} at line {ctx.location.line} will "
                f"probably never match because it overlaps an earlier "
                f"{kind}{'Match' if isinstance(earlier.source, Regex) else ''}."
            )
            break
    shown = _shown(ctx, url_path, file_path)
    return (Rule(shown, _prefix(url_path), file_path, ctx.location, handler=handler),)


def _redirect(ctx: Context, default: int, first: str, second: str, third: str | None) -> tuple[Rule]:
    status = STATUS_WORDS.get(first.lower(), int(re.match("[0-9]{1,9}|", first)[0] or 0))  # type: ignore[index]
    source, target = (second, third) if status or first[:1].isdecimal() else (first, second)
    if source is first and third is not None:
        raise ValueError("Redirect: invalid first argument (of three)")
    status = status if source is second else default
    pattern = _regex(source) if ctx.name.lower() == "redirectmatch" else _prefix(source)
    if not 300 <= status < 400:
        if target is not None:
            raise ValueError("Redirect URL not valid for this status")
    elif target is None:
        raise ValueError("URL to redirect to is missing")
    elif not isinstance(pattern, Regex) and not URL.match(target) and not target.startswith("/"):
        raise ValueError("Redirect to non-URL")
    return (Rule(_shown(ctx, source, target or str(status)), pattern, target or "", ctx.location, status),)


def _shown(ctx: Context, source: str, target: str) -> str:
    return f"{ctx.name} {source} -> {target}"


def _regex(pattern: str) -> Regex:
    try:
        return compile(pattern)
    except ValueError:
        raise ValueError("Regular expression could not be compiled.") from None


def _prefix(path: str) -> re.Pattern[str]:
    """Whole segments only, any number of slashes where the path has one; an empty path matches nothing."""
    if not path:
        return re.compile("(?!)")
    parts = "/+".join(map(re.escape, re.split("/+", path)))
    return re.compile(parts if path.endswith("/") else parts + r"(?=/|\Z)")


def _escaped(url: str) -> str:
    """A URL made from a template: its path is escaped, its query and fragment are the administrator's own."""
    found = TARGET.fullmatch(url)
    assert found is not None  # the expression takes any text
    return escape_uri(found["path"]) + (found["query"] or "") + (found["fragment"] or "")
