"""Which files an Include means, and their text: a file, a folder with all it holds, or a pattern.

Order is by bytes, as 2.2 sorts. A folder brings everything, dot files and editors' backups too; a pattern
leaves dot files out unless it begins with a dot itself. Mistakes are ValueErrors with Apache's message.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from fnmatch import fnmatchcase

MAX_FOLDER_DEPTH = 20

_PATTERN = re.compile(r"[*?]|\[[^]]*\]")


def files_of(path: str, optional: bool = False) -> Iterator[str]:
    """The files to read for `path`, in order. With `optional`, what is not there is no mistake (2.4)."""
    folder, last = os.path.split(path)
    if _PATTERN.search(path) and not os.path.isdir(path):
        if _PATTERN.search(folder):
            raise ValueError(f"Wildcard patterns not allowed in Include {path}")
        if os.path.isdir(folder):
            for name in _names(folder):
                if fnmatchcase(name, last.replace("[^", "[!")) and (last[0] == "." or name[0] != "."):
                    yield from _under(os.path.join(folder, name), 1)
        elif not optional:
            raise ValueError(f"Include directory '{folder}' not found")
    elif not optional or os.path.exists(path):
        yield from _under(path, 0)


def read(path: str) -> str:
    """The text of a file. Raises ValueError."""
    try:
        # /dev/null is the one thing beside a plain file that Apache reads.
        if path != os.devnull and not stat.S_ISREG(os.stat(path).st_mode):
            raise ValueError(f"Could not open configuration file {path}: Bad file descriptor")
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except OSError as error:
        raise ValueError(f"Could not open configuration file {path}: {error.strerror}") from None


def _under(path: str, depth: int) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    if depth > MAX_FOLDER_DEPTH:
        raise ValueError(
            f"Directory {path} exceeds the maximum include directory nesting level of {MAX_FOLDER_DEPTH}. "
            "You have probably a recursion somewhere."
        )
    for name in _names(path):
        yield from _under(os.path.join(path, name), depth + 1)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder), key=os.fsencode)
    except OSError as error:
        raise ValueError(f"Could not open config directory {folder}: {error.strerror}") from None
