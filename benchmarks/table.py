"""Results for people and for programs: one table per workload, ratios to each peer, and JSON."""

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.configs import KINDS
from benchmarks.measure import NOT_DONE, Result
from benchmarks.svg import Bar
from benchmarks.workloads import WORKLOADS


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
VERSIONS = {"apache2": ["apache2", "-v"], "nginx": ["nginx", "-v"], "wrk": ["wrk", "-v"]}


def machine(programs: Iterable[str]) -> dict[str, str]:
    """What the figures depend on."""
    facts = {
        "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "load before": " ".join(f"{one:.1f}" for one in os.getloadavg()),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "pcre2": version("pcre2"),
    }
    return facts | {name: first_line(VERSIONS[name]) for name in VERSIONS if name in programs}


def processor() -> str:
    """The processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def first_line(command: list[str]) -> str:
    """What a program says of itself first."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    return (done.stdout or done.stderr).splitlines()[0]


def cell(values: list[float], digits: int) -> str:
    """Median, and least to greatest where they differ."""
    if not values:
        return "-"
    middle, least, most = (f"{one:,.{digits}f}" for one in (median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least}-{most})"


def tables(results: list[Result]) -> Iterable[Table]:
    """A table for each workload, and one of ratios."""
    for name in dict.fromkeys(result.workload for result in results):
        mine = [result for result in results if result.workload == name]
        shown = [key for key in FIGURES if any(any(result.values(key)) for result in mine)]
        table = Table(title=f"{name}: {WORKLOADS[name].about}", title_justify="left")
        table.add_column("server")
        for key in shown:
            table.add_column(FIGURES[key].title, justify="right")
        for result in mine:
            cells = [cell(result.values(key), FIGURES[key].digits) for key in shown]
            if not result.rounds:
                cells[0] = result.trouble.splitlines()[0][:60] if result.trouble else "-"
            table.add_row(result.server, *cells)
        yield table
    yield from ratios(results)


def ratios(results: list[Result]) -> Iterable[Table]:
    """Ours against each peer: requests per second, and CPU per request, round by round."""
    peers = list(dict.fromkeys(r.server for r in results if not KINDS[r.server].ours and r.rounds))
    if not peers:
        return
    table = Table(
        title="ours / peer: requests/s (more is better), CPU per request (less is better)",
        title_justify="left",
    )
    for title in ("workload", "server", *peers):
        table.add_column(title, justify="left" if title in ("workload", "server") else "right")
    for mine in results:
        if KINDS[mine.server].ours and mine.rounds:
            others = {r.server: r for r in results if r.workload == mine.workload}
            table.add_row(mine.workload, mine.server, *(ratio(mine, others[peer]) for peer in peers))
    yield table


def ratio(mine: Result, other: Result) -> str:
    """The medians of what two servers differ by in the same round."""
    texts = []
    for key in ("rate", "cpu"):
        pairs = [(a, b) for a, b in zip(mine.values(key), other.values(key), strict=False) if b]
        texts.append(f"{median(a / b for a, b in pairs):.2f}" if pairs else "-")
    return "  ".join(texts)


def panels(results: list[Result]) -> dict[str, list[Bar]]:
    """What to draw: the medians."""
    found: dict[str, list[Bar]] = {}
    for result in results:
        if result.rounds:
            title = f"{result.workload}: {WORKLOADS[result.workload].about}"
            rate, cpu = (median(v) if (v := result.values(key)) else None for key in ("rate", "cpu"))
            found.setdefault(title, []).append(Bar(result.server, rate, cpu))
    return found


def show(results: list[Result], found: Iterable[Table], facts: dict[str, str], console: Console) -> None:
    """Print where it was measured, some tables, and what went wrong."""
    for name, fact in facts.items():
        console.print(f"{name}: {fact}", highlight=False, markup=False)
    for table in found:
        console.print(table)
    for result in results:
        if result.trouble and result.trouble != NOT_DONE:
            text = f"{result.workload}, {result.server}: {result.trouble}"
            console.print(text, highlight=False, markup=False)
