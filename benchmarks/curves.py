"""How cost grows: CPU per request over the number of files, hosts, rules, sections, levels and connections.

Each point is measured like a workload, on a server with a configuration of its own. Nothing should grow
faster than its number, and the choice of a virtual host, or of sections that do not apply, not at all.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.configs import Kind
from benchmarks.measure import NOT_DONE, Bench, Result, attempt, turned
from benchmarks.pages import Grid
from benchmarks.site import SIZES, folder, name
from benchmarks.svg import Series
from benchmarks.table import cell
from benchmarks.workloads import LENGTH, Ask, Workload, get, rewrites

SMALL = SIZES["small"]
FILES, LEVELS = 10_000, 10  # what the site of the curves has
FLAT = 1.3  # growth of a cost that counts as none
HOSTS = "NameVirtualHost *\n"
HOST = '<VirtualHost *>\n    ServerName h{0}.example\n    DocumentRoot "htdocs"\n</VirtualHost>\n'
RULE = "RedirectMatch ^/moved{0}/(.*)\\.html$ /elsewhere/{0}/$1\n"
SECTIONS = """\
<Directory "/srv/{0}">
    Options Indexes
</Directory>
<Location "/private/{0}">
    Order deny,allow
    Deny from all
</Location>
"""


@dataclass(frozen=True)
class Curve:
    """What grows, through which numbers; what is asked, and what is configured, follow from the number."""

    name: str
    about: str
    points: tuple[int, ...]
    asks: Callable[[int], list[Ask]]
    lines: Callable[[int], str] = lambda _: ""
    connections: Callable[[int], int] = lambda _: 32
    apaches_only: bool = True  # its lines are in Apache's language


def page(_: int) -> list[Ask]:
    """The same small file, whatever the number."""
    return [Ask(get("/small.html"), 200, SMALL)]


def some_files(count: int) -> list[Ask]:
    """Files at random, each as likely as any other."""
    chance = random.Random(count)
    return [Ask(get(name(chance.randrange(count))), 200, SMALL) for _ in range(min(LENGTH, count * 20))]


def some_hosts(count: int) -> list[Ask]:
    """The same file of hosts at random."""
    chance = random.Random(count)
    request = get("/small.html").replace(b"localhost", b"h%d.example")
    return [Ask(request % chance.randrange(count), 200, SMALL) for _ in range(count * 20)]


def deep(level: int) -> list[Ask]:
    """A file in a folder so many levels deep."""
    return [Ask(get(f"/{folder(level)}index.html"), 200, SMALL)]


def repeated(text: str, before: str = "") -> Callable[[int], str]:
    """Lines that a configuration has so many times."""
    return lambda count: (before if count else "") + "".join(text.format(number) for number in range(count))


CURVES = {
    curve.name: curve
    for curve in (
        Curve("files", "files, all asked for", (1, 10, 100, 1000, FILES), some_files, apaches_only=False),
        Curve("hosts", "virtual hosts, all asked for", (1, 10, 100, 1000), some_hosts, repeated(HOST, HOSTS)),
        Curve("rules", "RedirectMatch lines that do not match", (0, 10, 100, 500), page, repeated(RULE)),
        Curve("rewrites", "RewriteRule lines that do not match", (0, 10, 100, 500), page, rewrites),
        Curve("sections", "sections that do not apply", (0, 10, 100, 1000), page, repeated(SECTIONS)),
        Curve("levels", "levels of .htaccess files", (1, 2, 5, LEVELS), deep),
        Curve("connections", "connections", (1, 4, 16, 64, 256), page, connections=int, apaches_only=False),
    )
}


def rounds(here: Bench, kinds: list[Kind], curves: list[Curve], count: int) -> Iterator[Result]:
    """Measure every point `count` times, servers in turn. A result's workload is named `curve number`."""
    points = [(curve, number) for curve in curves for number in curve.points]
    results = {(c.name, n, k.name): Result(f"{c.name} {n}", k.name) for c, n in points for k in kinds}
    for turn in range(count):
        for curve, number in points:
            for kind in turned(kinds, turn):
                result = results[curve.name, number, kind.name]
                if curve.apaches_only and not kind.apache:
                    result.trouble = NOT_DONE
                else:
                    attempt(here, kind, workload(curve, number), result)
                yield result


def workload(curve: Curve, number: int) -> Workload:
    """What is asked at one point of a curve."""
    asks = curve.asks(number)
    name, lines = f"{curve.name} {number}", curve.lines(number)
    return Workload(name, curve.about, lambda _: asks, curve.connections(number), lines=lines)


def found(results: list[Result], curve: Curve, server: str) -> dict[int, Result]:
    """The points of a server's curve that have figures."""
    mine = {r.workload: r for r in results if r.server == server and r.values("cpu")}
    return {n: mine[f"{curve.name} {n}"] for n in curve.points if f"{curve.name} {n}" in mine}


def servers(results: list[Result]) -> list[str]:
    """Who was measured."""
    return list(dict.fromkeys(result.server for result in results))


def tables(results: list[Result], curves: Iterable[Curve]) -> Iterator[Grid]:
    """A table for each curve: CPU per request at each point, and how it grows."""
    for curve in curves:
        rows = []
        for server in servers(results):
            if points := found(results, curve, server):
                cells = [cell(points[n].values("cpu"), 1) if n in points else "-" for n in curve.points]
                rows.append([server, *cells, growth(points)])
        header = ["server", *(f"{number:,}" for number in curve.points), "growth"]
        yield Grid(f"{curve.name}: CPU us/request over {curve.about}", header, rows)


def growth(points: dict[int, Result]) -> str:
    """How a cost grows from the first point to the last, in one phrase."""
    if len(points) < 2:
        return "-"
    (first, low), *_, (last, high) = ((n, median(r.values("cpu"))) for n, r in points.items())
    more = f"{high / low:.1f} x"
    return f"{more}, flat" if high < FLAT * low else f"{more}, {(high - low) / (last - first):.3f} us each"


def panels(results: list[Result], curves: Iterable[Curve]) -> dict[str, list[Series]]:
    """What to draw."""
    return {
        curve.about: [
            Series(server, [(n, r.median("cpu")) for n, r in points.items()])
            for server in servers(results)
            if (points := found(results, curve, server))
        ]
        for curve in curves
    }
