"""Where a child's connections are parked, and how workers take them from there and put them back.

A connection is with the listener (parked, in the poll set) or with a worker; `park` and `hand_over` are the
two ways across. Workers park what they have served by themselves, without waking the listener, unless it
would sleep past a deadline or waits for an idle worker. Which worker has whom is the rule of the MPM.
"""

import contextlib
import math
import os
import socket
import time
from abc import ABC, abstractmethod

from pyhttpd.core.verdict import Verdict
from pyhttpd.mpm import linger
from pyhttpd.mpm.base import Child
from pyhttpd.mpm.guests import DIRECTION, Deadlines, Guest, State
from pyhttpd.mpm.poller import Poller
from pyhttpd.mpm.scoreboard import Slot

FIRST_GRACE, NEXT_GRACE = 5.0, 1.0  # seconds a child told to finish waits on for a first or next request


class ParkingLot(ABC):
    """The connections of one child. Its workers belong to the MPM, which says what is abstract here."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.poller = Poller()
        self.guests: dict[int, Guest] = {}
        self.parked: dict[State, set[Guest]] = {state: set() for state in DIRECTION}
        self.deadlines = Deadlines()
        self.full = False  # not accepting because all workers are busy: who becomes idle wakes the listener
        self.winding_down = False
        self.wakes_at = 0.0  # who parks a guest with an earlier deadline wakes the listener
        self.wake_reader, self.wake_writer = os.pipe()
        for descriptor in (self.wake_reader, self.wake_writer):
            os.set_blocking(descriptor, False)
        self.poller.watch(self.wake_reader)

    @abstractmethod
    def has_room(self) -> bool:
        """Whether to accept."""

    @abstractmethod
    def admit(self, door: socket.socket) -> Guest | None:
        """Take a connection that waits at a door; None if there is none to take."""

    @abstractmethod
    def assign(self, guest: Guest) -> None:
        """Let a worker serve a guest's next turn."""

    @abstractmethod
    def heed(self, stopping: bool) -> None:
        """Know whether the child has been told to finish, for answers that the listener gives."""

    @abstractmethod
    def work(self, number: int) -> None:
        """A worker thread, until dismissed."""

    @abstractmethod
    def dismiss(self) -> None:
        """Tell the workers that there is nothing more to do."""

    @abstractmethod
    def count(self) -> None:
        """Tell the scoreboard who is here."""

    def take_in(self, door: socket.socket, slot: Slot) -> Guest | None:
        """Accept a connection that is to report to this slot; None if there is none, or is to be none."""
        taken = self.child.take(door)
        connection = None if taken is None else self.child.connect(*taken, slot, parked=True)
        if connection is None:
            return None
        guest = self.guests[connection.fileno()] = Guest(connection, connection.fileno(), slot)
        return guest

    def serve(self, guest: Guest) -> None:
        """A guest's turn in a worker thread."""
        try:
            turn = guest.connection.flush if guest.writing else guest.connection.serve_one
            self.settle(guest, turn())
        except Exception as error:
            self.child.mishap(error)
            self.drop(guest)

    def settle(self, guest: Guest, verdict: Verdict) -> None:
        """Do with a connection what its turn ended with."""
        now, connection = time.monotonic(), guest.connection
        guest.writing = verdict is Verdict.WRITE
        if guest.writing:
            self.park(guest, State.WRITING, now + connection.timeout)
        elif verdict is Verdict.CLOSE:
            self.say_goodbye(guest, now)
        elif connection.pending:
            self.assign(guest)
        else:
            wait = connection.keepalive_timeout if connection.requests else connection.timeout
            most = grace(guest) if self.child.stopping else math.inf
            self.park(guest, State.WAITING, now + min(wait, most))

    def say_goodbye(self, guest: Guest, now: float) -> None:
        if guest.connection.start_linger():
            guest.end = now + linger.ALTOGETHER
            self.park(guest, State.CLOSING, now + linger.SILENCE)
        else:
            self.drop(guest)

    def park(self, guest: Guest, state: State, deadline: float) -> None:
        """Leave a connection to the listener.

        It is the listener's last of all: one that breaks might be closed in the midst of this otherwise.
        """
        guest.deadline = deadline
        self.parked[state].add(guest)
        known, guest.armed = guest.armed, True
        self.poller.arm(guest.descriptor, DIRECTION[state], known)
        guest.state = state
        self.deadlines.remind(guest)
        if deadline < self.wakes_at:
            self.wake()

    def hand_over(self, guest: Guest) -> None:
        """Let a worker have it."""
        guest.writing = guest.state is State.WRITING
        self.unpark(guest)
        if guest.armed:
            self.poller.disarm(guest.descriptor)
        self.assign(guest)

    def unpark(self, guest: Guest) -> None:
        """A guest no longer waits: somebody is busy with it."""
        if guest.state is not State.BUSY:
            self.parked[guest.state].discard(guest)
            guest.state = State.BUSY
        guest.begun = False

    def drop(self, guest: Guest) -> None:
        """Close a connection."""
        if self.guests.get(guest.descriptor) is guest:
            del self.guests[guest.descriptor]
            if guest.armed:
                self.poller.forget(guest.descriptor)
        if guest.armed:  # else it was never parked
            for guests in self.parked.values():
                guests.discard(guest)
        guest.state = State.BUSY
        self.deadlines.forget(guest)
        linger.quietly(self.child, guest.connection.close)
        if self.winding_down:
            self.wake()

    def wake(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self.wake_writer, b".")


def grace(guest: Guest) -> float:
    """Seconds that a child told to finish waits for this guest's request."""
    return NEXT_GRACE if guest.connection.requests else FIRST_GRACE
