"""Interleaved rounds: each server is started anew, loaded alone, then beside a crowd, and ended."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from pyhttpd.tools.board import Unavailable
from pyhttpd.tools.compare.apart import LOOPBACK
from pyhttpd.tools.compare.asked import Asked
from pyhttpd.tools.compare.crowd import Crowd, crowd
from pyhttpd.tools.compare.served import Served, served
from pyhttpd.tools.load import processes
from pyhttpd.tools.load.wrk import Source

if TYPE_CHECKING:
    from pyhttpd.core.server import Options
    from pyhttpd.mpm.scoreboard import Counts, Picture

ALONE, BESIDE = "alone", "beside"
WARMINGS = 6  # at most
GLANCE = 0.25  # seconds between two looks at a scoreboard, at most
Figures = dict[str, float]
Tell = Callable[[str], None]


class Look(NamedTuple):
    """A scoreboard when it was busiest: letters of all workers, a blank between two children with threads."""

    letters: str = ""
    busy: int = 0
    connections: int = 0


@dataclass
class Phase:
    """What was seen of a server alone or beside a crowd, in every round."""

    rounds: list[Figures] = field(default_factory=list)
    look: Look = Look()

    def values(self, figure: str) -> list[float]:
        """A figure in the rounds in which there was one."""
        return [one[figure] for one in self.rounds if figure in one]

    def median(self, figure: str) -> float | None:
        """The middle one of all rounds, if there is one."""
        values = self.values(figure)
        return median(values) if values else None


@dataclass
class Result:
    """One MPM. `trouble` says why something is missing."""

    mpm: str
    clients: int  # MaxClients
    kept: str  # KeepAliveTimeout, or Off
    phases: dict[str, Phase] = field(default_factory=dict)
    answer: tuple[int, str] = (0, "")  # status and length of the first one
    trouble: str = ""


@dataclass(frozen=True)
class Plan:
    """What to do with each server."""

    options: "Options"
    asked: Asked
    source: Source
    seconds: float
    warm: float
    connections: int
    idle: int
    slow: int

    @property
    def phases(self) -> tuple[str, ...]:
        """Alone, and beside a crowd if there is one."""
        return (ALONE, BESIDE) if self.idle or self.slow else (ALONE,)

    def measure(self, result: Result, tell: Tell) -> None:
        """One round of one server. Raises RuntimeError or OSError."""
        tell("starts")
        staying, leaving = self.asked.requests()[0], self.asked.requests("Connection: close")[0]
        with served(replace(self.options, mpm=result.mpm)) as server:
            port = self.asked.real_port(server.wait_for_ports())
            result.answer = server.first_answer(port, leaving)
            tell("warms up")
            self.warm_up(server, (LOOPBACK, port))
            for name in self.phases:
                idle, slow = (self.idle, self.slow) if name == BESIDE else (0, 0)
                tell("a crowd gathers" if idle or slow else "is loaded")
                with crowd((LOOPBACK, port), staying, leaving, idle, slow) as people:
                    tell("is loaded beside the crowd" if idle or slow else "is loaded")
                    self.observe(server, people, result.phases.setdefault(name, Phase()))

    def warm_up(self, server: Served, address: tuple[str, int]) -> None:
        """Load that nobody measures, until there are as many processes as it takes."""
        for _ in range(WARMINGS):
            before = processes.tree(server.pid)
            self.source.run(address, self.warm, self.connections)
            if len(processes.tree(server.pid)) == len(before):
                return

    def observe(self, server: Served, people: Crowd, phase: Phase) -> None:
        """Load it for some seconds, and look."""
        before, held, memory = processes.cpu(server.pid), people.held, counted(server)
        people.coming = True
        with glancing(server, phase, min(GLANCE, self.seconds / 4)):
            load = self.source.run(people.address, self.seconds, self.connections)
        spent = processes.cpu(server.pid) - before
        figures: Figures = {
            "rate": load.requests / load.seconds,
            "replayed": share(memory, counted(server)),
            "memory": processes.memory(server.pid),
            "processes": len(processes.tree(server.pid)),
            "threads": processes.threads(server.pid),
            "held": held,
        }
        if load.requests:
            each = {"cpu": spent * 1e6 / (load.requests + len(people.waits))}
            figures |= each | {"p50": load.p50, "p95": load.p95, "p99": load.p99}
        people.wait_for_the_last()
        if people.came:
            figures |= {"new": people.came, "answered": len(people.waits) / people.came * 100}
        stalled = 0 if load.requests else self.connections  # wrk counts only answers that come late
        figures["errors"] = load.errors + stalled + people.came - len(people.waits)
        if (wait := people.typical_wait) is not None:
            figures["wait"] = wait
        phase.rounds.append(figures)


def counted(server: Served) -> "Counts":
    """What its scoreboard has counted so far."""
    from pyhttpd.mpm.scoreboard import Counts

    with suppress(Unavailable):
        return server.place.look().counts
    return Counts()


def share(before: "Counts", after: "Counts") -> float:
    """Per cent of the answers between two moments that came from memory."""
    answers = after.answers - before.answers
    return (after.replayed - before.replayed) / answers * 100 if answers > 0 else 0.0


@contextmanager
def glancing(server: Served, phase: Phase, every: float) -> Iterator[None]:
    """Look at the scoreboard now and then, and keep the busiest moment."""
    over = threading.Event()

    def glance() -> None:
        while not over.wait(every):
            with suppress(Unavailable):
                phase.look = max(seen(server.place.look()), phase.look, key=lambda look: look.busy)

    thread = threading.Thread(target=glance, name="glance")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def seen(picture: "Picture") -> Look:
    """What is kept of a picture."""
    letters = [child.letters for child in picture.children]
    connections = sum(child.connections for child in picture.children)
    between = " " if any(len(row) > 1 for row in letters) else ""
    return Look(between.join(letters), picture.busy, connections)


def rounds(plan: Plan, results: list[Result], count: int, tell: Callable[[int, str, str], None]) -> None:
    """Measure all servers in turn, each round beginning with another one.

    A server that fails is left out of later rounds. `tell` hears the round, the MPM and what happens.
    """
    for number in range(count):
        start = number % len(results)
        for result in results[start:] + results[:start]:
            if result.trouble:
                continue
            try:
                plan.measure(result, partial(tell, number, result.mpm))
            except (RuntimeError, OSError, ValueError) as error:
                result.trouble = str(error)
            tell(number, result.mpm, "")
