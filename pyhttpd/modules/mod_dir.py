"""mod_dir: the slash behind a folder's name, the page that stands for a folder, and one for what is missing.

All three are decided in fixups, last of all modules: the folder or the missing file must have passed access
control first, and so must what takes its place (a subrequest sees to that). Manual: mod/mod_dir.
"""

import stat
from dataclasses import dataclass

from pyhttpd.config.directive import Override, setting
from pyhttpd.config.merge import COLLECT, merged
from pyhttpd.config.values import Flag
from pyhttpd.core.canonical import construct_url
from pyhttpd.core.hooks import DECLINED, FIXUPS, OK, Order, Result
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request
from pyhttpd.core.subrequest import internal_fast_redirect, lookup_uri
from pyhttpd.core.uri import escape_uri
from pyhttpd.diagnostics import Location

DIRECTORY_HANDLER = "httpd/unix-directory"
NOT_FOUND, MOVED_PERMANENTLY = 404, 301
TOLD_BY_THE_LAST = (401, 406)  # of the last name in the list these are the answer at once


@dataclass(frozen=True, slots=True)
class PerDir:
    """How requests for folders are answered."""

    names: tuple[str, ...] = merged(("index.html",), COLLECT)
    slash: Flag = setting(
        "DirectorySlash", True, override=Override.INDEXES, doc="whether /folder is redirected to /folder/"
    )
    fallback: str = setting(
        "FallbackResource", "", override=Override.INDEXES, doc="URL path that answers for what does not exist"
    )


module = Module("dir_module", per_dir=PerDir, replayable=True)


@module.directive("DirectoryIndex", into="names", override=Override.INDEXES)
def directory_index(*names: str) -> tuple[str, ...]:
    """names to look for, one after the other, when a folder is asked for"""
    return names


@module.hook(FIXUPS, order=Order.LAST)
def fixup(request: Request) -> Result:
    """Folders get their slash or their index; what is not there and has no handler, the fallback."""
    if request.info is None:
        return DECLINED if request.handler else fallback(request)
    if not stat.S_ISDIR(request.info.st_mode):
        return DECLINED
    request.handler = request.handler or DIRECTORY_HANDLER
    if request.path_info:
        return DECLINED
    if not request.uri.endswith("/"):
        return slash(request)
    return index(request) if request.handler == DIRECTORY_HANDLER else DECLINED


def slash(request: Request) -> Result:
    """Send the client to the same folder with a slash, so that relative links work."""
    if not request.config(PerDir).slash:
        return DECLINED
    if request.method not in ("GET", "HEAD") and "redirect-carefully" in request.env:
        return DECLINED
    path = escape_uri(request.uri) + "/" + _query(request)
    request.headers_out.set("Location", construct_url(request, path))
    request.step("mod_dir", "a folder's URL ends in a slash", _origin(request, "slash"), decides=True)
    return MOVED_PERMANENTLY


def index(request: Request) -> Result:
    """The first name of DirectoryIndex that leads to a file takes the folder's place."""
    error = DECLINED
    names = request.config(PerDir).names
    for left, name in zip(range(len(names) - 1, -1, -1), names, strict=True):
        found = lookup_uri(request, name + _query(request))
        if taken(request, found):
            request.step("mod_dir", f"DirectoryIndex {name}", _origin(request, "names"), decides=True)
            return OK
        if 300 <= found.status < 400 or (found.status in TOLD_BY_THE_LAST and not left):
            return _handed_on(request, found)
        if found.status not in (200, NOT_FOUND):
            error = found.status
    return error


def fallback(request: Request) -> Result:
    """FallbackResource takes the place of what does not exist."""
    name = request.config(PerDir).fallback
    if not name or name.lower() == "disabled":
        return DECLINED
    found = lookup_uri(request, name + _query(request))
    if taken(request, found):
        request.step("mod_dir", f"FallbackResource {name}", _origin(request, "fallback"), decides=True)
        return OK
    if 300 <= found.status < 400:
        return _handed_on(request, found)
    return DECLINED if found.status in (200, NOT_FOUND) else found.status


def taken(request: Request, found: Request) -> bool:
    """Whether a subrequest found a file (or another server's); the request has then become it."""
    is_file = found.info is not None and stat.S_ISREG(found.info.st_mode)
    if found.status != 200 or not (is_file or found.handler == "proxy-server"):
        return False
    internal_fast_redirect(request, found)
    return True


def _handed_on(request: Request, found: Request) -> int:
    """What a subrequest would have told the client, told for the request."""
    request.notes.update(found.notes)
    request.headers_out.update_from(found.headers_out)
    request.err_headers_out.update_from(found.err_headers_out)
    return found.status


def _query(request: Request) -> str:
    return "" if request.query is None else f"?{request.query}"


def _origin(request: Request, field: str) -> Location | None:
    return request.layer.line(PerDir, field)
