"""Our own source of load, for machines without wrk: a few processes, each with a loop over its connections.

The processes are this file, started as a program that reads what to do from its standard input and writes
what it saw to its standard output, as JSON. It takes more of the machine than wrk does, so figures of the two
do not compare.
"""

import json
import math
import os
import re
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from pyhttpd.tools.load.wrk import Load

ROOT = Path(__file__).resolve().parents[3]  # where a module of ours is found by name
PATIENCE = 2.0  # seconds without an answer after which a request has failed
FINE = 100  # steps of a power of e in which times are counted: one per cent
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
CLOSING = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
NO_BODY = (b"204", b"304")
END = b"0\r\n\r\n"


class Generator:
    """Ready to send some requests, which are whole heads of GET requests."""

    name = "own generator"

    def __init__(self, requests: list[bytes]) -> None:
        self.requests = requests
        self.processes = max(1, (os.cpu_count() or 1) // 2)

    def run(self, address: tuple[str, int], seconds: float, connections: int) -> Load:
        """Send for some seconds. Raises RuntimeError if a process fails."""
        count = min(self.processes, connections)
        task = {
            "address": address,
            "seconds": seconds,
            "requests": [r.decode("latin-1") for r in self.requests],
        }
        running: list[subprocess.Popen[bytes]] = []
        try:
            for number in range(count):
                share = connections // count + (number < connections % count)
                running.append(begin(task | {"connections": share}))
            return joined([finished(process, seconds) for process in running])
        finally:
            for process in running:
                process.kill()
                process.wait()
                assert process.stdout
                process.stdout.close()


def begin(task: dict[str, Any]) -> subprocess.Popen[bytes]:
    """A process at work on a task."""
    command = [sys.executable, "-m", "pyhttpd.tools.load.own"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(json.dumps(task).encode())
    process.stdin.close()
    return process


def finished(process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
    """What a process has seen. Raises RuntimeError."""
    assert process.stdout
    said = process.stdout.read()
    if process.wait(seconds + 60) or not said:
        raise RuntimeError("a process of the load generator failed")
    seen: dict[str, Any] = json.loads(said)
    return seen


def joined(parts: list[dict[str, Any]]) -> Load:
    """What all processes have seen."""
    times: Counter[int] = Counter()
    for part in parts:
        times.update({int(step): count for step, count in part["times"].items()})
    p50, p95, p99 = (percentile(times, share) for share in (0.50, 0.95, 0.99))
    errors = sum(part["errors"] for part in parts)
    return Load(times.total(), max(part["seconds"] for part in parts), p50, p95, p99, errors)


def percentile(times: Counter[int], share: float) -> float:
    """Milliseconds within which a share of the answers came; 0 without any."""
    left = share * times.total()
    for step in sorted(times):
        left -= times[step]
        if left <= 0:
            return math.exp(step / FINE) * 1e3
    return 0.0


@dataclass(eq=False)
class Client:
    """One connection, and what is still to come of its answer."""

    sock: socket.socket
    since: float
    got: bytes = b""
    missing: float = -1.0  # bytes of the body; negative before the head has come
    closes: bool = False
    tail: bytes = b""  # of a chunked body

    def take(self, data: bytes) -> bool:
        """Some of the answer has come: whether that is all."""
        if self.missing < 0:
            self.got += data
            head, found, data = self.got.partition(b"\r\n\r\n")
            if not found:
                return False
            self.begin(head)
        if self.missing == math.inf:
            self.tail = (self.tail + data)[-len(END) :]
            return self.tail == END and not self.closes
        self.missing -= len(data)
        return self.missing <= 0

    def begin(self, head: bytes) -> None:
        """The head is complete: how long the body is."""
        length = LENGTH.search(head)
        self.closes = bool(CLOSING.search(head))
        if head[9:12] in NO_BODY:
            self.missing = 0
        elif length:
            self.missing = int(length[1])
        else:
            self.missing = math.inf
            self.closes = not CHUNKED.search(head)


@dataclass
class Loop:
    """All connections of one process."""

    address: tuple[str, int]
    requests: Iterator[bytes]
    select: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    clients: set[Client] = field(default_factory=set)
    times: Counter[int] = field(default_factory=Counter)
    errors: int = 0

    def run(self, connections: int, seconds: float) -> dict[str, Any]:
        """Send on so many connections for so long."""
        start = now = time.monotonic()
        swept = start
        for _ in range(connections):
            self.connect()
        while (now := time.monotonic()) < start + seconds:
            for key, _ in self.select.select(0.05):
                self.ready(key.data)
            if now - swept > PATIENCE / 4:
                swept = now
                self.sweep(now)
        for client in list(self.clients):
            self.end(client)
        self.select.close()
        return {"times": self.times, "errors": self.errors, "seconds": now - start}

    def connect(self) -> None:
        """One more connection, with a request on it as soon as it is there."""
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(self.address)
        client = Client(sock, time.monotonic())
        self.clients.add(client)
        self.select.register(sock, selectors.EVENT_WRITE, client)

    def ready(self, client: Client) -> None:
        """The connection is there, or something has come on it."""
        try:
            if self.select.get_key(client.sock).events == selectors.EVENT_WRITE:
                self.ask(client)
                self.select.modify(client.sock, selectors.EVENT_READ, client)
                return
            data = client.sock.recv(262144)
        except BlockingIOError:
            return
        except OSError:
            data, client.missing = b"", -1.0
        if not data:
            whole = client.missing == math.inf and client.closes  # a body that ends with the connection
            self.count(client) if whole else self.fail()
            self.again(client)
        elif client.take(data):
            self.count(client)
            self.again(client) if client.closes else self.ask(client)

    def ask(self, client: Client) -> None:
        """The next request."""
        client.since, client.got, client.missing, client.tail = time.monotonic(), b"", -1.0, b""
        client.sock.send(next(self.requests))

    def count(self, client: Client) -> None:
        """An answer has come."""
        self.times[round(math.log(max(time.monotonic() - client.since, 1e-6)) * FINE)] += 1

    def fail(self) -> None:
        """A request had no answer."""
        self.errors += 1

    def again(self, client: Client) -> None:
        """End a connection and begin another."""
        self.end(client)
        self.connect()

    def end(self, client: Client) -> None:
        """End a connection."""
        self.clients.discard(client)
        with suppress(KeyError):
            self.select.unregister(client.sock)
        client.sock.close()

    def sweep(self, now: float) -> None:
        """Count those who waited too long, who then wait anew."""
        for client in self.clients:
            if now - client.since > PATIENCE:
                self.fail()
                client.since = now


def main() -> None:
    """Do what standard input says."""
    task = json.load(sys.stdin)
    requests = cycle([text.encode("latin-1") for text in task["requests"]])
    seen = Loop(tuple(task["address"]), requests).run(task["connections"], task["seconds"])
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
