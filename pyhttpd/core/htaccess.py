"""Settings that directories bring along: .htaccess files, read once and again when they change.

A file is known by its path and by what AllowOverride admits there; it is read again when its stamp changes.
Absence is noted in the journal like any other stamp. A mistake in one is an answer of 500 with a line of
level alert in the error log; one that cannot be read is a 403, so that nothing is served without its
protection.
"""

import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyhttpd.config import reader, tree
from pyhttpd.config.directive import Where
from pyhttpd.config.merge import Layer
from pyhttpd.config.walk import Context, Scope, walk
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.journal import settled
from pyhttpd.core.options import Overriding
from pyhttpd.core.request import Request, stamp
from pyhttpd.diagnostics import ConfigError, Location, Source
from pyhttpd.http.status import HTTPError

if TYPE_CHECKING:
    from pyhttpd.core.server import Server

MOST_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """One file as it was when its stamp was taken: its section, or what is wrong with it."""

    stamp: tuple[int, ...] | None
    scope: Scope | None
    problem: str = ""
    place: Location | None = None


def read(request: Request, directory: str, overriding: Overriding) -> tuple[Scope, ...]:
    """The section that a directory's .htaccess file is; none where there is no such file.

    `directory` ends with a slash. Raises HTTPError 500 for a broken file, 403 for an unreadable one.
    """
    for name in request.server.config(PerServer).access_file_names:
        path = directory + name
        try:
            info = request.stat(path)
        except OSError as error:
            raise unreadable(path, error) from None
        if info is not None:
            if not stat.S_ISREG(info.st_mode):  # opening a FIFO would wait for its writer
                raise unreadable(path, OSError(errno.EBADF, ""))
            return (_scope(request, path, stamp(info), overriding),)
    return ()


def _scope(request: Request, path: str, seen: tuple[int, ...] | None, overriding: Overriding) -> Scope:
    server: Server = request.server.server
    key = (path, overriding)
    known = server.htaccess.get(key)
    if known is None or known.stamp != seen:
        if len(server.htaccess) >= MOST_FILES:
            server.htaccess.clear()
        lasting = seen if seen is not None and settled(seen, request.received) else None
        known = server.htaccess[key] = load(server, path, lasting, overriding)
    if known.scope is None:
        request.step("core", known.problem, known.place, decides=True)
        request.log("alert", known.problem)
        raise HTTPError(500)
    return known.scope


def load(server: "Server", path: str, seen: tuple[int, ...] | None, overriding: Overriding) -> Remembered:
    """Read and walk one file. Raises HTTPError 403 where it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            text = file.read()
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        root = reader.read_text(text, path, server.site, htaccess=True)
        return Remembered(seen, scope_of(server, root, path, overriding))
    except ConfigError as error:
        first = error.diagnostics[0]
        return Remembered(seen, None, f"{path}: {first.message}", first.location)


def scope_of(server: "Server", root: tree.Tree, path: str, overriding: Overriding) -> Scope:
    """The section that a parsed .htaccess file is. Raises ConfigError."""
    location = Location(root.sources[0] if root.sources else Source(path, "", None), 1, 1, 1)
    scope = Scope(None, Layer(), location, path)
    context = Context(
        server.site,
        location,
        scope.layer,
        where=Where.DIRECTORY,
        path=os.path.dirname(path) + "/",
        override=overriding.classes,
        options=overriding.options,
    )
    walk(root.root, server.site.registry, context, server.site.explain)
    return scope


def unreadable(path: str, error: OSError) -> HTTPError:
    """The refusal of everything below a directory whose .htaccess cannot be looked at."""
    number = error.errno or errno.EACCES
    text = f"({number}){os.strerror(number)}: {path} pcfg_openfile: unable to check htaccess file, "
    return HTTPError(403, text + "ensure it is readable")
