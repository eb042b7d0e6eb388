"""Where something was measured: without it a figure says nothing."""

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

VERSIONS: Mapping[str, list[str]] = {
    "apache2": ["apache2", "-v"],
    "nginx": ["nginx", "-v"],
    "wrk": ["wrk", "-v"],
}


def stamp(command: str, programs: Iterable[str]) -> dict[str, str]:
    """What the figures of a command depend on, with the versions of some programs."""
    facts = {
        "command": command,
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "load before": " ".join(f"{one:.1f}" for one in os.getloadavg()),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "pcre2": version("pcre2"),
    }
    return facts | {name: first_line(words) for name, words in VERSIONS.items() if name in programs}


def processor() -> str:
    """The processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def first_line(command: list[str]) -> str:
    """What a program says of itself first."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    return (done.stdout or done.stderr).splitlines()[0]
