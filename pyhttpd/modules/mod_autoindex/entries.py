"""The rows of a listing: which files of a directory are shown, with what, and in which order.

Every name is looked up by a subrequest, so that a listing shows what the client may have, under the type and
the encoding that it would get. Manual: mod_autoindex.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cmp_to_key

from pyhttpd.core.request import Request
from pyhttpd.core.subrequest import lookup_file
from pyhttpd.modules.mod_autoindex.options import Ix
from pyhttpd.modules.mod_autoindex.query import Query
from pyhttpd.modules.mod_autoindex.settings import Item, PerDir, described, found
from pyhttpd.modules.mod_autoindex.sorting import compare_names

DIRECTORY = "^^DIRECTORY^^"
TITLE = re.compile(rb"<title>([^<\0]*)", re.IGNORECASE)
TITLE_WITHIN = 8191  # bytes of a file in which its title is looked for
HTML_TYPES = ("text/html", "text/x-server-parsed-html")


@dataclass(slots=True)
class Entry:
    """One row. A plain list needs nothing but the name."""

    name: str  # a folder's ends in a slash; the parent's is its whole path
    size: int = -1
    modified: int = -1  # microseconds since 1970
    folder_first: bool = False
    icon: str | None = None
    alt: str | None = None
    description: str | None = None

    @property
    def is_parent(self) -> bool:
        """Whether this leads out of the directory."""
        return self.name.startswith("/")


def entries(request: Request, settings: PerDir, query: Query) -> list[Entry]:
    """All rows, sorted. Raises OSError for a directory that cannot be read."""
    rows = [*_parent(request, settings, query), *_children(request, settings, query)]

    def compare(one: Entry, other: Entry) -> int:
        return _compare(one, other, query)

    return sorted(rows, key=cmp_to_key(compare))


def _parent(request: Request, settings: PerDir, query: Query) -> Iterator[Entry]:
    path = f"{request.filename}.."
    if request.uri == "/" or any(item.ignores(path) for item in settings.ignored):
        return
    entry = Entry(request.uri.rstrip("/").rpartition("/")[0] + "/")
    if query.fancy:
        _as_folder(entry, settings, path)
        entry.description = described(settings, path)
    yield entry


def _children(request: Request, settings: PerDir, query: Query) -> Iterator[Entry]:
    folder = request.filename or ""
    for name in os.listdir(folder):
        path = folder + name
        if not query.shows(name) or any(item.ignores(path) for item in settings.ignored):
            continue
        try:
            info = request.stat(path)
        except OSError:
            continue
        if info is not None and (stat.S_ISDIR(info.st_mode) or stat.S_ISREG(info.st_mode)):
            sub = lookup_file(request, name)
            if _may_be_shown(sub.status, query):
                yield _child(sub, settings, query, path, info)


def _may_be_shown(status: int, query: Query) -> bool:
    return 200 <= status < 400 or (status in (401, 403) and Ix.SHOW_FORBIDDEN in query.options)


def _child(sub: Request, settings: PerDir, query: Query, path: str, info: os.stat_result) -> Entry:
    is_folder = stat.S_ISDIR(info.st_mode)
    entry = Entry(path.rpartition("/")[2] + "/" * is_folder)
    if not query.fancy:
        return entry
    entry.modified = (sub.info or info).st_mtime_ns // 1000
    if is_folder:
        entry.folder_first = Ix.FOLDERS_FIRST in query.options
        _as_folder(entry, settings, path)
    else:
        entry.size = info.st_size
        kind = (bare_type(sub), sub.content_encoding)
        entry.icon, entry.alt = found(settings.icons, path, *kind), found(settings.alts, path, *kind)
    entry.description = described(settings, path)
    if entry.description is None and Ix.SCAN_TITLES in query.options:
        entry.description = _title(sub)
    return entry


def _as_folder(entry: Entry, settings: PerDir, path: str) -> None:
    entry.icon = _of_folder(settings.icons, path)
    entry.alt = _of_folder(settings.alts, path)
    if entry.alt is None:
        entry.alt = "DIR"


def _of_folder(items: tuple[Item, ...], path: str) -> str | None:
    own = found(items, path)
    return found(items, DIRECTORY) if own is None else own


def bare_type(request: Request) -> str | None:
    """A content type without its parameters."""
    return request.content_type.partition(";")[0].rstrip(" \t") if request.content_type else None


def _title(sub: Request) -> str | None:
    """What stands after <title> in an HTML file, up to the next tag; lines are joined."""
    if sub.status != 200 or sub.content_encoding or (bare_type(sub) or "").lower() not in HTML_TYPES:
        return None
    try:
        with open(sub.filename or "", "rb") as file:
            title = TITLE.search(file.read(TITLE_WITHIN))
    except (OSError, ValueError):
        return None
    if title is None:
        return None
    return re.sub(r"[\r\n]", " ", title[1].lstrip(b"\r\n").decode("utf-8", "surrogateescape"))


def _compare(one: Entry, other: Entry, query: Query) -> int:
    """The parent first, folders before files where that is asked for, then by the column, then by name."""
    if one.is_parent or other.is_parent:
        return other.is_parent - one.is_parent
    if one.folder_first != other.folder_first:
        return other.folder_first - one.folder_first
    if query.direction == "D":
        one, other = other, one
    if query.column == "M" and (result := one.modified - other.modified):
        return result
    if query.column == "S" and (result := one.size - other.size):
        return result
    if query.column == "D":
        order = query.options & Ix.VERSION_SORT
        if result := compare_names(one.description or "", other.description or "", order):
            return result
    return compare_names(one.name, other.name, query.options)
