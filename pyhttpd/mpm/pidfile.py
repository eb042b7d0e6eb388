"""The pid file: by it, people and tools find the parent. See the manual page mpm_common, PidFile."""

import contextlib
import os


def read(path: str) -> int | None:
    """The process id in a pid file, None when there is no file. Raises ValueError when it holds none."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            words = file.read(64).split()
    except FileNotFoundError:
        return None
    if not words or not (words[0].isascii() and words[0].isdigit()) or int(words[0]) == 0:
        raise ValueError(f"no process id in {path}")
    return int(words[0])


def write(path: str) -> None:
    """Write our process id, whole or not at all. Raises OSError."""
    fresh = f"{path}.{os.getpid()}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
        os.replace(fresh, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise


def remove(path: str) -> bool:
    """Remove our pid file; False when it is not there or is another server's by now."""
    try:
        if read(path) != os.getpid():
            return False
        os.unlink(path)
    except (OSError, ValueError):
        return False
    return True
