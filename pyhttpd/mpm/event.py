"""event: like worker, but nobody waits in a thread.

The child's main thread listens, and one poll set holds all that waits: listening sockets, connections
before their first or next request, half-sent answers, and closing connections that linger. A worker thread
takes a connection for the time of one request and puts it back into the poll set by itself, without waking
the listener. Idle connections cost a descriptor and a small object. While all workers are busy the child
stops accepting, so that other children take what comes, and keeps what it has.
"""

import contextlib
import math
import os
import resource
import sys
import threading
import time
from queue import SimpleQueue

from pyhttpd.core.verdict import Verdict
from pyhttpd.mpm import linger
from pyhttpd.mpm.base import MPM, Child
from pyhttpd.mpm.guests import DIRECTION, Deadlines, Guest, State
from pyhttpd.mpm.poller import Poller
from pyhttpd.mpm.scoreboard import ListenerSlot, Slot, Status
from pyhttpd.mpm.sizing import EVENT

TICK = 1.0  # seconds of waiting at most
FIRST_GRACE, NEXT_GRACE = 5.0, 1.0  # seconds a child told to finish waits on for a first or next request
SWITCH_INTERVAL = 0.0005  # seconds; at Python's 5 ms one computing worker slows the listener a hundredfold


class Listener:
    """The main thread of a child: waits for everybody."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.poller = Poller()
        self.jobs: SimpleQueue[Guest | None] = SimpleQueue()
        self.guests: dict[int, Guest] = {}
        self.parked: dict[State, set[Guest]] = {state: set() for state in DIRECTION}
        self.deadlines = Deadlines()
        self.slot = ListenerSlot(child.board, child.row)
        self.doors = {sock.fileno(): sock for sock in child.listeners.sockets}
        self.open = False  # whether we accept
        self.full = False  # not accepting because all workers are busy: who becomes idle wakes us
        self.winding_down = False
        self.wakes_at = 0.0  # who parks a guest with an earlier deadline wakes us
        self.wake_reader, self.wake_writer = os.pipe()
        for descriptor in (self.wake_reader, self.wake_writer):
            os.set_blocking(descriptor, False)
        self.poller.watch(child.orders)
        self.poller.watch(self.wake_reader)

    # What the listener does.

    def run(self) -> None:
        """Listen until told to finish and everybody has gone."""
        while not (self.child.stopping and self.wind_down()):
            self.mind_the_door()
            self.count()
            for descriptor in self.poller.wait(self.nap()):
                self.event(descriptor)
            self.expire()
        self.count()
        self.poller.close()
        os.close(self.wake_reader)

    def nap(self) -> float:
        """Seconds to wait for events."""
        now = time.monotonic()
        seconds = self.deadlines.next(now, TICK)
        self.wakes_at = now + seconds
        return seconds

    def event(self, descriptor: int) -> None:
        """Something is ready."""
        if guest := self.guests.get(descriptor):
            self.ready(guest)
        elif descriptor in self.doors:
            self.welcome(descriptor)
        elif descriptor == self.child.orders:
            self.child.finish()
            self.poller.forget(descriptor)
        elif descriptor == self.wake_reader:
            linger.discard(descriptor)

    def welcome(self, descriptor: int) -> None:
        """Take a connection and wait for its first request."""
        taken = None if self.child.stopping else self.child.take(self.doors[descriptor])
        connection = self.child.connect(*taken, self.slot, parked=True) if taken else None
        if connection is not None:
            guest = self.guests[connection.fileno()] = Guest(connection, connection.fileno())
            self.settle(guest, Verdict.KEEP)

    def ready(self, guest: Guest) -> None:
        """A parked connection can go on."""
        state = guest.state
        if state is State.BUSY:
            return
        self.unpark(guest)
        if state is not State.CLOSING:
            self.jobs.put(guest)
        elif linger.discard(guest.descriptor) and (now := time.monotonic()) < guest.end:
            self.park(guest, State.CLOSING, min(now + linger.SILENCE, guest.end))
        else:
            self.drop(guest)

    def unpark(self, guest: Guest) -> None:
        """A guest no longer waits: somebody is busy with it."""
        self.parked[guest.state].discard(guest)
        guest.state = State.BUSY
        guest.connection.reporter = self.slot  # that of its last worker is another connection's by now

    def expire(self) -> None:
        """Close the connections whose time is over."""
        for guest in self.deadlines.due(time.monotonic()):
            state = guest.state
            self.unpark(guest)
            if state is State.WAITING:
                self.settle(guest, Verdict.CLOSE)
            else:
                self.drop(guest)

    def mind_the_door(self) -> None:
        """Accept while a worker is idle and nobody told us to finish."""
        self.full = True  # before counting: who becomes idle from now on wakes us
        idle = self.child.board.row(self.child.row).count(Status.READY)
        self.full = idle <= self.jobs.qsize()
        wanted = not self.full and not self.child.stopping
        if wanted != self.open:
            for descriptor in self.doors:
                (self.poller.listen if wanted else self.poller.forget)(descriptor)
            self.open = wanted

    def count(self) -> None:
        """Tell the scoreboard."""
        process = self.child.process
        process.connections = len(self.guests)
        process.waiting = len(self.parked[State.WAITING])
        process.writing = len(self.parked[State.WRITING])
        process.closing = len(self.parked[State.CLOSING])

    def wind_down(self) -> bool:
        """Shorten what is idle, once; whether everybody has gone.

        A client that has just been answered may have sent its next request already. So nobody is thrown out
        at once: who asks within the grace is answered, with `Connection: close`.
        """
        if not self.winding_down:
            self.winding_down = True
            now = time.monotonic()
            for guest in list(self.parked[State.WAITING]):
                guest.deadline = min(guest.deadline, now + grace(guest))
                self.deadlines.remind(guest)
        return not self.guests

    # What workers do as well.

    def settle(self, guest: Guest, verdict: Verdict) -> None:
        """Do with a connection what its turn ended with."""
        now, connection = time.monotonic(), guest.connection
        guest.writing = verdict is Verdict.WRITE
        if guest.writing:
            self.park(guest, State.WRITING, now + connection.timeout)
        elif verdict is Verdict.CLOSE:
            self.say_goodbye(guest, now)
        elif connection.pending:
            self.jobs.put(guest)
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
        """Leave a connection to the listener."""
        guest.deadline, guest.state = deadline, state
        self.parked[state].add(guest)
        known, guest.armed = guest.armed, True
        self.poller.arm(guest.descriptor, DIRECTION[state], known)
        self.deadlines.remind(guest)
        if deadline < self.wakes_at:
            self.wake()

    def drop(self, guest: Guest) -> None:
        """Close a connection."""
        if self.guests.get(guest.descriptor) is guest:
            del self.guests[guest.descriptor]
            if guest.armed:
                self.poller.forget(guest.descriptor)
        for guests in self.parked.values():
            guests.discard(guest)
        guest.state = State.BUSY
        linger.quietly(self.child, guest.connection.close)
        if self.winding_down:
            self.wake()

    def wake(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self.wake_writer, b".")

    def work(self, number: int) -> None:
        """A worker thread: one request after the other, of whichever connection."""
        slot = self.child.slot(number)
        self.idle(slot)
        while (guest := self.jobs.get()) is not None:
            slot.report(Status.BUSY_READ)
            guest.connection.reporter = slot
            try:
                turn = guest.connection.flush if guest.writing else guest.connection.serve_one
                self.settle(guest, turn())
            except Exception as error:
                self.child.mishap(error)
                self.drop(guest)
            self.idle(slot)
        slot.report(Status.DEAD)

    def idle(self, slot: Slot) -> None:
        """Report it, and let the listener accept again if it waits for that."""
        slot.report(Status.READY)
        if self.full:
            self.wake()


def grace(guest: Guest) -> float:
    """Seconds that a child told to finish waits for this guest's request."""
    return NEXT_GRACE if guest.connection.requests else FIRST_GRACE


def run_child(child: Child) -> None:
    """Listen in this thread, work in the others."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    allow_many_descriptors()
    listener = Listener(child)
    threads = [
        threading.Thread(target=listener.work, args=(number,), name=f"worker {number}")
        for number in range(child.limits.threads)
    ]
    for thread in threads:
        thread.start()
    listener.run()
    for _ in threads:
        listener.jobs.put(None)
    for thread in threads:
        thread.join()


def allow_many_descriptors() -> None:
    """Use as many descriptors as the system lets us."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


MODEL = MPM(EVENT, run_child, "SIGUSR1 received.  Doing graceful restart")
