"""How many processes and threads: the sizing directives, replayed in the order they were written.

Apache checks each of these directives when it executes it, against what stands above it; hence their order
matters and the configuration keeps them as statements. The one exception: worker and event look ahead and
swap MaxClients with a later ThreadsPerChild. A file is read twice at start and ServerLimit and ThreadLimit
survive the first time, so the second reading knows them from its first line on; warnings are those of the
first. See the manual pages mpm_common, prefork and worker; the texts are 2.2's, tools look for them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Statement = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """What distinguishes one MPM's numbers: its built-in defaults and its tops."""

    name: str
    threaded: bool
    top_servers: int
    top_threads: int
    server_limit: int
    thread_limit: int
    threads: int
    start: int
    min_spare: int  # in idle threads, or processes
    max_spare: int


PREFORK = Kind("prefork", False, 200000, 1, 256, 1, 1, 5, 5, 10)
WORKER = Kind("worker", True, 20000, 20000, 16, 64, 25, 3, 75, 250)
EVENT = Kind("event", True, 20000, 100000, 16, 64, 25, 3, 75, 250)
KINDS = {kind.name: kind for kind in (PREFORK, WORKER, EVENT)}


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers a server runs with. `spare` numbers count idle threads (processes under prefork)."""

    server_limit: int
    thread_limit: int
    threads: int  # per child
    children: int  # at most, of one generation
    start: int
    min_spare: int
    max_spare: int
    warnings: tuple[str, ...] = ()  # for stderr, without a time stamp
    ignored: str = ""  # of a restart: that the limits cannot be changed


class Sizing:
    """One reading of the statements."""

    def __init__(self, kind: Kind, server_limit: int, thread_limit: int, fixed: bool = False) -> None:
        self.kind, self.fixed = kind, fixed
        self.server_limit, self.thread_limit = server_limit, thread_limit
        self.threads, self.start = kind.threads, kind.start
        self.children = server_limit
        self.min_spare, self.max_spare = kind.min_spare, kind.max_spare
        self.ignored = False
        self.warnings: list[str] = []

    def read(self, statements: Iterable[Statement]) -> "Sizing":
        """Execute the statements one after the other."""
        for name, value in statements:
            STEPS[name](self, value)
        return self

    def warn(self, text: str) -> None:
        self.warnings.append(f"WARNING: {text}")

    def positive(self, name: str, value: int) -> int:
        """At least 1, with a warning where that is more than was asked for."""
        if value < 1:
            self.warn(f"Require {name} > 0, setting to 1")
        return max(value, 1)

    def set_start(self, value: int) -> None:
        self.start = value

    def set_max_spare(self, value: int) -> None:
        self.max_spare = value

    def set_min_spare(self, value: int) -> None:
        """MinSpareServers, MinSpareThreads: at least 1."""
        if value <= 0:
            name = "MinSpareThreads" if self.kind.threaded else "MinSpareServers"
            self.warn(
                f"detected {name} set to non-positive.\n"
                "Resetting to 1 to avoid almost certain Apache failure.\n"
                "Please read the documentation."
            )
        self.min_spare = max(value, 1)

    def set_server_limit(self, value: int) -> None:
        self.server_limit = self.limit("ServerLimit", value, self.server_limit, self.kind.top_servers)

    def set_thread_limit(self, value: int) -> None:
        self.thread_limit = self.limit("ThreadLimit", value, self.thread_limit, self.kind.top_threads)

    def limit(self, name: str, value: int, before: int, top: int) -> int:
        """ServerLimit, ThreadLimit: up to the top, and never changed while the server runs."""
        if self.fixed:
            self.ignored |= value != before
            return before
        if value > top:
            self.warn(
                f"{name} of {value} exceeds compile time limit of {top} servers,\n lowering {name} to {top}."
            )
        return self.positive(name, min(value, top))

    def set_threads(self, value: int) -> None:
        """ThreadsPerChild: up to ThreadLimit."""
        if value > self.thread_limit:
            self.warn(
                f"ThreadsPerChild of {value} exceeds ThreadLimit value of {self.thread_limit}\n"
                f"threads, lowering ThreadsPerChild to {self.thread_limit}. To increase, please see the\n"
                " ThreadLimit directive."
            )
        self.threads = self.positive("ThreadsPerChild", min(value, self.thread_limit))

    def set_max_clients(self, value: int) -> None:
        """MaxClients: as many whole children as ServerLimit admits."""
        clients = self.whole_children(value) if self.kind.threaded else value
        children = clients // self.threads
        if children > self.server_limit:
            self.warn(self.too_many(clients, children))
            children = self.server_limit
        self.children = self.positive("MaxClients", children)

    def whole_children(self, clients: int) -> int:
        """MaxClients of a threaded MPM: a multiple of ThreadsPerChild."""
        if clients < self.threads:
            self.warn(
                f"MaxClients ({clients}) must be at least as large\n as ThreadsPerChild ({self.threads}). "
                f"Automatically\n increasing MaxClients to {self.threads}."
            )
            return self.threads
        children, rest = divmod(clients, self.threads)
        if rest:
            self.warn(
                f"MaxClients ({clients}) is not an integer multiple\n of ThreadsPerChild ({self.threads}), "
                f"lowering MaxClients to {clients - rest}\n for a maximum of {children} child processes,"
            )
        return clients - rest

    def too_many(self, clients: int, children: int) -> str:
        """2.2's warning for more children than ServerLimit."""
        limit = self.server_limit
        if not self.kind.threaded:
            return (
                f"MaxClients of {clients} exceeds ServerLimit value of {limit} servers,\n"
                f" lowering MaxClients to {limit}.  To increase, please see the ServerLimit\n directive."
            )
        return (
            f"MaxClients of {clients} would require {children} servers,\n"
            f" and would exceed the ServerLimit value of {limit}.\n"
            f" Automatically lowering MaxClients to {limit * self.threads}.  To increase,\n"
            " please see the ServerLimit directive."
        )


STEPS: dict[str, Callable[[Sizing, int], None]] = {
    "StartServers": Sizing.set_start,
    "MinSpareServers": Sizing.set_min_spare,
    "MaxSpareServers": Sizing.set_max_spare,
    "MinSpareThreads": Sizing.set_min_spare,
    "MaxSpareThreads": Sizing.set_max_spare,
    "MaxClients": Sizing.set_max_clients,
    "ThreadsPerChild": Sizing.set_threads,
    "ServerLimit": Sizing.set_server_limit,
    "ThreadLimit": Sizing.set_thread_limit,
}


def limits(kind: Kind, statements: Iterable[Statement], running: Limits | None = None) -> Limits:
    """The numbers of a configuration; `running` are those of the server that is being restarted."""
    lines = _threads_first(list(statements)) if kind.threaded else list(statements)
    if running:
        first = last = Sizing(kind, running.server_limit, running.thread_limit, fixed=True).read(lines)
    else:
        first = Sizing(kind, kind.server_limit, kind.thread_limit).read(lines)
        last = Sizing(kind, first.server_limit, first.thread_limit).read(lines)
    both = "ServerLimit or ThreadLimit" if kind.threaded else "ServerLimit"
    return Limits(
        last.server_limit,
        last.thread_limit,
        last.threads,
        last.children,
        max(0, min(last.start, last.children)),
        last.min_spare,
        max(last.max_spare, last.min_spare + last.threads),
        tuple(first.warnings),
        f"WARNING: Attempt to change {both} ignored during restart" if last.ignored else "",
    )


def _threads_first(lines: list[Statement]) -> list[Statement]:
    """Swap the first ThreadsPerChild with the last MaxClients before it, if there is one."""
    names = [name for name, _ in lines]
    if "ThreadsPerChild" in names:
        threads = names.index("ThreadsPerChild")
        before = [index for index in range(threads) if names[index] == "MaxClients"]
        if before:
            lines[before[-1]], lines[threads] = lines[threads], lines[before[-1]]
    return lines
