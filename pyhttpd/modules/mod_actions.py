"""mod_actions: let a script answer for a media type, a handler's name or a method. Manual: mod/mod_actions.

The script gets the request by an internal redirect, the asked-for URL as its path information. An Action goes
before a Script; the file must exist unless the Action says `virtual`; Script GET needs a query.
"""

from dataclasses import dataclass
from typing import NamedTuple

from pyhttpd.config.directive import Override, Where
from pyhttpd.config.merge import UPDATE, merged
from pyhttpd.config.walk import Context
from pyhttpd.core.core_module.schema import PerDir as CorePerDir
from pyhttpd.core.hooks import HANDLER, Order
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request
from pyhttpd.core.subrequest import internal_redirect
from pyhttpd.core.uri import escape_uri
from pyhttpd.diagnostics import Location

NOT_FOUND = 404


class Script(NamedTuple):
    """What answers: a URL path of this server."""

    path: str
    virtual: bool
    location: Location


@dataclass(frozen=True, slots=True)
class PerDir:
    """Which scripts answer for what: media types and handlers in lower case, methods as sent."""

    actions: dict[str, Script] = merged({}, UPDATE)
    scripts: dict[str, Script] = merged({}, UPDATE)


module = Module("actions_module", per_dir=PerDir, replayable=True)


@module.directive("Action", into="actions", override=Override.FILEINFO)
def action(ctx: Context, media_type: str, path: str, option: str | None = None) -> dict[str, Script]:
    """a media type or handler, and the URL path of the script that answers for it"""
    if option is not None and option.lower() != "virtual":
        raise ValueError(f"unrecognized option '{option}'")
    return {media_type.lower(): Script(path, option is not None, ctx.location)}


@module.directive("Script", into="scripts", where=Where.ANYWHERE)
def script(ctx: Context, method: str, path: str) -> dict[str, Script]:
    """a method, and the URL path of the script that answers requests with it"""
    if method == "TRACE":
        raise ValueError("TRACE not allowed for Script")
    return {"GET" if method == "HEAD" else method: Script(path, True, ctx.location)}


@module.hook(HANDLER, order=Order.LAST, reads=PerDir)
def handle(request: Request) -> object:
    """Hand the request to its script, if it has one."""
    settings = request.config(PerDir)
    if not settings.actions and not settings.scripts:
        return None
    request.allowed.update(settings.scripts)
    chosen = by_method(request, settings)
    if chosen and request.prev is not None and request.prev.prev is not None:
        return None  # the script's own answer leads here again and again
    name = request.handler or _media_type(request)
    if (found := settings.actions.get(name.lower())) is not None:
        if not found.virtual and request.info is None:
            request.log("error", f"File does not exist: {request.filename}")
            return NOT_FOUND
        chosen = found
        request.env["HANDLER"] = name
    if chosen is None:
        return None
    request.step("mod_actions", f"{name} is answered by {chosen.path}", chosen.location, decides=True)
    query = "" if request.query is None else f"?{request.query}"
    return internal_redirect(request, chosen.path + escape_uri(request.uri) + query)


def by_method(request: Request, settings: PerDir) -> Script | None:
    """The Script for the request's method; a GET without a query is for the file itself."""
    if request.method in ("GET", "HEAD"):
        return None if request.query is None else settings.scripts.get("GET")
    return settings.scripts.get(request.method)


def _media_type(request: Request) -> str:
    return (request.content_type or request.config(CorePerDir).default_type).partition(";")[0].strip()
