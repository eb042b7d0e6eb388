"""A server of a configuration file as its own process, and its pages: for tests of whole configurations."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds


def pyhttpd(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command line to its end."""
    command = [sys.executable, "-m", "pyhttpd", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=HERE)


def get(port: int, path: str, host: str = "localhost") -> tuple[int, bytes]:
    """Status and body of one page. Raises OSError while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read()


def wait_until_served(port: int) -> None:
    """Until a connection is taken; fails when patience is over."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            get(port, "/")
            return
        except OSError:
            assert time.monotonic() < end, "nobody listens"
            time.sleep(0.02)


@contextlib.contextmanager
def running(port: int, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """A server in the foreground that serves; it is stopped at the end."""
    command = [sys.executable, "-m", "pyhttpd", *words, "-DFOREGROUND"]
    null = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=HERE, text=True, stderr=null, stdout=null, start_new_session=True)
    try:
        wait_until_served(port)
        yield server
    finally:
        stop(server)


def stop(server: "subprocess.Popen[str]") -> None:
    """End a server and all its children."""
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def gone(path: Path) -> bool:
    """Whether a file (a pid file) has gone, or goes soon."""
    return soon(lambda: not path.exists())


def lines_with(log: Path, text: str) -> int:
    """How many lines of a log have a text, once there is one: a client has its answer before the log has."""
    soon(lambda: text in log.read_text())
    return sum(text in line for line in log.read_text().splitlines())


def soon(holds: Callable[[], bool]) -> bool:
    """Whether a condition holds, or comes to hold before patience is over."""
    end = time.monotonic() + PATIENCE
    while not (now := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return now
