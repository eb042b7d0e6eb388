"""Changes to files, and what tests must know of time: the kernel's clock of stamps goes in steps.

Files get one and the same old time of last modification, so that only the inode's own stamp tells an edited
file from what it was: the hardest case. `settle` waits until the kernel's clock of stamps has gone on.
"""

import gc
import os
import shutil
import time
from pathlib import Path

OLD = 1_000_000_000  # seconds; when every file was modified


def descriptors() -> int:
    """How many files this process holds open."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def settle() -> None:
    """Wait until what is changed from here on gets other stamps, and what was changed can be remembered."""
    time.sleep(0.025)


def grow_old(path: Path) -> None:
    """Make all below a path look long unmodified."""
    for folder, folders, names in os.walk(path):
        for name in (*folders, *names):
            _old(Path(folder, name))
    _old(path)


def _old(path: Path) -> None:
    os.utime(path, (OLD, OLD), follow_symlinks=False)


def put(path: Path, content: str | bytes) -> None:
    """Write a file in place, as if long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if path.suffix in (".cgi", ".py"):
        path.chmod(0o755)
    _old(path)


def remove(path: Path) -> None:
    """Remove whatever is there, if anything is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def link(path: Path, target: str) -> None:
    """Let a symbolic link stand there."""
    remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
