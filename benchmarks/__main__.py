"""`python -m benchmarks [curves]`: pyhttpd beside the servers installed here; see docs/benchmarks.md."""

import argparse
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from benchmarks import curves, measure, pages, svg, table
from benchmarks.configs import KINDS, Kind
from benchmarks.curves import CURVES
from benchmarks.measure import Bench, Result
from benchmarks.pages import Facts, Grid
from benchmarks.servers import installed
from benchmarks.workloads import WORKLOADS

MISSING = "wrk is needed: apt-get install --no-install-recommends apache2 nginx-light wrk"
T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """What can be measured, with its site, and what is made of the results."""

    known: dict[str, Any]
    servers: str
    site: dict[str, int]
    warm: float  # seconds: until what can be remembered has been
    rounds: Callable[[Bench, list[Kind], list[Any], int], Iterable[Result]]
    tables: Callable[[list[Result], list[Any]], Iterable[Grid]]
    draw: Callable[[list[Result], list[Any]], str]


TASKS = {
    "compare": Task(
        WORKLOADS,
        ",".join(KINDS),
        {},
        1.0,
        measure.rounds,
        lambda results, _: table.tables(results),
        lambda results, _: svg.bars(table.panels(results)),
    ),
    "curves": Task(
        CURVES,
        "ours-event,ours-event-no-replay,apache-event",
        {"files": curves.FILES, "levels": curves.LEVELS, "size": curves.SMALL},
        4.0,
        curves.rounds,
        curves.tables,
        lambda results, chosen: svg.curves(curves.panels(results, chosen)),
    ),
}


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=TASKS, default="compare")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured")
    parser.add_argument("--seconds", type=float, default=3, help="how long each measurement lasts")
    parser.add_argument("--warm", type=float, help="seconds of load before each measurement; 1, curves 4")
    parser.add_argument("--workloads", metavar="A,B", help=f"some of {', '.join(WORKLOADS)}")
    parser.add_argument("--curves", metavar="A,B", dest="workloads", help=f"some of {', '.join(CURVES)}")
    parser.add_argument("--servers", metavar="A,B", help=f"some of {', '.join(KINDS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all rounds")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the medians")
    parser.add_argument("--docs", action="store_true", help="put figures and drawing into docs/")
    parser.add_argument(
        "--from", type=Path, metavar="FILE", dest="read", help="show a --json of another time"
    )
    return parser.parse_args()


def named(text: str | None, known: dict[str, T]) -> list[T]:
    """The things of a list of names, all by default. Ends the program at a name that is not known."""
    names = text.split(",") if text else list(known)
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names]


def prepare() -> None:
    """Let SIGTERM clean up as Ctrl-C does, and ten thousand connections be."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if shutil.which("wrk") is None:
        sys.exit(MISSING)


def collect(task: Task, things: list[Any], kinds: list[Kind], chosen: argparse.Namespace) -> list[Result]:
    """All results, or those there were when somebody interrupted."""
    results: dict[tuple[str, str], Result] = {}
    warm = task.warm if chosen.warm is None else chosen.warm
    bench = measure.bench(chosen.seconds, warm, **task.site)
    with suppress(KeyboardInterrupt), bench as here, Console(stderr=True).status("") as status:
        for result in task.rounds(here, kinds, things, chosen.rounds):
            results[result.workload, result.server] = result
            status.update(f"round {len(result.rounds)}: {result.workload}, {result.server}")
    return list(results.values())


def measured(task: Task, things: list[Any], chosen: argparse.Namespace) -> tuple[list[Result], Facts]:
    """All results, and what they depend on."""
    kinds = [kind for kind in named(chosen.servers or task.servers, KINDS) if installed(kind)]
    prepare()
    facts = table.machine({kind.program for kind in kinds} | {"wrk"})
    facts["rounds"] = f"{chosen.rounds} of {chosen.seconds:g} s; median (least-greatest)"
    return collect(task, things, kinds, chosen), facts


def main() -> None:
    """Measure and show."""
    chosen = options()
    task = TASKS[chosen.what]
    things = named(chosen.workloads, task.known)
    results, facts = pages.load(chosen.read) if chosen.read else measured(task, things, chosen)
    grids = list(task.tables(results, things))
    pages.show(results, grids, facts, Console(width=None if sys.stdout.isatty() else 180))
    if chosen.json:
        pages.save(chosen.json, results, facts)
    if chosen.svg:
        chosen.svg.write_text(task.draw(results, things))
    if chosen.docs:
        pages.document(chosen.what, grids, facts, task.draw(results, things))


if __name__ == "__main__":
    main()
