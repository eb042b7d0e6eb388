"""What a process has used of the machine, as the system tells it: asked only when somebody looks.

Linux shows it in /proc. Elsewhere, and for processes that are gone, nothing is known and all is nought.
"""

import contextlib
import os
from collections.abc import Iterable
from typing import NamedTuple

UTIME, RSS = 11, 21  # fields of /proc/PID/stat behind the name


class Usage(NamedTuple):
    """Seconds of processor time of a process and of its children that have ended, and bytes of memory."""

    user: float = 0.0
    system: float = 0.0
    children_user: float = 0.0
    children_system: float = 0.0
    resident: int = 0

    @property
    def seconds(self) -> float:
        """All of the processor time."""
        return self.user + self.system + self.children_user + self.children_system


def total(usages: Iterable[Usage]) -> Usage:
    """The sum of several."""
    columns = list(zip(*usages, strict=True)) or [()] * 5
    user, system, children_user, children_system, resident = map(sum, columns)
    return Usage(user, system, children_user, children_system, int(resident))


def usage(pid: int) -> Usage:
    """Of one process."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
        tick = os.sysconf("SC_CLK_TCK")
        user, system, children_user, children_system = (int(f) / tick for f in fields[UTIME : UTIME + 4])
        resident = int(fields[RSS]) * os.sysconf("SC_PAGE_SIZE")
        return Usage(user, system, children_user, children_system, resident)
    return Usage()
