"""`python -m benchmarks`: compare pyhttpd with the servers installed here; see docs/benchmarks.md."""

import argparse
import json
import resource
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.status import Status

from benchmarks import table
from benchmarks.configs import KINDS
from benchmarks.measure import Result, bench, rounds
from benchmarks.servers import installed
from benchmarks.workloads import WORKLOADS

MISSING = "wrk is needed: apt-get install --no-install-recommends apache2 nginx-light wrk"
T = TypeVar("T")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured")
    parser.add_argument("--seconds", type=float, default=3, help="how long each measurement lasts")
    parser.add_argument("--warm", type=float, default=1, help="seconds of load before each measurement")
    parser.add_argument("--workloads", default=",".join(WORKLOADS), help="names with commas between them")
    parser.add_argument("--servers", default=",".join(KINDS), help="names with commas between them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all rounds")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the medians")
    return parser.parse_args()


def named(text: str, known: dict[str, T]) -> list[T]:
    """The things of a list of names. Ends the program at a name that is none."""
    unknown = [name for name in text.split(",") if name not in known]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in text.split(",")]


def prepare() -> None:
    """Let SIGTERM clean up as Ctrl-C does, and ten thousand connections be."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if shutil.which("wrk") is None:
        sys.exit(MISSING)


def progress() -> Status:
    """A line that says what has been measured, on terminals."""
    return Console(stderr=True).status("")


def main() -> None:
    """Measure and show."""
    chosen = options()
    console = Console(width=None if sys.stdout.isatty() else 180)
    kinds = [kind for kind in named(chosen.servers, KINDS) if installed(kind)]
    workloads = named(chosen.workloads, WORKLOADS)
    prepare()
    facts = table.machine({kind.program for kind in kinds} | {"wrk"})
    facts["rounds"] = f"{chosen.rounds} of {chosen.seconds:g} s; median (least-greatest)"
    results: dict[int, Result] = {}
    with suppress(KeyboardInterrupt), bench(chosen.seconds, chosen.warm) as here, progress() as status:
        for result in rounds(here, kinds, workloads, chosen.rounds):
            results[id(result)] = result
            status.update(f"round {len(result.rounds)}: {result.workload}, {result.server}")
    order = list(KINDS)
    found = sorted(results.values(), key=lambda r: (list(WORKLOADS).index(r.workload), order.index(r.server)))
    table.show(found, facts, console)
    if chosen.json:
        chosen.json.write_text(json.dumps(table.as_json(found, facts), indent=1) + "\n")


if __name__ == "__main__":
    main()
