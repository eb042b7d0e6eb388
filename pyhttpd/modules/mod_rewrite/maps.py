"""RewriteMap: text files, random choices, DBM files, internal functions, programs.

A map is declared once for a server or virtual host, looked up by name, and answers a value or None; an empty
value counts as none. Files are read whole and kept until their stamp changes; the journal notes the stamp.
"""

import os
import random
import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from pyhttpd.config.walk import Context
from pyhttpd.core.request import stamp
from pyhttpd.core.uri import escape_uri, unescape_text
from pyhttpd.modules.mod_rewrite.dbm_files import KINDS, read_dbm
from pyhttpd.modules.mod_rewrite.programs import Program

if TYPE_CHECKING:
    from pyhttpd.modules.mod_rewrite.engine import Run

Table = Mapping[str, str]
BLANKS = " \t\n\v\f\r"


class Map(Protocol):
    """What a map's name in `${name:key}` stands for."""

    def look_up(self, run: "Run", key: str) -> str | None: ...


class FileMap:
    """A file of keys and values; `kind` is what the trace calls it."""

    def __init__(self, name: str, kind: str, path: str, read: Callable[[str], Table], watched: str) -> None:
        self.name, self.kind, self.path, self.read, self.watched = name, kind, path, read, watched
        self._seen: tuple[tuple[int, ...], Table] | None = None

    def look_up(self, run: "Run", key: str) -> str | None:
        """The value of a key in the file as it is now."""
        table = self._table(run)
        if table is None:
            return None
        value = table.get(key)
        _tell(run, f"{self.name}[{self.kind}]", key, value)
        return value or None

    def _table(self, run: "Run") -> Table | None:
        try:
            seen = stamp(run.request.stat(self.watched))
            if seen is None:
                raise FileNotFoundError(2, "No such file or directory")
            known = self._seen
            if known is None or known[0] != seen:
                known = self._seen = (seen, self.read(self.path))
            return known[1]
        except OSError as error:
            kind = "DBM" if self.kind == "dbm" else "text"
            text = f"mod_rewrite: can't access {kind} RewriteMap file {self.watched}"
            run.request.log("error", f"({error.errno}){error.strerror}: {text}")
            run.note(1, "can't open RewriteMap file, see error log")
            return None


class RandomMap(FileMap):
    """A text file whose values are alternatives, divided by bars; one of them is chosen each time."""

    def look_up(self, run: "Run", key: str) -> str | None:
        """One of the values of a key."""
        value = super().look_up(run, key)
        if value is None or "|" not in value:
            return value
        if run.request.journal is not None:
            run.request.journal.never_again("a rewrite map chose at random")
        chosen = random.choice(value.split("|"))
        run.note(5, f"randomly chosen the subvalue `{chosen}'")
        return chosen or None


class FunctionMap:
    """One of the functions that come with the module."""

    def __init__(self, name: str, function: Callable[[str], str]) -> None:
        self.name, self.function = name, function

    def look_up(self, run: "Run", key: str) -> str | None:
        """What the function makes of the key."""
        value = self.function(key)
        _tell(run, self.name, key, value)
        return value


class ProgramMap:
    """A program that is given keys and prints values."""

    def __init__(self, name: str, program: Program) -> None:
        self.name, self.program = name, program

    def look_up(self, run: "Run", key: str) -> str | None:
        """What the program says; None where it says NULL, does not answer in time, or was not started."""
        if run.request.imagined(f"the program of map {self.name} would be asked for {key}"):
            return None
        run.request.blocks("a rewrite map's program is asked")
        value = self.program.ask(key, lambda text: run.request.log("error", text))
        _tell(run, self.name, key, value)
        return value


def _tell(run: "Run", name: str, key: str, value: str | None) -> None:
    if run.tracing:
        outcome = "FAILED" if value is None else "OK"
        found = "" if value is None else f" -> val={value}"
        run.note(5, f"map lookup {outcome}: map={name} key={key}{found}")


def map_of(ctx: Context, name: str, source: str) -> Map:
    """The map that a RewriteMap line declares. Raises ValueError in 2.2's words."""
    kind, _, where = source.partition(":")
    if kind.lower() == "int":
        if where not in FUNCTIONS:
            raise ValueError(f"RewriteMap: internal map not found:{where}")
        return FunctionMap(name, FUNCTIONS[where])
    if kind.lower() == "prg":
        first, *rest = _arguments(where) or [""]
        program = Program([ctx.server_path(first), *rest])
        _must_exist(name, program.arguments[0])
        return ProgramMap(name, program)
    if kind[:3].lower() == "dbm":
        return _dbm(ctx, name, source)
    made = RandomMap if kind.lower() == "rnd" else FileMap
    path = ctx.server_path(where if kind.lower() in ("txt", "rnd") else source)
    _must_exist(name, path)
    return made(name, "txt", path, read_text, path)


def _arguments(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quote that is not closed
        return line.split()


def _dbm(ctx: Context, name: str, source: str) -> Map:
    kind, colon, file = source[3:].partition(":")
    if not colon or (kind and kind[0] != "="):
        raise ValueError(f"RewriteMap: bad map:{source}")
    kind = kind[1:] or "default"
    if kind.lower() not in KINDS:
        raise ValueError(f"RewriteMap: dbm type {kind} is invalid")
    path = ctx.server_path(file)
    files = [path + ending for ending in KINDS[kind.lower()]]
    watched = next(filter(os.path.exists, files), files[0])
    _must_exist(name, watched)
    return FileMap(name, "dbm", path, lambda file: read_dbm(kind.lower(), file), watched)


def _must_exist(name: str, path: str) -> None:
    if not os.path.exists(path):
        raise ValueError(f"RewriteMap: file for map {name} not found:{path}")


def read_text(path: str) -> Table:
    """A text map: a key and a value a line; the first line of a key counts.

    Lines that begin with # or white space are comments; what stands behind the value is ignored.
    """
    table: dict[str, str] = {}
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        for line in file:
            if line[0] != "#" and line[0] not in BLANKS:
                key, *values = line.translate(ONE_BLANK).split(" ")
                if value := next(filter(None, values), ""):
                    table.setdefault(key, value)
    return table


ONE_BLANK = str.maketrans(dict.fromkeys(BLANKS, " "))  # and no others: str.split knows many more


def _upper(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").upper().decode("utf-8", "surrogateescape")


def _lower(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").lower().decode("utf-8", "surrogateescape")


FUNCTIONS: dict[str, Callable[[str], str]] = {
    "toupper": _upper,
    "tolower": _lower,
    "escape": escape_uri,
    "unescape": lambda text: unescape_text(text).partition("\0")[0],
}
