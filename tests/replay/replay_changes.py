"""What may happen to the files of a site: each change is a name, and a function from a path to nothing.

The path is of a file that requests ask for, or of one that is not there. A change finds things as an earlier
one left them, so each begins by making room for itself.
"""

import os
from collections.abc import Callable
from pathlib import Path

from replay_files import put, remove

Change = Callable[[Path, int], None]
"""What happens to a path; the number chooses among variants."""


def _text(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() and os.access(path, os.R_OK) else b"new text\n"


def _plain(path: Path) -> None:
    """Let a file stand there whose folder exists."""
    if path.is_symlink() or path.is_dir() or not path.exists():
        remove(path)
        _room(path)
        put(path, b"plain text\n")


def _room(path: Path) -> None:
    for folder in reversed(path.parents):
        if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
            remove(folder)
    path.parent.mkdir(parents=True, exist_ok=True)


def edit(path: Path, number: int) -> None:
    """Other text of the same length, in place."""
    _plain(path)
    path.chmod(0o644)
    text = _text(path)
    with path.open("r+b") as file:
        file.write(bytes((byte + number + 1) % 26 + 97 for byte in text[:8]))


def lengthen(path: Path, number: int) -> None:
    """More text, in place."""
    _plain(path)
    path.chmod(0o644)
    put(path, _text(path) + b"more\n" * (number + 1))


def replace(path: Path, number: int) -> None:
    """Another file of the same length under the same name."""
    _plain(path)
    path.chmod(0o644)
    other = path.with_name(f".new-{number}")
    put(other, _text(path)[::-1])
    other.replace(path)


def delete(path: Path, _number: int) -> None:
    """No more file."""
    remove(path)


def modes(path: Path, number: int) -> None:
    """Other permissions."""
    _plain(path)
    path.chmod((0o000, 0o644, 0o600, 0o755)[number])


def date(path: Path, number: int) -> None:
    """Another time of last modification."""
    _plain(path)
    os.utime(path, (1_100_000_000 + number, 1_100_000_000 + number))


def folder(path: Path, number: int) -> None:
    """A directory where a file was."""
    _room(path)
    remove(path)
    path.mkdir()
    if number % 2:
        put(path / "index.html", b"index of what was a file")


def symlink(path: Path, number: int) -> None:
    """A symbolic link: to a neighbour, to another, to nothing, to itself."""
    _room(path)
    remove(path)
    names = (file.name for file in path.parent.iterdir())
    neighbours = sorted(name for name in names if name != path.name and name[0] != ".")
    target = (neighbours[:1] or ["none"], neighbours[-1:] or ["none"], ["none"], [path.name])[number][0]
    path.symlink_to(target)


def move_folder(path: Path, number: int) -> None:
    """The folder goes elsewhere, and comes back next time."""
    here = path.parent
    if here.name in ("htdocs", "cgi-bin") or (here / "htdocs").exists():
        return
    away = here.with_name(here.name + "-away")
    one, other = (here, away) if here.exists() else (away, here)
    if one.exists() and not one.is_symlink():
        remove(other)
        one.rename(other)
    if number == 3 and not here.exists():  # another one takes its place
        here.symlink_to(away.name)


CHANGES: tuple[Change, ...] = (
    *(edit, lengthen, replace, delete, modes, date, folder, symlink, move_folder, edit),
)
BROKEN = "Nonsense here\n"


def settings(path: Path, text: str | None, number: int) -> None:
    """A .htaccess beside a path: with this text, or something that is none."""
    _room(path)
    where = path.parent / ".htaccess"
    remove(where)
    if text is None:
        return
    if number == 0:
        where.mkdir()
    elif number == 1:
        where.symlink_to(".htaccess")
    elif number == 2:
        put(where, BROKEN)
    else:
        put(where, text)
