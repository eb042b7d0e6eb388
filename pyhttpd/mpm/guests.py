"""The connections of a child that listens for them: where each of them is, and when its time is over.

Deadlines are a heap of hints, one for each connection: a connection whose hint comes up and which has been
given more time meanwhile gets a new hint. So nothing has to be removed from the heap; it is swept when most
of its hints are of connections that have gone.
"""

import heapq
import itertools
import math
from collections import deque
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


MOST_GONE = 256  # hints of connections that have gone, before anybody looks how many there are
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
    gone: bool = False  # closed


class Deadlines:
    """When to look at whom. Workers `remind` and `forget`, the listener asks who is `due`."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Guest]] = []  # the listener's alone
        self._hints: deque[tuple[float, Guest]] = deque()  # on their way into the heap
        self._serial = itertools.count()
        self._gone = 0  # hints of guests that have gone, about

    def remind(self, guest: Guest) -> None:
        """See to it that the guest's deadline is noticed.

        The listener forgets a hint before it looks at the state, a worker sets the state before it looks at
        the hint. So one of them gives the next hint; if both do, one is for nothing.
        """
        if guest.deadline < guest.hint:
            guest.hint = guest.deadline
            self._hints.append((guest.deadline, guest))

    def forget(self, guest: Guest) -> None:
        """The guest has gone. Its hint need not come up any more, but there may be few such."""
        guest.gone = True
        if guest.hint < math.inf:
            self._gone += 1

    def due(self, now: float) -> Iterator[Guest]:
        """The parked guests whose time is over."""
        self._take_hints()
        while self._heap and self._heap[0][0] <= now:
            guest = heapq.heappop(self._heap)[2]
            guest.hint = math.inf
            if guest.gone:
                self._gone -= 1
            if guest.gone or guest.state is State.BUSY:
                continue
            if guest.deadline > now:
                self.remind(guest)
            else:
                yield guest

    def next(self, now: float, most: float) -> float:
        """Seconds until somebody may be due, `most` at the most."""
        self._take_hints()
        return min(most, self._heap[0][0] - now) if self._heap else most

    def _take_hints(self) -> None:
        while self._hints:
            deadline, guest = self._hints.popleft()
            heapq.heappush(self._heap, (deadline, next(self._serial), guest))
        if self._gone > MOST_GONE and self._gone > len(self._heap) // 2:
            self._heap = [entry for entry in self._heap if not entry[2].gone]
            heapq.heapify(self._heap)
            self._gone = 0
