"""worker: a few processes of many threads; a connection has a thread from its accept to its close.

The thread is a seat. A child accepts only while one is free and leaves other clients to other children; a
kept connection holds its seat while it is idle, and the seat's slot of the scoreboard tells of nobody else.
But a thread that only waits sleeps: the child's main thread, a listener (listener.py), waits in its place and
gives the answers that need no thread. Many threads that contend for Python's lock would cost several times
what such an answer costs. See the manual page worker.
"""

import socket
from collections import deque
from queue import SimpleQueue

from pyhttpd.core.verdict import Verdict
from pyhttpd.mpm.base import MPM, Child
from pyhttpd.mpm.guests import Guest, State
from pyhttpd.mpm.listener import Listener, run
from pyhttpd.mpm.parking import ParkingLot
from pyhttpd.mpm.scoreboard import Slot, Status
from pyhttpd.mpm.sizing import WORKER

SHOWN = {
    State.WAITING: Status.BUSY_KEEPALIVE,
    State.WRITING: Status.BUSY_WRITE,
    State.CLOSING: Status.CLOSING,
}


class Seats(ParkingLot):
    """A worker for each guest. The slot of a seat is written by whoever has the guest, listener or worker."""

    def __init__(self, child: Child) -> None:
        super().__init__(child)
        self.slots = [child.slot(number) for number in range(child.limits.threads)]
        self.jobs: dict[Slot, SimpleQueue[Guest | None]] = {slot: SimpleQueue() for slot in self.slots}
        self.free: deque[Slot] = deque()

    def has_room(self) -> bool:
        return bool(self.free)

    def admit(self, door: socket.socket) -> Guest | None:
        """Lead a connection to a free seat."""
        if not self.free:
            return None
        slot = self.free.popleft()
        guest = self.take_in(door, slot)
        if guest is None:
            self.free.appendleft(slot)
        else:
            slot.report(Status.BUSY_READ)
        return guest

    def assign(self, guest: Guest) -> None:
        self.jobs[guest.slot].put(guest)

    def heed(self, stopping: bool) -> None:
        """Nothing: a seat's slot asks the board."""

    def work(self, number: int) -> None:
        """One connection after the other; sleep while the listener waits for it."""
        slot = self.slots[number]
        self.vacate(slot)
        while (guest := self.jobs[slot].get()) is not None:
            self.serve(guest)
        slot.report(Status.DEAD)

    def park(self, guest: Guest, state: State, deadline: float) -> None:
        """Leave a connection to the listener; one without a request yet goes on being read."""
        if guest.connection.requests or state is not State.WAITING:
            guest.slot.report(SHOWN[state])
        super().park(guest, state, deadline)

    def drop(self, guest: Guest) -> None:
        """Close a connection; its seat is free then."""
        seated = self.guests.get(guest.descriptor) is guest
        super().drop(guest)
        if seated:
            self.vacate(guest.slot)

    def vacate(self, slot: Slot) -> None:
        """Nobody sits here, and the listener may accept again if it waits for that."""
        slot.report(Status.READY)  # first: from the next line on the slot may be another guest's
        self.free.append(slot)
        if self.full:
            self.wake()

    def dismiss(self) -> None:
        for jobs in self.jobs.values():
            jobs.put(None)

    def count(self) -> None:
        """Nothing: the slots tell all."""


class Usher(Listener):
    """The main thread of a child: leads to the seats, and waits for those who sit there."""

    def go_on(self, guest: Guest, verdict: Verdict | None) -> None:
        """Tell the slot of what does not come by `park`: a guest who stays parked."""
        if verdict is Verdict.KEEP:
            guest.slot.report(Status.BUSY_KEEPALIVE)
        elif verdict is Verdict.MORE and guest.connection.pending:
            guest.slot.report(Status.BUSY_READ)
        super().go_on(guest, verdict)

    def wind_down(self) -> bool:
        """Whether everybody has gone; who sits may ask once more until his time is over, as in 2.2."""
        self.lot.winding_down = True
        return not self.lot.guests


def run_child(child: Child) -> None:
    """Serve as worker does."""
    run(Usher(Seats(child)))


MODEL = MPM(WORKER, run_child, "SIGUSR1 received.  Doing graceful restart")
