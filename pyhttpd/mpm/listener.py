"""The main thread of a child under worker and event: waits for everybody, and answers what needs no thread.

One poll set holds all that waits: listening sockets, connections before their first or next request,
half-sent answers, and closing connections that linger. The listener reads what has come and answers by
itself what can be answered from memory; what may block goes to a worker thread, which puts the connection
back into the poll set without waking the listener. Which thread has whom is the rule of the MPM: its lot.
"""

import contextlib
import os
import resource
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable

from pyhttpd.core.logfile import Lines
from pyhttpd.core.verdict import Verdict
from pyhttpd.mpm import linger
from pyhttpd.mpm.guests import Guest, State
from pyhttpd.mpm.parking import ParkingLot, grace

TICK = 1.0  # seconds of waiting at most
BATCH = 64  # connections accepted in one turn
WAITING, KEEP = State.WAITING, Verdict.KEEP  # asked for with each answer
SWITCH_INTERVAL = 0.0005  # seconds; at Python's 5 ms one computing worker slows the listener a hundredfold


class Listener:
    """The main thread of a child: waits for everybody."""

    def __init__(self, lot: ParkingLot) -> None:
        self.lot, self.child = lot, lot.child
        self.doors = {sock.fileno(): sock for sock in self.child.listeners.sockets}
        self.open = False  # whether we accept
        self.now = 0.0  # the clock, read once a turn
        self.stopping = False  # whether we are to finish; see `heed`
        self.replay = self.child.server.replay
        self.lines: Lines = defaultdict(list)  # of this turn's answers
        self.lot.poller.watch(self.child.orders)

    def run(self) -> None:
        """Listen until told to finish and everybody has gone."""
        while not (self.child.stopping and self.wind_down()):
            self.mind_the_door()
            self.lot.count()
            self.turn(self.lot.poller.wait(self.nap()))
        self.lot.count()
        self.lot.poller.close()
        os.close(self.lot.wake_reader)

    def turn(self, ready: Iterable[int]) -> None:
        """Look after all that is ready; the log lines of a turn are written together, before we sleep."""
        self.now = time.monotonic()
        if self.replay is not None:
            self.replay.next_turn(self.now)
        self.heed()
        guests = self.lot.guests
        for descriptor in ready:
            guest = guests.get(descriptor)
            if guest is not None:
                self.ready(guest)
            else:
                self.event(descriptor)
        self.expire()
        if self.lines:
            lines, self.lines = self.lines, defaultdict(list)
            for log, written in lines.items():
                log.write_all(written)

    def heed(self) -> None:
        """Ask whether to finish: once a turn, and wherever that may have been decided in the midst of one."""
        self.stopping = self.child.stopping
        self.lot.heed(self.stopping)

    def nap(self) -> float:
        """Seconds to wait for events."""
        now = time.monotonic()
        seconds = self.lot.deadlines.next(now, TICK)
        self.lot.wakes_at = now + seconds
        return seconds

    def event(self, descriptor: int) -> None:
        """Something is ready that is no connection."""
        if descriptor in self.doors:
            self.welcome(descriptor)
        elif descriptor == self.child.orders:
            self.child.finish()
            self.heed()
            self.lot.poller.forget(descriptor)
        elif descriptor == self.lot.wake_reader:
            linger.discard(descriptor)

    def welcome(self, descriptor: int) -> None:
        """Take the connections that wait, and what they have sent already."""
        for _ in range(BATCH):
            guest = None if self.child.stopping else self.lot.admit(self.doors[descriptor])
            if guest is None:
                return
            self.heed()  # it may have been the last one
            self.go_on(guest, guest.connection.at_once(self.lines))

    def ready(self, guest: Guest) -> None:
        """A parked connection can go on."""
        state, connection = guest.state, guest.connection
        if state is WAITING:
            connection.reporter = guest.slot  # that of its last worker may be another connection's by now
            self.go_on(guest, connection.at_once(self.lines))
        elif state is State.WRITING:
            connection.reporter = guest.slot
            self.go_on(guest, connection.flush() if connection.light else None)
        elif state is State.CLOSING:
            if linger.discard(guest.descriptor) and self.now < guest.end:
                guest.deadline = min(self.now + linger.SILENCE, guest.end)
            else:
                self.lot.drop(guest)

    def go_on(self, guest: Guest, verdict: Verdict | None) -> None:
        """Do what a connection's turn in this thread ended with; None: it needs a worker."""
        connection = guest.connection
        if verdict is None:
            self.lot.hand_over(guest)
        elif verdict is KEEP and guest.state is WAITING and not self.stopping:
            guest.begun = False
            guest.deadline = self.now + connection.keepalive_timeout
            if guest.deadline < guest.hint:
                self.lot.deadlines.remind(guest)
        elif verdict is Verdict.MORE:
            self.wait_for_more(guest)
        elif verdict is Verdict.WRITE and guest.state is State.WRITING:
            guest.deadline = self.now + connection.timeout
        else:
            self.lot.unpark(guest)
            self.lot.settle(guest, verdict)

    def wait_for_more(self, guest: Guest) -> None:
        """A head is not complete yet; from its first bytes on it has Timeout to become so."""
        if guest.state is not State.WAITING:
            self.lot.park(guest, State.WAITING, self.now + guest.connection.timeout)
        elif guest.connection.pending and not guest.begun:
            guest.begun = True
            guest.deadline = self.now + guest.connection.timeout

    def expire(self) -> None:
        """Close the connections whose time is over."""
        for guest in self.lot.deadlines.due(self.now):
            state = guest.state
            if state is State.WAITING and guest.connection.pending:
                guest.connection.hurry()
                self.lot.hand_over(guest)
                continue
            self.lot.unpark(guest)
            if state is State.WAITING:
                self.lot.settle(guest, Verdict.CLOSE)
            else:
                self.lot.drop(guest)

    def mind_the_door(self) -> None:
        """Accept while there is room and nobody told us to finish."""
        self.lot.full = True  # before counting: who becomes idle from now on wakes us
        self.lot.full = not self.lot.has_room()
        wanted = not self.lot.full and not self.child.stopping
        if wanted != self.open:
            for descriptor in self.doors:
                (self.lot.poller.listen if wanted else self.lot.poller.forget)(descriptor)
            self.open = wanted

    def wind_down(self) -> bool:
        """Shorten what is idle, once; whether everybody has gone.

        A client that has just been answered may have sent its next request already. So nobody is thrown out
        at once: who asks within the grace is answered, with `Connection: close`.
        """
        if not self.lot.winding_down:
            self.lot.winding_down = True
            now = time.monotonic()
            for guest in list(self.lot.parked[State.WAITING]):
                guest.deadline = min(guest.deadline, now + grace(guest))
                self.lot.deadlines.remind(guest)
        return not self.lot.guests


def run(listener: Listener) -> None:
    """Listen in this thread, work in the others."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    allow_many_descriptors()
    lot = listener.lot
    threads = [
        threading.Thread(target=lot.work, args=(number,), name=f"worker {number}")
        for number in range(lot.child.limits.threads)
    ]
    for thread in threads:
        thread.start()
    listener.run()
    lot.dismiss()
    for thread in threads:
        thread.join()


def allow_many_descriptors() -> None:
    """Use as many descriptors as the system lets us."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
