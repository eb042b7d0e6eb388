"""How many children there are: started, replaced, retired and ended as the numbers of an MPM ask for.

Under prefork an old child keeps its place until it has gone; under the threaded MPMs new children start
beside the old ones, which take nothing new and leave when they are done.
"""

import signal
import time
from collections.abc import Iterable

from pyhttpd.mpm.base import Server
from pyhttpd.mpm.children import Children, Record
from pyhttpd.mpm.idle import HOLD_OFF, Maintenance
from pyhttpd.mpm.scoreboard import Scoreboard, Status, idle_workers
from pyhttpd.mpm.signals import SignalPipe
from pyhttpd.mpm.sizing import Kind, Limits

FORK_PAUSE = 10.0  # seconds without a new child after fork has failed
ESCALATION = (  # seconds after the first SIGTERM
    (3.0, signal.SIGTERM, "warn"),
    (5.0, signal.SIGTERM, "warn"),
    (7.0, signal.SIGTERM, "warn"),
    (9.0, signal.SIGKILL, "error"),
)
GIVE_UP = 10.0


class Population:
    """The children of the present server and those that are left of older ones."""

    def __init__(self, kind: Kind, children: Children, board: Scoreboard, signals: SignalPipe) -> None:
        self.kind, self.children, self.board, self.signals = kind, children, board, signals
        self.maintenance = Maintenance(kind)
        self.remaining = 0  # children still to start at once
        self.pause_until = 0.0

    def begin(self, server: Server, limits: Limits) -> None:
        """Start the children of a generation."""
        self.server, self.limits = server, limits
        self.remaining = limits.start
        self.fill()

    def after_graceful(self) -> None:
        """Let the rate of starting be while old children still serve."""
        self.maintenance.hold_off = HOLD_OFF

    def room(self) -> int:
        """How many more children there may be now."""
        if self.kind.threaded:  # old children finish beside the new ones
            serving = sum(self.children.serving(record) for record in self.children)
            return min(self.limits.children - serving, self.board.rows - len(self.children))
        return self.limits.children - len(self.children)

    def start_children(self, count: int) -> int:
        """Start some children; how many it became."""
        if time.monotonic() < self.pause_until:
            return 0
        rows = self.children.free_rows()[: max(min(count, self.room()), 0)]
        for started, row in enumerate(rows):
            try:
                self.children.spawn(self.server, self.limits, row)
            except OSError as error:
                notice = f"({error.errno}){error.strerror}: fork: Unable to fork new process"
                self.server.log("error", notice)
                self.pause_until = time.monotonic() + FORK_PAUSE
                return started
        return len(rows)

    def fill(self) -> None:
        """Start what is still to be started of this generation, as far as there is room."""
        if self.remaining:
            self.remaining -= self.start_children(self.remaining)

    def maintain(self) -> None:
        """Keep enough, and not too many, workers idle."""
        idle = idle_workers(self.board, lambda process: not process.quiescing)
        change = self.maintenance.tick(self.limits, idle, len(self.children), self.room())
        for level, message in self.maintenance.notices:
            self.server.log(level, message)
        self.maintenance.notices.clear()
        if change > 0:
            self.start_children(change)
        elif change < 0:
            self.remaining = 0
            self.retire_one()

    def retire_one(self) -> None:
        """Tell the idlest child to finish."""

        def idleness(record: Record) -> tuple[int, int]:
            statuses = self.board.row(record.row)
            return statuses.count(Status.STARTING) + statuses.count(Status.READY), record.row

        serving = [record for record in self.children if self.children.serving(record)]
        if len(serving) > 1:
            self.children.retire(max(serving, key=idleness))

    def retire(self, records: Iterable[Record]) -> None:
        """Tell children to finish, those that have ended already left out."""
        for record in records:
            if record.pid in self.children.records:
                self.children.retire(record)

    def reclaim(self) -> None:
        """End all children now: TERM, again at 3, 5 and 7 seconds, KILL at 9."""
        start, steps = time.monotonic(), list(ESCALATION)
        for record in self.children:
            self.children.kill(record, signal.SIGTERM)
        while len(self.children) and (spent := time.monotonic() - start) < GIVE_UP:
            if steps and spent >= steps[0][0]:
                _, number, level = steps.pop(0)
                for record in self.children:
                    text = f"child process {record.pid} still did not exit, sending a {number.name}"
                    self.server.log(level, text)
                    self.children.kill(record, number)
            self.signals.wait(0.05)
            self.children.reap()
