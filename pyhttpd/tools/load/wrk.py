"""wrk as the source of load: a script sends the requests in turn and reports as JSON."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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
    io.write(string.format('\\n{"requests": %d, "microseconds": %d, "p50": %d, "p95": %d, ' ..
        '"p99": %d, "errors": %d}\\n', summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(95), latency:percentile(99),
        e.connect + e.read + e.write + e.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What the clients saw. Percentiles are milliseconds of answered requests."""

    requests: int  # answered
    seconds: float
    p50: float
    p95: float
    p99: float
    errors: int  # refused, broken off, or without an answer for two seconds


class Source(Protocol):
    """What sends requests."""

    name: str

    def run(self, address: tuple[str, int], seconds: float, connections: int) -> Load:
        """Send for some seconds. Raises RuntimeError if it cannot."""


class Driver:
    """wrk, ready to send some requests, which are whole heads."""

    name = "wrk"

    def __init__(self, folder: Path, requests: list[bytes]) -> None:
        self.script, self.requests = folder / "wrk.lua", folder / "requests"
        self.script.write_text(SCRIPT)
        self.requests.write_bytes(b"\0".join(requests))

    def run(self, address: tuple[str, int], seconds: float, connections: int) -> Load:
        """Send for some whole seconds, one at least. Raises RuntimeError if wrk fails."""
        url = "http://{}:{}/".format(*address)
        options = ["-t1", f"-c{connections}", f"-d{max(round(seconds), 1)}", "-s", str(self.script)]
        done = subprocess.run(
            ["wrk", *options, url, "--", str(self.requests)],
            capture_output=True, text=True, timeout=seconds + 60,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
        said = json.loads(done.stdout.splitlines()[-1])
        p50, p95, p99 = (said[name] / 1e3 for name in ("p50", "p95", "p99"))
        return Load(said["requests"], said["microseconds"] / 1e6, p50, p95, p99, said["errors"])


def installed() -> bool:
    """Whether wrk is there."""
    return shutil.which("wrk") is not None
