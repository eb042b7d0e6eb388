"""What the processes of a server have cost so far, as Linux counts it in /proc."""

import os
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
Gone = (FileNotFoundError, ProcessLookupError)


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    with suppress(*Gone):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    return found


def cpu(pid: int) -> float:
    """Seconds of processor time of a server: its processes, and those they have waited for."""
    total = 0
    for one in tree(pid):
        with suppress(*Gone):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return total / TICKS


def memory(pid: int) -> float:
    """The proportional set size of a server in MiB: pages that several processes share count once."""
    total = 0
    for one in tree(pid):
        with suppress(*Gone):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024
