"""mod_headers: change the header fields of requests and answers. Manual: mod/mod_headers.

Three lists, each in the order written, outer sections first: RequestHeader's (run in fixups), Header's for
answers that succeed, and Header always's for the fields that errors keep. The last two run as a filter when
the handler is done. Lines that end in `early` run on a request just read, before it is known what it is for.

`rules` holds what a line does, `lines` how it is read.
"""

from dataclasses import dataclass

from pyhttpd.config.directive import Override
from pyhttpd.config.merge import EXTEND, merged
from pyhttpd.config.walk import Context
from pyhttpd.core.filters import CONTENT_SET, insert
from pyhttpd.core.hooks import (
    DECLINED,
    FIXUPS,
    INSERT_ERROR_FILTER,
    INSERT_FILTER,
    POST_READ_REQUEST,
    Order,
    Result,
)
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request
from pyhttpd.http.response import Body
from pyhttpd.modules.mod_headers.lines import read
from pyhttpd.modules.mod_headers.rules import Rule, apply


@dataclass(frozen=True, slots=True)
class PerDir:
    """The three lists."""

    of_request: tuple[Rule, ...] = merged((), EXTEND)
    on_success: tuple[Rule, ...] = merged((), EXTEND)
    always: tuple[Rule, ...] = merged((), EXTEND)


module = Module("headers_module", per_dir=PerDir, replayable=True)


@module.directive("Header", override=Override.FILEINFO)
def header(ctx: Context, *words: str) -> dict[str, tuple[Rule]]:
    """an action, a field of the answer, a value, and a condition"""
    first = words[0].lower() if words else ""
    if first in ("always", "onsuccess"):
        words = words[1:]
    return {"always" if first == "always" else "on_success": (read(ctx, words, of_request=False),)}


@module.directive("RequestHeader", into="of_request", override=Override.FILEINFO)
def request_header(ctx: Context, *words: str) -> tuple[Rule]:
    """an action, a field of the request, a value, and a condition"""
    return (read(ctx, words, of_request=True),)


@module.hook(POST_READ_REQUEST, order=Order.FIRST, reads=PerDir)
def early(request: Request) -> Result:
    """The lines that end in early, before anybody looks at the request."""
    settings = request.config(PerDir)
    apply(request, request.headers_in, settings.of_request, early=True)
    apply(request, request.err_headers_out, settings.always, early=True)
    apply(request, request.headers_out, settings.on_success, early=True)
    return DECLINED


@module.hook(FIXUPS, order=Order.LAST, reads=PerDir)
def fixup(request: Request) -> Result:
    """RequestHeader."""
    apply(request, request.headers_in, request.config(PerDir).of_request)
    return DECLINED


@module.hook(INSERT_FILTER, order=Order.LAST, reads=PerDir)
def insert_filter(request: Request) -> None:
    """Both lists of Header for an answer that a handler gives."""
    settings = request.config(PerDir)
    if settings.on_success or settings.always:
        insert(request, CONTENT_SET, answer)


@module.hook(INSERT_ERROR_FILTER, reads=PerDir)
def insert_error_filter(request: Request) -> None:
    """Header always for an answer that the server makes of an error."""
    if request.config(PerDir).always:
        insert(request, CONTENT_SET, error_answer)


def answer(request: Request, body: Body) -> Body:
    """The filter of successful answers: it changes fields and lets the body pass."""
    settings = request.config(PerDir)
    apply(request, request.err_headers_out, settings.always)
    apply(request, request.headers_out, settings.on_success)
    return body


def error_answer(request: Request, body: Body) -> Body:
    """The filter of the server's own error answers."""
    apply(request, request.err_headers_out, request.config(PerDir).always)
    return body
