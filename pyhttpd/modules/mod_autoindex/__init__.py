"""List a directory that has no index file, much as `ls` would, where Options Indexes allows it.

A list can be plain, or have icons, dates, sizes and descriptions in columns that the reader may sort by. What
stands around it, how wide it is and what is left out is configured: `options.py` has the switches,
`settings.py` what is said of files, `entries.py` the rows, `page.py` the HTML, `around.py` what stands above
and below. This file declares the directives and answers.
"""

import os
from collections.abc import Callable
from typing import Any

from pyhttpd.config.directive import Override
from pyhttpd.config.walk import Context
from pyhttpd.core.core_module import schema as core
from pyhttpd.core.core_module.handler import discard_body, etag, last_modified
from pyhttpd.core.module import Module
from pyhttpd.core.options import Opt, switching
from pyhttpd.core.request import Request
from pyhttpd.http.dates import http_date
from pyhttpd.modules.mod_autoindex.around import bottom, encoded, top
from pyhttpd.modules.mod_autoindex.entries import DIRECTORY, entries
from pyhttpd.modules.mod_autoindex.options import Ix, Options, read_options
from pyhttpd.modules.mod_autoindex.page import listing
from pyhttpd.modules.mod_autoindex.query import read_query
from pyhttpd.modules.mod_autoindex.settings import (
    BY_ENCODING,
    BY_NAME,
    BY_TYPE,
    Description,
    Item,
    PerDir,
    is_wild,
)

DIRECTIONS = {"ascending": "A", "descending": "D"}
COLUMNS = {"name": "N", "date": "M", "size": "S", "description": "D"}

module = Module("autoindex_module", per_dir=PerDir, replayable=True)


def said(ctx: Context, **fields: Any) -> dict[str, Any]:
    """What a line says. Any line of ours makes 2.2 merge a section's options, so it repeats them."""
    return {"options": so_far(ctx), **fields}


def so_far(ctx: Context) -> Options:
    """The options that this section has said already."""
    options: Options = ctx.layer.values.get(PerDir, {}).get("options", Options())
    return options


def item(ctx: Context, kind: str, to: str, text: str = "") -> Item:
    """An item for files below where the line stands; a name without wildcards is an ending."""
    if kind == BY_NAME:
        to = DIRECTORY if to == "**DIRECTORY**" else to
        to = to if is_wild(to) else f"*{to}"
    return Item(kind, to.lower() if kind == BY_ENCODING else to, f"{_place(ctx)}*", text)


def _place(ctx: Context) -> str:
    """The directory that a line speaks of, with a slash at its end; empty where it is none."""
    if ctx.path is None or getattr(ctx.selector, "regex", None) is not None:
        return ""
    path = ctx.path.strip("\"'")
    return os.path.join(ctx.site.server_root, path).rstrip("/") + "/"


def _icons(name: str, kind: str, what: str) -> None:
    def add(ctx: Context, icon: str, *names: str) -> dict[str, Any]:
        alts: tuple[Item, ...] = ()
        if icon.startswith("("):
            inner, closed, _ = icon[1:].partition(")")
            if not closed:
                raise ValueError("missing closing paren")
            alt, _, icon = inner.partition(",")
            alts = tuple(item(ctx, kind, each, alt) for each in names)
        return said(ctx, icons=tuple(item(ctx, kind, each, icon) for each in names), alts=alts)

    _declare(name, f"icon (or (text,icon)) for files, by {what}", add)


def _alts(name: str, kind: str, what: str) -> None:
    def add(ctx: Context, text: str, *names: str) -> dict[str, Any]:
        return said(ctx, alts=tuple(item(ctx, kind, each, text) for each in names))

    _declare(name, f"text in place of an icon, by {what}", add)


def _text(name: str, field: str, doc: str) -> None:
    def remember(ctx: Context, text: str) -> dict[str, Any]:
        return said(ctx, **{field: text})

    _declare(name, doc, remember)


def _declare(name: str, doc: str, function: Callable[..., dict[str, Any]]) -> None:
    function.__doc__ = doc
    module.directive(name, override=Override.INDEXES)(function)


for _suffix, _kind, _what in (
    ("", BY_NAME, "name"),
    ("ByType", BY_TYPE, "content type"),
    ("ByEncoding", BY_ENCODING, "content encoding"),
):
    _icons(f"AddIcon{_suffix}", _kind, _what)
    _alts(f"AddAlt{_suffix}", _kind, _what)

for _name, _field, _doc in (
    ("DefaultIcon", "default_icon", "icon for files that have none"),
    ("HeaderName", "header", "file to put above listings"),
    ("ReadmeName", "readme", "file to put below listings"),
    ("IndexStyleSheet", "style_sheet", "style sheet of listings"),
    ("IndexHeadInsert", "head_insert", "text for the head of listings"),
):
    _text(_name, _field, _doc)


@module.directive("IndexOptions", override=Override.INDEXES)
def index_options(ctx: Context, *words: str) -> dict[str, Any]:
    """switches of listings, with + and - to add and remove"""
    return {"options": read_options(words, so_far(ctx))}


@module.directive("IndexIgnore", override=Override.INDEXES)
def index_ignore(ctx: Context, *names: str) -> dict[str, Any]:
    """names to leave out of listings"""
    return said(ctx, ignored=tuple(item(ctx, "", name) for name in names))


@module.directive("AddDescription", override=Override.INDEXES)
def add_description(ctx: Context, text: str, *names: str) -> dict[str, Any]:
    """text to show beside files"""
    return said(ctx, descriptions=tuple(Description(name, text) for name in names))


@module.directive("IndexOrderDefault", override=Override.INDEXES)
def index_order_default(ctx: Context, direction: str, column: str) -> dict[str, Any]:
    """Ascending or Descending, and the column to sort by"""
    if direction.lower() not in DIRECTIONS:
        raise ValueError("First keyword must be 'Ascending' or 'Descending'")
    if column.lower() not in COLUMNS:
        raise ValueError("Second keyword must be 'Name', 'Date', 'Size', or 'Description'")
    return said(ctx, order=(COLUMNS[column.lower()], DIRECTIONS[direction.lower()]))


@module.directive("FancyIndexing", override=Override.ALL, raw=True)
def fancy_indexing(_line: str) -> dict[str, Any]:
    """gone since Apache 2.0; see IndexOptions"""
    raise ValueError("The FancyIndexing directive is no longer supported.  Use IndexOptions FancyIndexing.")


@module.handler("httpd/unix-directory")
def list_directory(request: Request) -> bytes | int | None:
    """The listing of a directory, for GET and HEAD."""
    request.allowed.add("GET")
    if request.method not in ("GET", "HEAD"):
        return None
    allowed = request.config(core.PerDir).options.effective & Opt.INDEXES
    if request.explaining:
        line = switching(request.layer.origin(core.PerDir, "options"), Opt.INDEXES)
        request.step("mod_autoindex", f"Options: Indexes is {'on' if allowed else 'off'}", line, decides=True)
    if not allowed:
        request.log("error", f"Directory index forbidden by Options directive: {request.filename}")
        return 403
    discard_body(request)
    request.filename = (request.filename or "").rstrip("/") + "/"
    request.stat(request.filename)
    settings = request.config(PerDir)
    if not os.access(request.filename, os.R_OK):
        request.log("error", f"(13)Permission denied: Can't open directory for index: {request.filename}")
        return 403
    _describe(request, settings.options)
    return b"" if request.header_only else _page(request, settings)


def _describe(request: Request, options: Options) -> None:
    """The fields of the answer."""
    charset = "ISO-8859-1" if options.charset is None else options.charset
    request.content_type = (options.media_type or "text/html") + (f";charset={charset}" if charset else "")
    if Ix.TRACK_MODIFIED in options.on and request.info is not None:
        request.headers_out.set("Last-Modified", http_date(last_modified(request, request.info)))
        if tag := etag(request.info, request.config(core.PerDir).etag.effective, request):
            request.headers_out.set("ETag", tag)


def _page(request: Request, settings: PerDir) -> bytes:
    query = read_query(request.query, settings.options.on, *settings.order)
    above = top(request, settings, query)
    rows = encoded(listing(entries(request, settings, query), settings, query))
    return above + rows + bottom(request, settings, query)
