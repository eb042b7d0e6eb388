"""The memory of a scoreboard: a private file that others of the same user can map, or nobody's.

The file belongs to who starts the server and nobody else may read or write it (0600). It is new, whatever
was there before: a left-over board of ours is removed, anything else in its place is left alone, and then the
memory is anonymous.
"""

import contextlib
import mmap
import os
import stat
from typing import NamedTuple

from pyhttpd.mpm.scoreboard.records import MAGIC


class Memory(NamedTuple):
    """Mapped memory, and the file behind it: its path, "" without one, and what tells it from others."""

    map: mmap.mmap
    path: str = ""
    identity: tuple[int, int] = (0, 0)


def anonymous(size: int) -> Memory:
    """Memory that only children see."""
    return Memory(mmap.mmap(-1, size))


def in_file(path: str, size: int) -> Memory:
    """Memory that a file shows to its owner. Raises OSError."""
    _clear_the_way(path)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        for start in range(0, size, 1 << 20):  # a full disk must show now, and not as SIGBUS later
            _write(descriptor, bytes(min(1 << 20, size - start)))
        info = os.fstat(descriptor)
        return Memory(mmap.mmap(descriptor, size), path, (info.st_dev, info.st_ino))
    except OSError:
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)


def remove(memory: Memory) -> None:
    """Remove the file, unless another server's is in its place by now."""
    with contextlib.suppress(OSError):
        info = os.lstat(memory.path)
        if (info.st_dev, info.st_ino) == memory.identity:
            os.unlink(memory.path)


def read(path: str) -> bytearray:
    """A copy of the board in a file. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as file:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise FileNotFoundError(2, "not a scoreboard", path)
        data = bytearray(info.st_size)
        return data[: file.readinto(data) or 0]


def _clear_the_way(path: str) -> None:
    try:
        info = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
        raise FileExistsError(17, "something else is in the place of the scoreboard", path)
    with open(path, "rb") as file:
        if file.read(len(MAGIC)) not in (MAGIC, b""):
            raise FileExistsError(17, "the file in the place of the scoreboard is none", path)
    os.unlink(path)


def _write(descriptor: int, data: bytes) -> None:
    if os.write(descriptor, data) != len(data):
        raise OSError(28, os.strerror(28))
