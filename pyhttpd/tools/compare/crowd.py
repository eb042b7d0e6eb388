"""Clients beside the load, in one thread: those that stay and say nothing, slow ones, and new ones.

- An idle client asks once and keeps its connection. When the server ends it, it comes back a moment later.
- A slow client sends its request byte by byte, over seconds, and begins again after the answer.
- A new client comes ten times a second, asks once, and gives up after two seconds. How many of these are
  answered is what users of a server feel.

All their times are in one heap; nobody sleeps and nothing is polled.
"""

import heapq
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from statistics import median

EVERY = 0.1  # seconds between two new clients
PATIENCE = 2.0  # seconds after which a new client gives up
BACK = 1.0  # seconds after which an idle client comes back
DRIP = 0.1  # seconds between two bytes of a slow client
SETTLED = 3.0  # seconds without a further idle client after which no more are expected
LONGEST = 12.0  # seconds to wait for them
BATCH = 100  # idle clients that come at a time, so that the queue of the kernel holds them
TURN = 0.05  # seconds


class Client:
    """One connection: sends some bytes, at once or by and by, and then listens."""

    def __init__(self, crowd: "Crowd", request: bytes, drip: bool = False) -> None:
        self.crowd, self.request, self.drip = crowd, request, drip
        self.began, self.answered, self.open = time.monotonic(), False, True
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.connect_ex(crowd.address)
        crowd.clients.add(self)
        crowd.select.register(self.sock, selectors.EVENT_WRITE, self)

    def ready(self) -> None:
        """The connection is there, or something has come on it."""
        try:
            if self.crowd.select.get_key(self.sock).events == selectors.EVENT_WRITE:
                self.crowd.select.modify(self.sock, selectors.EVENT_READ, self)
                self.send()
                return
            data = self.sock.recv(262144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            first, self.answered = not self.answered, True
            if first:
                self.come()
        else:
            self.end()
            self.gone()

    def send(self) -> None:
        """Send the request, or one more byte of it."""
        if self.open:
            length = 1 if self.drip else len(self.request)
            with suppress(OSError):
                self.sock.send(self.request[:length])
            self.request = self.request[length:]
            if self.request:
                self.crowd.at(DRIP, self.send)

    def end(self) -> None:
        """End the connection."""
        if self.open:
            self.open = False
            self.crowd.clients.discard(self)
            self.crowd.select.unregister(self.sock)
            self.sock.close()

    def come(self) -> None:
        """The answer has begun to come."""

    def gone(self) -> None:
        """The server has ended the connection."""


class Idle(Client):
    """Asks once and stays."""

    def gone(self) -> None:
        """Come back."""
        self.crowd.at(BACK, lambda: Idle(self.crowd, self.crowd.staying))


class Slow(Client):
    """Takes its time."""

    def come(self) -> None:
        """Begin again."""
        self.end()
        self.gone()

    def gone(self) -> None:
        """Come back."""
        self.crowd.at(BACK, lambda: Slow(self.crowd, self.crowd.leaving, drip=True))


class New(Client):
    """Asks once and goes, or gives up."""

    def come(self) -> None:
        """Remember how long it took."""
        self.crowd.waits.append(time.monotonic() - self.began)
        self.end()

    def gone(self) -> None:
        """Refused, or broken off."""


class Crowd:
    """All of them. `staying` is a request that keeps the connection, `leaving` one that does not."""

    def __init__(self, address: tuple[str, int], staying: bytes, leaving: bytes) -> None:
        self.address, self.staying, self.leaving = address, staying, leaving
        self.select = selectors.DefaultSelector()
        self.clients: set[Client] = set()
        self.waits: list[float] = []
        self.came = 0  # new clients so far
        self.coming = self.stopping = False
        self._times: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()

    # Of the crowd's thread.

    def at(self, delay: float, action: Callable[[], object]) -> None:
        """Do something later."""
        heapq.heappush(self._times, (time.monotonic() + delay, next(self._order), action))

    def run(self) -> None:
        """Until told to stop."""
        self.newcomer()
        while not self.stopping:
            for key, _ in self.select.select(TURN):
                client: Client = key.data
                if client.open:
                    client.ready()
            while self._times and self._times[0][0] <= time.monotonic():
                heapq.heappop(self._times)[2]()
        for client in list(self.clients):
            client.end()
        self.select.close()

    def newcomer(self) -> None:
        """One more new client, if they are to come now."""
        if self.coming:
            self.came += 1
            self.at(PATIENCE, New(self, self.leaving).end)
        self.at(EVERY, self.newcomer)

    def gather(self, idle: int, slow: int) -> None:
        """Idle and slow clients come, some at a time."""
        for number in range(idle):
            self.at(number // BATCH * EVERY, lambda: Idle(self, self.staying))
        for _ in range(slow):
            self.at(0, lambda: Slow(self, self.leaving, drip=True))

    # Of whoever looks on.

    @property
    def held(self) -> int:
        """Idle clients that have had their answer and are still connected."""
        return sum(client.answered and isinstance(client, Idle) for client in self.clients.copy())

    @property
    def pending(self) -> int:
        """New clients that still wait."""
        return sum(isinstance(client, New) for client in self.clients.copy())

    def settle(self, wanted: int) -> None:
        """Wait until all idle clients are held, or no more of them are answered."""
        most, since, end = 0, time.monotonic(), time.monotonic() + LONGEST
        while most < wanted and time.monotonic() < min(end, since + SETTLED):
            time.sleep(TURN)
            if (held := self.held) > most:
                most, since = held, time.monotonic()

    def wait_for_the_last(self) -> None:
        """No more new clients; those that are there get their answer or give up."""
        self.coming, end = False, time.monotonic() + PATIENCE + 1
        while self.pending and time.monotonic() < end:
            time.sleep(TURN)

    @property
    def typical_wait(self) -> float | None:
        """Milliseconds that a new client waited who was answered."""
        return median(self.waits) * 1e3 if self.waits else None


@contextmanager
def crowd(address: tuple[str, int], staying: bytes, leaving: bytes, idle: int, slow: int) -> Iterator[Crowd]:
    """A crowd of which nobody is new yet; it is gone afterwards."""
    made = Crowd(address, staying, leaving)
    made.gather(idle, slow)
    thread = threading.Thread(target=made.run, name="crowd")
    thread.start()
    try:
        made.settle(idle)
        yield made
    finally:
        made.stopping = True
        thread.join()
