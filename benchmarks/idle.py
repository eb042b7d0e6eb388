"""Clients that have had one answer and keep their connection without a further word."""

import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from benchmarks.workloads import get

BATCH = 200  # connections begun before their answers are waited for
SETTLED = 2.0  # seconds without a further answer after which no more are expected
PATIENCE = 30.0  # seconds for all of them


@contextmanager
def idle_clients(address: tuple[str, int], count: int) -> Iterator[int]:
    """Hold so many connections, as far as the server lets us; how many have had their answer."""
    with ExitStack() as stack:
        yield connect(address, count, stack) if count else 0


def connect(address: tuple[str, int], count: int, stack: ExitStack) -> int:
    """Open the connections in batches; stop where no more are answered."""
    answered, end = 0, time.monotonic() + PATIENCE
    while answered < count and time.monotonic() < end:
        wanted = min(BATCH, count - answered)
        came = batch(address, wanted, stack)
        answered += came
        if came < wanted:
            break
    return answered


def batch(address: tuple[str, int], count: int, stack: ExitStack) -> int:
    """Open some connections and ask once on each; how many answers came."""
    poll = select.poll()
    clients: dict[int, socket.socket] = {}
    for _ in range(count):
        client = stack.enter_context(socket.socket())
        client.setblocking(False)
        client.connect_ex(address)
        clients[client.fileno()] = client
        poll.register(client, select.POLLOUT)
    answered = 0
    while clients and (ready := poll.poll(SETTLED * 1000)):
        for fd, event in ready:
            if event == select.POLLOUT:
                clients[fd].send(get("/small.html"))
                poll.modify(fd, select.POLLIN)
                continue
            with suppress(OSError):
                answered += bool(clients.pop(fd).recv(65536))
            poll.unregister(fd)
    return answered
