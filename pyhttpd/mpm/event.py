"""event: like worker, but who waits holds no thread.

A listener (listener.py) holds all connections that wait, in one poll set with the listening sockets, and
lends them to a worker thread for the time of one request if that takes one. Idle connections cost a
descriptor and a small object. A child whose workers are all busy leaves new connections to children with
idle ones, and keeps what it has. See the manual page event.
"""

import socket
from queue import SimpleQueue

from pyhttpd.mpm.base import MPM, Child
from pyhttpd.mpm.guests import Guest, State
from pyhttpd.mpm.listener import Listener, run
from pyhttpd.mpm.parking import ParkingLot
from pyhttpd.mpm.scoreboard import ListenerSlot, Slot, Status
from pyhttpd.mpm.sizing import EVENT


class Pool(ParkingLot):
    """Workers that serve whoever needs one, for one request."""

    def __init__(self, child: Child) -> None:
        super().__init__(child)
        self.slot = ListenerSlot(child.board, child.row)
        self.jobs: SimpleQueue[Guest | None] = SimpleQueue()

    def has_room(self) -> bool:
        """Whether a worker is idle here, or nowhere."""
        board, queued = self.child.board, self.jobs.qsize()
        if board.row(self.child.row).count(Status.READY) > queued:
            return True
        return queued < self.child.limits.threads and Status.READY not in board.statuses()

    def admit(self, door: socket.socket) -> Guest | None:
        return self.take_in(door, self.slot)

    def assign(self, guest: Guest) -> None:
        self.jobs.put(guest)

    def heed(self, stopping: bool) -> None:
        self.slot.stopping = stopping

    def work(self, number: int) -> None:
        """One request after the other, of whichever connection."""
        slot = self.child.slot(number)
        self.idle(slot)
        while (guest := self.jobs.get()) is not None:
            slot.report(Status.BUSY_READ)
            guest.connection.reporter = slot
            self.serve(guest)
            self.idle(slot)
        slot.report(Status.DEAD)

    def idle(self, slot: Slot) -> None:
        """Report it, and let the listener accept again if it waits for that."""
        slot.report(Status.READY)
        if self.full:
            self.wake()

    def dismiss(self) -> None:
        for _ in range(self.child.limits.threads):
            self.jobs.put(None)

    def count(self) -> None:
        """Who is where, and what the listener has answered since last time."""
        process = self.child.process
        process.connections = len(self.guests)
        process.waiting = len(self.parked[State.WAITING])
        process.writing = len(self.parked[State.WRITING])
        process.closing = len(self.parked[State.CLOSING])
        process.not_accepting = self.full
        self.slot.tell()


def run_child(child: Child) -> None:
    """Serve as event does."""
    run(Listener(Pool(child)))


MODEL = MPM(EVENT, run_child, "SIGUSR1 received.  Doing graceful restart")
