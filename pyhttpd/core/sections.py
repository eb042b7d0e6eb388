"""Which sections apply to a request, and how they are merged: <Files> and <Location>; directories see
directory_walk.

The walks are 2.2's (server/request.c: ap_directory_walk, ap_file_walk, ap_location_walk; manual: sections).
<Directory> sections apply from the shortest path to the longest, each level followed by that directory's
.htaccess; regular expressions see the final directory only, once; <Files> matches the last name; <Location>
keeps the file's order. The main server's sections come before the virtual host's in every group.

`over` remembers merges: which layers come over which is the same for most requests of a place.
"""

import posixpath
from dataclasses import dataclass, field

from pyhttpd.config.merge import Layer, merge
from pyhttpd.config.walk import Scope
from pyhttpd.core.core_module.schema import PerDir, PerServer
from pyhttpd.core.request import Request
from pyhttpd.core.uri import no2slash

MOST_MERGES = 4096


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
        self.located: dict[str, tuple[Scope, ...]] = {}
        self.merges = Merges()
        self.entered: dict[
            str, Layer
        ] = {}  # what directories inherit, where that depends on nothing but the path

    def holding(self, uri: str) -> tuple[Scope, ...]:
        """The <Location> sections whose path holds a URI, looked for once for each."""
        if not self.locations:
            return ()
        found = self.located.get(uri)
        if found is None:
            found = tuple(scope for scope in self.locations if location_matches(scope, uri))
            if len(self.located) >= MOST_MERGES:
                self.located.clear()
            self.located[uri] = found
        return found


def apply(request: Request, scope: Scope) -> None:
    """Merge a section into the request's settings."""
    request.layer = request.server.sections.merges.over(request.layer, scope.layer)
    if request.explaining:
        request.step("sections", f"merged {scope.text}", scope.location, layer=scope.layer)


def location_walk(request: Request) -> None:
    """Merge the <Location> sections whose path holds the URI."""
    for scope in request.server.sections.holding(request.uri):
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


def file_walk(request: Request) -> None:
    """Merge the <Files> sections that match the last name of the path."""
    scopes = request.config(PerDir).files
    if not scopes:
        return
    name = posixpath.basename(request.filename or "")
    for scope in scopes:
        if scope.selector.matches(name):
            apply(request, scope)
