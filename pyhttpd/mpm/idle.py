"""Idle maintenance: how many children to start or to retire, decided once a second.

Too few idle workers: start 1, then 2, 4 ... up to 32 children a second for as long as it takes. Too many:
retire one a second. For ten seconds after a graceful restart the rate stays where it is, because old
children still serve and would make the server overshoot. This is arithmetic only; the parent acts on it.
"""

from dataclasses import dataclass, field

from pyhttpd.mpm.sizing import Kind, Limits

MOST_AT_ONCE = 32
BUSY_RATE = 8
HOLD_OFF = 10  # ticks

REACHED = "server reached MaxClients setting, consider raising the MaxClients setting"
WITHIN = "server is within MinSpareThreads of MaxClients, consider raising the MaxClients setting"
SEEMS_BUSY = {
    False: "server seems busy, (you may need to increase StartServers, or Min/MaxSpareServers), "
    "spawning {start} children, there are {idle} idle, and {children} total children",
    True: "server seems busy, (you may need to increase StartServers, ThreadsPerChild "
    "or Min/MaxSpareThreads), "
    "spawning {start} children, there are around {idle} idle threads, and {children} total children",
}


@dataclass
class Maintenance:
    """The rate of starting, and what has been said already."""

    kind: Kind
    rate: int = 1
    hold_off: int = 0
    reported: bool = False
    notices: list[tuple[str, str]] = field(default_factory=list)  # (level, message) for the error log

    def tick(self, limits: Limits, idle: int, children: int, free: int) -> int:
        """How many children to start (above 0) or to retire (below 0) now.

        `idle` counts workers, `children` processes, `free` how many more processes there may be.
        """
        if idle > limits.max_spare:
            self.rate = 1
            return -1
        if idle >= limits.min_spare:
            self.rate = 1
            return 0
        if free <= 0:
            self.report(idle)
            self.rate = 1
            return 0
        return self.start(idle, children, free)

    def start(self, idle: int, children: int, free: int) -> int:
        """How many to start now; twice as many next time."""
        start = min(self.rate, free)
        if self.rate >= BUSY_RATE:
            text = SEEMS_BUSY[self.kind.threaded].format(start=start, idle=idle, children=children)
            self.notices.append(("info", text))
        if self.hold_off:
            self.hold_off -= 1
        else:
            self.rate = min(self.rate * 2, MOST_AT_ONCE)
        return start

    def report(self, idle: int) -> None:
        if not self.reported:
            self.reported = True
            self.notices.append(("error", WITHIN if idle and self.kind.name == "worker" else REACHED))
