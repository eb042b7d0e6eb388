"""Which sections apply to a request, and how they are merged: <Files> and <Location>; directories see
directory_walk.

The walks are 2.2's (server/request.c: ap_directory_walk, ap_file_walk, ap_location_walk; manual: sections).
<Directory> sections apply from the shortest path to the longest, each level followed by that directory's
.htaccess; regular expressions see the final directory only, once; <Files> matches the last name; <Location>
keeps the file's order. The main server's sections come before the virtual host's in every group.

`over` remembers merges: which layers come over which is the same for most requests of a place.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

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


class Named:
    """Sections by what they name: plain names are looked up, however many there are, and patterns tried."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self._plain: dict[str, list[tuple[int, Scope]]] = {}
        self._patterns: list[tuple[int, Scope]] = []
        for number, scope in enumerate(scopes):
            selector = scope.selector
            plain = selector.regex is None and not selector.wild
            (self._plain.setdefault(selector.text, []) if plain else self._patterns).append((number, scope))

    def among(self, names: Iterable[str], matches: Callable[[Scope], bool]) -> tuple[Scope, ...]:
        """Those with one of these names, and the patterns that match, in the order they were written."""
        found = [one for name in names for one in self._plain.get(name, ())]
        if self._patterns:
            found += [one for one in self._patterns if matches(one[1])]
        if len(found) > 1:
            found.sort(key=itemgetter(0))
        return tuple([scope for _, scope in found])

    @property
    def longest(self) -> int:
        """Characters of the longest plain name."""
        return max(map(len, self._plain), default=0)


class SectionTable:
    """The sections of one host, sorted for the walks."""

    def __init__(self, layer: Layer) -> None:
        settings = layer.settings(PerServer)
        by_depth: dict[int, list[Scope]] = {}
        for scope in settings.directories:
            if scope.selector.regex is None:
                by_depth.setdefault(scope.selector.depth, []).append(scope)
        self._directories = {depth: Named(scopes) for depth, scopes in by_depth.items()}
        self.directory_matches = [s for s in settings.directories if s.selector.regex is not None]
        self._locations = Named(settings.locations) if settings.locations else None
        self._located: dict[str, tuple[Scope, ...]] = {}
        self.merges = Merges()
        # What directories inherit, where that depends on nothing but the path.
        self.entered: dict[str, Layer] = {}

    def directories(self, depth: int, path: str) -> tuple[Scope, ...]:
        """The <Directory> sections but for regular expressions that speak of exactly this path, so deep."""
        named = self._directories.get(depth)
        return named.among((path,), lambda scope: scope.selector.matches(path)) if named is not None else ()

    def holding(self, uri: str) -> tuple[Scope, ...]:
        """The <Location> sections whose path holds a URI, looked for once for each."""
        if self._locations is None:
            return ()
        found = self._located.get(uri)
        if found is None:
            plain = no2slash(uri)
            names = prefixes(plain, self._locations.longest)
            found = self._locations.among(names, lambda scope: pattern_matches(scope, uri, plain))
            if len(self._located) >= MOST_MERGES:
                self._located.clear()
            self._located[uri] = found
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


def prefixes(uri: str, longest: int) -> Iterator[str]:
    """The plain names of <Location> that hold a URI: what ends before or behind a slash, and all of it.

    Those longer than `longest` are left out: nobody has made them up.
    """
    if uri[:1] == "/":
        yield ""
    for at, letter in enumerate(uri[: longest + 1]):
        if letter == "/":
            if at:
                yield uri[:at]
            yield uri[: at + 1]
    if not uri.endswith("/"):
        yield uri


def pattern_matches(scope: Scope, uri: str, plain: str) -> bool:
    """Whether a <Location> with a pattern is meant; `plain` is the URI with single slashes."""
    selector = scope.selector
    return bool(selector.regex.matches(uri) if selector.regex is not None else selector.matches(plain))


def file_walk(request: Request) -> None:
    """Merge the <Files> sections that match the last name of the path."""
    scopes = request.config(PerDir).files
    if not scopes:
        return
    name = posixpath.basename(request.filename or "")
    for scope in scopes:
        if scope.selector.matches(name):
            apply(request, scope)
