"""Results of a comparison: a table per workload, ratios to each peer, and what the figures depend on."""

import shlex
import sys
from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from benchmarks.configs import KINDS
from benchmarks.measure import Result
from benchmarks.pages import Grid
from benchmarks.svg import Bar
from benchmarks.workloads import WORKLOADS
from pyhttpd.tools.load.machine import stamp


class Figure(NamedTuple):
    """How a figure is shown."""

    title: str
    digits: int


FIGURES = {
    "rate": Figure("requests/s", 0),
    "cpu": Figure("CPU us/request", 1),
    "p50": Figure("p50 ms", 2),
    "p99": Figure("p99 ms", 2),
    "memory": Figure("memory MiB", 1),
    "held": Figure("idle held", 0),
    "each": Figure("KiB per idle", 2),
    "errors": Figure("errors", 0),
}
OUTPUTS = ("--json", "--svg")


def machine(programs: Iterable[str]) -> dict[str, str]:
    """What the figures depend on."""
    return stamp(shlex.join(["python", "-m", "benchmarks", *asked(sys.argv[1:])]), programs)


def asked(words: list[str]) -> list[str]:
    """A command line, less what says where results go."""
    places = [n for n, word in enumerate(words) if word in OUTPUTS]
    return [word for n, word in enumerate(words) if word != "--docs" and not {n, n - 1} & set(places)]


def cell(values: list[float], digits: int) -> str:
    """Median, and least to greatest where they differ."""
    if not values:
        return "-"
    middle, least, most = (f"{one:,.{digits}f}" for one in (median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least}-{most})"


def tables(results: list[Result]) -> Iterable[Grid]:
    """A table for each workload, and one of ratios."""
    for name in dict.fromkeys(result.workload for result in results):
        mine = [result for result in results if result.workload == name]
        shown = [key for key in FIGURES if any(any(result.values(key)) for result in mine)] or ["rate"]
        header = ["server", *(FIGURES[key].title for key in shown)]
        yield Grid(f"{name}: {WORKLOADS[name].about}", header, [row(result, shown) for result in mine])
    yield from ratios(results)


def row(result: Result, shown: list[str]) -> list[str]:
    """A server's figures, or why there are none."""
    cells = [cell(result.values(key), FIGURES[key].digits) for key in shown]
    if not result.rounds:
        cells[0] = (result.trouble.splitlines() or ["-"])[0]
    return [result.server, *cells]


def ratios(results: list[Result]) -> Iterable[Grid]:
    """Ours against each peer: requests per second, and CPU per request, round by round."""
    peers = list(dict.fromkeys(r.server for r in results if not KINDS[r.server].ours and r.rounds))
    rows = []
    for mine in results:
        if KINDS[mine.server].ours and mine.rounds:
            others = {r.server: r for r in results if r.workload == mine.workload}
            cells = [ratio(mine, others[peer]) if peer in others else "-" for peer in peers]
            rows.append([f"{mine.workload}, {mine.server}", *cells])
    if peers:
        title = "ours / peer: requests/s (more is better), CPU per request (less is better)"
        yield Grid(title, ["", *peers], rows)


def ratio(mine: Result, other: Result) -> str:
    """The medians of what two servers differ by in the same round."""
    texts, rounds = [], list(zip(mine.rounds, other.rounds, strict=False))
    for key in ("rate", "cpu"):
        pairs = [(a[key], b[key]) for a, b in rounds if a.get(key) and b.get(key)]
        texts.append(f"{median(a / b for a, b in pairs):.2f}" if pairs else "-")
    return ", ".join(texts) if set(texts) != {"-"} else "-"


def panels(results: list[Result]) -> dict[str, list[Bar]]:
    """What to draw: the medians."""
    found: dict[str, list[Bar]] = {}
    for result in results:
        if result.rounds:
            title = f"{result.workload}: {WORKLOADS[result.workload].about}"
            rate, cpu = (median(v) if (v := result.values(key)) else None for key in ("rate", "cpu"))
            found.setdefault(title, []).append(Bar(result.server, rate, cpu))
    return found
