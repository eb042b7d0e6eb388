"""The connections of a child that listens for them: where each of them is, and when its time is over.

Deadlines are a heap of hints, one for each connection: a connection whose hint comes up and which has been
given more time meanwhile gets a new hint. So nothing has to be removed from the heap and nothing is ever
scanned.
"""

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pyhttpd.mpm.base import Connection
from pyhttpd.mpm.poller import READ, WRITE
from pyhttpd.mpm.scoreboard import Slot


class State(Enum):
    """Where a connection is; only WAITING, WRITING and CLOSING are the listener's."""

    BUSY = "busy"  # with a worker
    WAITING = "waiting"  # for a first or next request
    WRITING = "writing"  # for the socket to take more
    CLOSING = "closing"  # for the client to close


DIRECTION = {State.WAITING: READ, State.WRITING: WRITE, State.CLOSING: READ}


@dataclass(slots=True, eq=False)
class Guest:
    """A connection, for as long as it is with us."""

    connection: Connection
    descriptor: int
    slot: Slot  # to which it reports while it is with the listener
    state: State = State.BUSY
    deadline: float = math.inf
    hint: float = math.inf  # when the heap will remind us; inf when it will not
    end: float = 0.0  # of lingering
    writing: bool = False  # whether its next turn goes on sending
    armed: bool = False  # whether the poll set has known it
    begun: bool = False  # whether part of a request has come


class Deadlines:
    """When to look at whom. Workers `remind`, the listener asks who is `due`."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Guest]] = []
        self._serial = itertools.count()

    def remind(self, guest: Guest) -> None:
        """See to it that the guest's deadline is noticed.

        The listener forgets a hint before it looks at the state, a worker sets the state before it looks at
        the hint. So one of them puts the next hint into the heap; if both do, one is for nothing.
        """
        if guest.deadline < guest.hint:
            guest.hint = guest.deadline
            heapq.heappush(self._heap, (guest.deadline, next(self._serial), guest))

    def due(self, now: float) -> Iterator[Guest]:
        """The parked guests whose time is over."""
        while self._heap and self._heap[0][0] <= now:
            guest = heapq.heappop(self._heap)[2]
            guest.hint = math.inf
            if guest.state is State.BUSY:
                continue
            if guest.deadline > now:
                self.remind(guest)
            else:
                yield guest

    def next(self, now: float, most: float) -> float:
        """Seconds until somebody may be due, `most` at the most."""
        return min(most, self._heap[0][0] - now) if self._heap else most
