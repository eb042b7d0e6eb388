"""Graceful restarts in a row under load: what is lost, and what grows.

By hand: `python tests/robustness/restarts.py --mpm event --count 100`. Prints requests answered, lost and
asked again, and processes, threads, descriptors and memory before and after. A request is lost if a fresh
connection does not answer it; one on a kept connection that closes before it answers is asked again, as
every client does (RFC 9112, 9.3.1).
"""

import argparse
import contextlib
import http.client
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))
from robust_server import Running, open_folder, serving
from waiting import wait_for

CLIENTS = 4
WARM_UP = 3  # restarts before the first figures
BODY = b"still here\n" * 100
FRESH = 5  # requests on one connection


@dataclass
class Usage:
    """What a server takes of the machine."""

    processes: int
    threads: int
    descriptors: int  # of the parent
    parent_kib: int
    child_kib: int  # of the largest child

    def __str__(self) -> str:
        return (
            f"{self.processes} processes, {self.threads} threads, {self.descriptors} descriptors, "
            f"parent {self.parent_kib} KiB, child {self.child_kib} KiB"
        )


@dataclass
class Load:
    """Clients that ask all the time."""

    server: Running
    answered: int = 0
    again: int = 0
    lost: list[str] = field(default_factory=list)
    over: bool = False

    def client(self) -> None:
        """Ask on connections of a few requests each."""
        while not self.over:
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
            with contextlib.closing(connection):
                for number in range(FRESH):
                    if not self.ask(connection, fresh=number == 0):
                        break

    def ask(self, connection: http.client.HTTPConnection, fresh: bool) -> bool:
        """One request; whether the connection goes on."""
        try:
            connection.request("GET", "/x.txt")
            answer = connection.getresponse()
            if answer.status != 200 or answer.read() != BODY:
                self.lost.append(f"a wrong answer: {answer.status}")
            self.answered += 1
            return not answer.will_close
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            if fresh:
                self.lost.append(f"a fresh connection: {error!r}")
            self.again += not fresh
        except (OSError, http.client.HTTPException) as error:
            self.lost.append(repr(error))
        return False

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.client) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over = True
            for thread in threads:
                thread.join()


@dataclass
class Result:
    """What a run found."""

    load: Load
    before: Usage
    after: Usage
    seconds: float

    def __str__(self) -> str:
        answered, lost, again = self.load.answered, len(self.load.lost), self.load.again
        return (
            f"{answered} answered, {lost} lost, {again} asked again, {self.seconds:.1f} s\n"
            f"before: {self.before}\nafter:  {self.after}"
        )


def usage(server: Running) -> Usage:
    """Figures of a server at rest."""
    children = server.children()
    kib = [figure(pid, "VmRSS") for pid in children]
    threads = sum(figure(pid, "Threads") for pid in (server.pid, *children))
    descriptors = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
    return Usage(len(children), threads, descriptors, figure(server.pid, "VmRSS"), max(kib, default=0))


def figure(pid: int, name: str) -> int:
    """A number of /proc/PID/status; 0 for a process that has gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return 0


def at_rest(server: Running, most: int) -> Usage:
    """Figures once the children of earlier generations have left; after a while, as things are."""
    with contextlib.suppress(AssertionError):
        wait_for(lambda: len(server.children()) <= most, 15)
    return usage(server)


def run(root: Path, mpm: str, count: int) -> Result:
    """Restart so many times under load."""
    (root / "htdocs").mkdir()
    (root / "htdocs/x.txt").write_bytes(BODY)
    lines = "Timeout 10\nAcceptFilter http data\nCustomLog logs/access_log common\n"
    with serving(root, mpm, lines) as server:
        load = Load(server)
        with load.running():
            most = len(server.children()) + 1
            for _ in range(WARM_UP):
                server.graceful()
            before = at_rest(server, most)
            began = time.monotonic()
            for _ in range(count):
                server.graceful()
            seconds = time.monotonic() - began
        return Result(load, before, at_rest(server, most), seconds)


def main() -> int:
    """The script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mpm", choices=("prefork", "worker", "event"), default="event")
    parser.add_argument("--count", type=int, default=100)
    words = parser.parse_args()
    with open_folder() as folder:
        result = run(folder, words.mpm, words.count)
    print(f"{words.mpm}, {words.count} graceful restarts: {result}")
    for text in result.load.lost[:20]:
        print("lost:", text)
    return bool(result.load.lost)


if __name__ == "__main__":
    sys.exit(main())
