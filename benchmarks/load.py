"""The load: wrk with a script that sends a workload's requests in turn and reports as JSON."""

import json
import re
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workloads import Ask

CHECKED = 100  # requests of a workload whose answers are looked at before it is measured
SCRIPT = """\
local requests, next = {}, 0
function init(args)
    local file = assert(io.open(args[1], "rb"))
    for text in file:read("*a"):gmatch("[^%z]+") do requests[#requests + 1] = text end
    file:close()
end
function request()
    next = next % #requests + 1
    return requests[next]
end
function done(summary, latency, times)
    local e = summary.errors
    io.write(string.format('\\n{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "errors": %d}\\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        e.connect + e.read + e.write + e.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What wrk saw."""

    requests: int
    seconds: float
    p50: float  # milliseconds
    p99: float
    errors: int


class Driver:
    """wrk, ready to send one workload's requests."""

    def __init__(self, folder: Path, asks: list[Ask]) -> None:
        self.script, self.requests = folder / "wrk.lua", folder / "requests"
        self.script.write_text(SCRIPT)
        self.requests.write_bytes(b"\0".join(ask.request for ask in asks))

    def run(self, address: tuple[str, int], seconds: float, connections: int) -> Load:
        """Send for some seconds. Raises RuntimeError if wrk fails."""
        url = "http://{}:{}/".format(*address)
        options = ["-t1", f"-c{connections}", f"-d{max(round(seconds), 1)}", "-s", str(self.script)]
        done = subprocess.run(
            ["wrk", *options, url, "--", str(self.requests)],
            capture_output=True, text=True, timeout=seconds + 60,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
        said = json.loads(done.stdout.splitlines()[-1])
        seconds = said["microseconds"] / 1e6
        return Load(said["requests"], seconds, said["p50"] / 1e3, said["p99"] / 1e3, said["errors"])


def check(address: tuple[str, int], asks: list[Ask]) -> None:
    """Ask for some of a workload. Raises RuntimeError unless the server answers as all are to answer."""
    for ask in asks[:CHECKED]:
        with socket.create_connection(address, 10) as peer:
            peer.sendall(ask.request)
            head = peer.recv(65536).partition(b"\r\n\r\n")[0].lower()
        status = int(head.split(None, 2)[1])
        length = re.search(rb"\r\ncontent-length: ([0-9]+)", head)
        fits = ask.length is None or length is None or int(length[1]) == ask.length
        if status != ask.status or not fits:
            raise RuntimeError(f"{ask} was answered by {head!r}")
