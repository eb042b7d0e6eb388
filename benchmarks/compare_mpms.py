"""The three MPMs side by side: processes, threads, memory, and 500 idle clients beside a working one.

    python benchmarks/compare_mpms.py [--runs 5] [--idle 500] [--seconds 2]

Every run starts a server of its own on a free port of 127.0.0.1, with the sizes that 2.2 ships in
extra/httpd-mpm.conf (MaxClients 150 for all three), and prints the median of all runs with least and
greatest. Memory is PSS, which counts shared pages once, over all processes of the server. The idle clients
have each had one answer and keep their connection; the working client then asks for a 1 KiB file on a new
connection, again and again. Linux only: it reads /proc.
"""

import argparse
import os
import platform
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
MPMS = ("prefork", "worker", "event")
CONFIG = """\
ServerRoot "{root}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile httpd.pid
ErrorLog error_log
DocumentRoot "{root}"
KeepAliveTimeout 60
MaxKeepAliveRequests 0
<IfModule prefork.c>
    StartServers 5
    MinSpareServers 5
    MaxSpareServers 10
    MaxClients 150
</IfModule>
<IfModule !prefork.c>
    StartServers 2
    MinSpareThreads 25
    MaxSpareThreads 75
    ThreadsPerChild 25
    MaxClients 150
</IfModule>
"""
REQUEST = b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n"
PATIENCE = 3.0  # seconds after which a client counts as waiting in vain
SETTLED = 2.5  # seconds without a new answer, or with the same number of processes
Figures = dict[str, float]


@contextmanager
def server(mpm: str) -> Iterator[tuple[int, tuple[str, int]]]:
    """A server of one MPM: its process id and address."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = free.getsockname()
        Path(folder, "page").write_bytes(b"x" * 1024)
        file = Path(folder, "httpd.conf")
        file.write_text(CONFIG.format(root=folder, port=address[1]))
        command = [sys.executable, "-m", "pyhttpd", "-f", str(file), "--mpm", mpm, "-DFOREGROUND"]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            wait_for(lambda: ask(address, PATIENCE) is not None)
            yield process.pid, address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def wait_for(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Come back when something holds. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def ask(address: tuple[str, int], seconds: float) -> float | None:
    """Seconds that one request on a new connection takes, None if it has no answer in time."""
    start = time.perf_counter()
    try:
        with socket.create_connection(address, seconds) as client:
            client.settimeout(seconds)
            client.sendall(REQUEST)
            return time.perf_counter() - start if client.recv(65536) else None
    except OSError:
        return None


def processes(parent: int) -> list[int]:
    """The parent and its children."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, children)]


def threads(pid: int) -> int:
    """The threads of a process."""
    return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())


def memory(pid: int) -> float:
    """The proportional set size of a process in MiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no Pss line")


def settle(parent: int) -> None:
    """Wait until the number of processes has stopped changing."""
    count, since = 0, time.monotonic()
    while time.monotonic() - since < SETTLED:
        if (now := len(processes(parent))) != count:
            count, since = now, time.monotonic()
        time.sleep(0.1)


def census(parent: int, when: str) -> Figures:
    """Processes, threads and memory."""
    pids = processes(parent)
    return {
        f"processes {when}": len(pids),
        f"threads {when}": sum(map(threads, pids)),
        f"memory {when}, MiB": sum(map(memory, pids)),
    }


def idle_clients(address: tuple[str, int], count: int, stack: ExitStack) -> int:
    """Connect, ask once and stay; how many have had their answer when no more come."""
    poll = select.poll()
    clients: dict[int, socket.socket] = {}
    for _ in range(count):
        client = stack.enter_context(socket.create_connection(address, PATIENCE))
        client.sendall(REQUEST)
        clients[client.fileno()] = client
        poll.register(client, select.POLLIN)
    answered = 0
    while answered < count and (ready := poll.poll(SETTLED * 1000)):
        for fd, _ in ready:
            answered += bool(clients[fd].recv(65536))
            poll.unregister(fd)
    return answered


def work(address: tuple[str, int], seconds: float) -> tuple[float, float]:
    """One client asking again and again: median milliseconds, and requests per second; nan for no answer."""
    taken: list[float] = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        if (one := ask(address, PATIENCE)) is None:
            return float("nan"), 0.0
        taken.append(one)
    return median(taken) * 1000, len(taken) / (time.perf_counter() - start)


def run(mpm: str, idle: int, seconds: float) -> Figures:
    """One run of one MPM."""
    with server(mpm) as (pid, address), ExitStack() as stack:
        settle(pid)
        figures = census(pid, "at rest")
        figures["one client alone, ms"], figures["one client alone, requests/s"] = work(address, seconds)
        figures["idle clients answered"] = idle_clients(address, idle, stack)
        settle(pid)
        figures |= census(pid, "with idle clients")
        figures["one client beside them, ms"], figures["one client beside them, requests/s"] = work(
            address, seconds
        )
        return figures


def shown(values: list[float]) -> str:
    """Median (least - greatest)."""
    if any(value != value for value in values):
        return "no answer"
    least, middle, most = (f"{v:.2f}" if v < 10 and v % 1 else f"{v:.0f}" for v in
                           (min(values), median(values), max(values)))  # fmt: skip
    return middle if least == most else f"{middle} ({least}-{most})"


def main() -> None:
    """Run all MPMs in turn, several times, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    results: dict[str, list[Figures]] = {mpm: [] for mpm in MPMS}
    for _ in range(options.runs):
        for mpm in MPMS:
            results[mpm].append(run(mpm, options.idle, options.seconds))
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {platform.system()} "
          f"{platform.release()}, {options.runs} runs, {options.idle} idle clients\n")  # fmt: skip
    print(f"| | {' | '.join(MPMS)} |\n| --- | --- | --- | --- |")
    for name in results["event"][0]:
        cells = (shown([figures[name] for figures in results[mpm]]) for mpm in MPMS)
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
