"""Which sections apply to a request: Directory and .htaccess, then DirectoryMatch, Files, and Location.

The walks are 2.2's (server/request.c: ap_directory_walk, ap_file_walk, ap_location_walk; manual: sections).
<Directory> sections apply from the shortest path to the longest, each level followed by that directory's
.htaccess; regular expressions see the final directory only, once; <Files> matches the last name; <Location>
keeps the file's order. The main server's sections come before the virtual host's in every group.

`over` remembers merges: which layers come over which is the same for most requests of a place.
"""

import os
import posixpath
import stat
from dataclasses import dataclass, field

from pyhttpd.config.merge import Layer, merge
from pyhttpd.config.walk import Scope
from pyhttpd.core import htaccess
from pyhttpd.core.core_module.schema import PerDir, PerServer
from pyhttpd.core.options import Opt
from pyhttpd.core.request import Request
from pyhttpd.core.uri import no2slash
from pyhttpd.http.status import HTTPError

MOST_MERGES = 4096
NOT_THE_END = "\x01"
"""Put behind a path so that $ matches nowhere: 2.2 asks <DirectoryMatch> about beginnings of paths."""
FORBIDDEN = 403


@dataclass(slots=True)
class Merges:
    """Results of merging, by which layer came over which. Layers are kept alive so that ids stay true."""

    known: dict[tuple[int, int], tuple[Layer, Layer, Layer]] = field(default_factory=dict)

    def over(self, outer: Layer, inner: Layer) -> Layer:
        """`inner` over `outer`, computed once."""
        if not inner:
            return outer
        found = self.known.get((id(outer), id(inner)))
        if found is None:
            if len(self.known) >= MOST_MERGES:
                self.known.clear()
            found = self.known[id(outer), id(inner)] = (outer, inner, merge(outer, inner))
        return found[2]


class SectionTable:
    """The sections of one host, sorted for the walks."""

    def __init__(self, layer: Layer) -> None:
        settings = layer.settings(PerServer)
        plain = [scope for scope in settings.directories if scope.selector.regex is None]
        self.directories: dict[int, list[Scope]] = {}
        for scope in plain:
            self.directories.setdefault(scope.selector.depth, []).append(scope)
        self.directory_matches = [s for s in settings.directories if s.selector.regex is not None]
        self.locations = list(settings.locations)
        self.merges = Merges()


def apply(request: Request, scope: Scope) -> None:
    """Merge a section into the request's settings."""
    request.layer = request.server.sections.merges.over(request.layer, scope.layer)
    if request.journal is not None:
        request.journal.step("sections", f"merged {scope.text}", scope.location)


def location_walk(request: Request) -> None:
    """Merge the <Location> sections whose path holds the URI."""
    uri = request.uri
    for scope in request.server.sections.locations:
        if location_matches(scope, uri):
            apply(request, scope)
            request.notes["located"] = True  # its settings hold for this URI, whoever asks with which method


def location_matches(scope: Scope, uri: str) -> bool:
    """Whether a <Location> is meant: a regex or pattern, or a path prefix that ends at a slash."""
    selector = scope.selector
    if selector.regex is not None:
        return bool(selector.regex.matches(uri))
    if selector.wild:
        return bool(selector.matches(no2slash(uri)))
    uri, text = no2slash(uri), selector.text
    if not uri.startswith(text):
        return False
    return len(uri) == len(text) or text.endswith("/") or uri[len(text)] == "/"


def directory_walk(request: Request) -> None:
    """Find how far `request.filename` exists, and merge the sections and .htaccess files on the way.

    Sets filename (as far as it exists, or one name further), path_info and info. Raises HTTPError 403 for
    what may not be passed, 500 for a broken .htaccess.
    """
    if not request.filename or not request.filename.startswith("/"):
        raise HTTPError(500, f"Module bug?  Request filename is missing for URI {request.uri}")
    Walk(request).run()


class Walk:
    """One directory walk."""

    __slots__ = ("asked", "depth", "directory", "names", "position", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.asked = request.filename or "/"
        self.names = [name for name in self.asked.split("/") if name]
        self.directory = "/"
        self.position, self.depth = 0, 0

    def run(self) -> None:
        """Walk from the root to the last directory, then merge the regular expressions' sections."""
        request = self.request
        request.info = None
        self.enter("/")
        while self.position < len(self.names):
            if not self.step():
                break
        self.split()
        for scope in request.server.sections.directory_matches:
            if scope.selector.matches((request.filename or "") + NOT_THE_END):
                apply(request, scope)

    def sections(self, path: str) -> None:
        """Merge the plain sections that speak of exactly this path."""
        for scope in self.request.server.sections.directories.get(self.depth, ()):
            if scope.selector.matches(path):
                apply(self.request, scope)

    def enter(self, directory: str) -> None:
        """Merge what the sections of this depth and the directory's .htaccess say."""
        request = self.request
        self.directory = directory
        self.sections(directory.rstrip("/") or "/")
        overriding = request.config(PerDir).override
        if overriding.classes:
            for scope in htaccess.read(request, directory, overriding):
                apply(request, scope)

    def step(self) -> bool:
        """Look at the next name; True if it is a directory that was entered."""
        request, path = self.request, self.directory + self.names[self.position]
        info = self.look(path)
        if info is None:
            self.position += 1
            request.filename, request.info = path, None
            return False
        self.position += 1
        request.info, request.filename = info, path
        self.depth += 1
        if stat.S_ISDIR(info.st_mode):
            self.enter(path + "/")
            return True
        self.sections(path)  # a <Directory> that names a file applies to the file
        if not stat.S_ISREG(info.st_mode) and self.position < len(self.names):
            raise HTTPError(FORBIDDEN, f"symlink doesn't point to a file or directory: {path}")
        return False

    def look(self, path: str) -> os.stat_result | None:
        """The stamp of a path, links followed as far as Options allow."""
        request = self.request
        options = request.config(PerDir).options.effective
        try:
            if Opt.FOLLOW_SYMLINKS in options and (info := request.stat(path)) is not None:
                return info
            info = request.stat(path, follow=False)
            if info is None or not stat.S_ISLNK(info.st_mode):
                return info
            return self.follow(path, info, options)
        except OSError as error:
            text = os.strerror(error.errno or 0)
            log = f"({error.errno}){text}: access to {request.uri} denied"
            raise HTTPError(FORBIDDEN, log) from None

    def follow(self, path: str, link: os.stat_result, options: Opt) -> os.stat_result:
        """What a symbolic link points to, if SymLinksIfOwnerMatch allows it."""
        info = self.request.stat(path) if Opt.SYMLINKS_IF_OWNER in options else None
        if info is None or info.st_uid != link.st_uid:
            raise HTTPError(FORBIDDEN, f"Symbolic link not allowed or link target not accessible: {path}")
        return info

    def split(self) -> None:
        """What is left of the path is path_info; a directory keeps its slash if the request had one."""
        request = self.request
        rest = self.names[self.position :]
        tail = "/" if self.asked.endswith("/") else ""
        found = request.info
        if rest:
            request.path_info = "/" + "/".join(rest) + tail
        elif found is None or not stat.S_ISDIR(found.st_mode):
            request.path_info = tail if self.names else ""
        if found is not None and stat.S_ISDIR(found.st_mode) and not rest:
            request.filename = (request.filename or "").rstrip("/") + tail if self.names else "/"


def file_walk(request: Request) -> None:
    """Merge the <Files> sections that match the last name of the path."""
    scopes = request.config(PerDir).files
    if not scopes:
        return
    name = posixpath.basename(request.filename or "")
    for scope in scopes:
        if scope.selector.matches(name):
            apply(request, scope)
