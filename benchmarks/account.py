"""What a server has used, with all that it started: counted by a control group, where we may make one.

/proc adds the time of a process to that of its parent when the parent waits for it. Some never do: Apache's
mod_cgid leaves its programs to the kernel, so by /proc they cost nothing at all.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from pyhttpd.tools.load.processes import cpu

PLACES = (
    (Path("/sys/fs/cgroup/cpuacct"), "cpuacct.usage", 0, 1e9),
    (Path("/sys/fs/cgroup"), "cpu.stat", 1, 1e6),
)
"""Where groups are; the file that counts, which of its words does, and how many of that make a second."""

ENTER = 'echo $$ > "$0" && exec "$@"'
PATIENCE = 5.0  # seconds for the last process to leave a group


class Account:
    """By /proc: the processes there are, and those that were waited for."""

    def command(self, command: list[str]) -> list[str]:
        """The command of a server that is to be counted."""
        return command

    def seconds(self, pid: int) -> float:
        """Processor time used so far; `pid` is the server's first process."""
        return cpu(pid)


class Group(Account):
    """By a control group: all processes, whatever became of them."""

    def __init__(self, folder: Path, file: str, word: int, units: float) -> None:
        self.folder, self.file, self.word, self.units = folder, folder / file, word, units

    def command(self, command: list[str]) -> list[str]:
        return ["/bin/sh", "-c", ENTER, str(self.folder / "cgroup.procs"), *command]

    def seconds(self, pid: int) -> float:
        return int(self.file.read_text().split()[self.word]) / self.units

    def admits(self) -> bool:
        """Whether we may put processes there."""
        return subprocess.run(self.command(["true"]), check=False, stderr=subprocess.DEVNULL).returncode == 0

    def close(self) -> None:
        """Take the group away, once it is empty."""
        end = time.monotonic() + PATIENCE
        while self.folder.exists():
            try:
                self.folder.rmdir()
            except OSError:
                if time.monotonic() > end:
                    return
                time.sleep(0.01)


@contextmanager
def account() -> Iterator[Account]:
    """The best there is here, for one server."""
    group = new_group()
    if group is None:
        yield Account()
        return
    try:
        yield group
    finally:
        group.close()


def new_group() -> Group | None:
    """An empty group that processes of ours may enter, if there can be one."""
    for root, file, word, units in PLACES:
        with suppress(OSError):
            group = Group(Path(mkdtemp(prefix="benchmark-", dir=root)), file, word, units)
            if group.file.exists() and group.admits():
                return group
            group.close()
    return None
