"""What the processes of a server have cost so far, as Linux counts it in /proc; and ending them."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 30.0  # seconds for a server to end
Gone = (FileNotFoundError, ProcessLookupError)


class Stat(NamedTuple):
    """A process: its parent, and the ticks that it and the children it has waited for have used."""

    parent: int
    ticks: int


def snapshot() -> dict[int, Stat]:
    """All processes. The kernel's own lists of children leave some out while others end."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(*Gone):
            fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            found[int(folder.name)] = Stat(int(fields[1]), sum(map(int, fields[11:15])))
    return found


def descendants(pid: int, processes: dict[int, Stat]) -> list[int]:
    """A process and all that descend from it."""
    found = [pid] if pid in processes else []
    for one in found:  # which grows meanwhile
        found += [child for child, stat in processes.items() if stat.parent == one]
    return found


def tree(pid: int) -> list[int]:
    """A process and all that descend from it, now."""
    return descendants(pid, snapshot())


def cpu(pid: int) -> float:
    """Seconds of processor time of a server: its processes, and those they have waited for."""
    processes = snapshot()
    return sum(processes[one].ticks for one in descendants(pid, processes)) / TICKS


def memory(pid: int) -> float:
    """The proportional set size of a server in MiB: pages that several processes share count once."""
    total = 0
    for one in tree(pid):
        with suppress(*Gone):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def threads(pid: int) -> int:
    """The threads of a server, over all its processes."""
    total = 0
    for one in tree(pid):
        with suppress(*Gone):
            total += sum(1 for _ in Path(f"/proc/{one}/task").iterdir())
    return total


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to end, and see to it that all of its processes do."""
    family = tree(process.pid)
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
        return
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
