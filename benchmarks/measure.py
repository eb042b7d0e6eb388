"""One measurement: a server of its own, one workload, and the figures of both sides."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.configs import Kind
from benchmarks.idle import idle_clients
from benchmarks.load import check
from benchmarks.servers import running
from benchmarks.site import Site, make
from benchmarks.workloads import Workload
from pyhttpd.tools.load.processes import memory
from pyhttpd.tools.load.wrk import Driver, Load

Figures = dict[str, float]
NOT_DONE = "does not do this"


@dataclass
class Result:
    """All rounds of one server at one workload; `trouble` says why there are none."""

    workload: str
    server: str
    rounds: list[Figures] = field(default_factory=list)
    trouble: str = ""

    def values(self, figure: str) -> list[float]:
        """A figure in every round."""
        return [one[figure] for one in self.rounds if figure in one]

    def median(self, figure: str) -> float:
        """The middle one of all rounds; nan without any."""
        return median(self.values(figure) or [float("nan")])


@dataclass(frozen=True)
class Bench:
    """A folder with a site, for how many seconds to measure, and for how many nobody measures before."""

    site: Site
    folder: Path
    seconds: float
    warm: float

    def measure(self, kind: Kind, workload: Workload) -> Figures:
        """Start the server, warm it up, measure and stop it. Raises RuntimeError."""
        asks = workload.asks(self.site)
        driver = Driver(self.folder, [ask.request for ask in asks])
        with running(kind, self.site, self.folder / "server", workload.lines) as server:
            check(server.address, asks)
            driver.run(server.address, self.warm, workload.connections)
            empty = memory(server.pid)
            with idle_clients(server.address, workload.idle) as held:
                full, before = memory(server.pid), server.cpu()
                load = driver.run(server.address, self.seconds, workload.connections)
                spent = server.cpu() - before
                figures = seen(load, spent) | {"memory": memory(server.pid)}
            if workload.idle:
                figures |= {"held": float(held), "each": max(full - empty, 0) * 1024 / max(held, 1)}
            return figures


def seen(load: Load, spent: float) -> Figures:
    """The figures of a load that took some seconds of processor time; few where nothing was answered."""
    figures = {"rate": load.requests / load.seconds, "errors": float(load.errors)}
    if load.requests:
        figures |= {"cpu": spent * 1e6 / load.requests, "p50": load.p50, "p99": load.p99}
    return figures


@contextmanager
def bench(seconds: float, warm: float, **site: int) -> Iterator[Bench]:
    """A bench in a folder of its own, which is gone afterwards."""
    with TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # servers that root starts change to another user
        (folder / "site").mkdir()
        yield Bench(make(folder / "site", **site), folder, seconds, warm)


def rounds(here: Bench, kinds: list[Kind], workloads: list[Workload], count: int) -> Iterator[Result]:
    """Measure everything `count` times, the servers of a workload in turn, each round beginning with another.

    Yields the result that has just been added to.
    """
    results = {(w.name, k.name): Result(w.name, k.name) for w in workloads for k in kinds}
    for number in range(count):
        for workload in workloads:
            for kind in turned(kinds, number):
                result = results[workload.name, kind.name]
                if workload.apaches_only and not kind.apache:
                    result.trouble = NOT_DONE
                else:
                    attempt(here, kind, workload, result)
                yield result


def attempt(here: Bench, kind: Kind, workload: Workload, result: Result) -> None:
    """One measurement, whose failure is noted and does not end the others."""
    try:
        result.rounds.append(here.measure(kind, workload))
    except (RuntimeError, OSError) as error:
        result.trouble = str(error)


def turned(kinds: list[Kind], number: int) -> Iterable[Kind]:
    """The kinds, beginning with another one each time."""
    start = number % len(kinds)
    return kinds[start:] + kinds[:start]
