"""DBM files as rewrite maps: SDBM, which Apache's own tools write, and what Python's library reads.

A file is read whole, as a text map is. SDBM keeps pairs in pages of 1 KiB: first a count and where each key
and value begins, then the texts, from the page's end backwards.
"""

import dbm
import os
import struct
from collections.abc import Iterator

PAGE = 1024
SHORT = 2


def read_sdbm(path: str) -> dict[str, str]:
    """All pairs of an SDBM file. Raises OSError."""
    table: dict[str, str] = {}
    with open(path + ".pag", "rb") as file:
        while page := file.read(PAGE):
            table.update(_pairs(page))
    return table


def _pairs(page: bytes) -> Iterator[tuple[str, str]]:
    """The pairs of a page; a page that makes no sense has none."""
    count = struct.unpack_from("=H", page)[0] if len(page) == PAGE else 0
    if SHORT * (count + 1) > PAGE:
        return
    starts = struct.unpack_from(f"={count}H", page, SHORT)
    end = PAGE
    for key_at, value_at in zip(starts[::2], starts[1::2], strict=False):
        if not value_at <= key_at <= end:
            return
        yield _text(page[key_at:end]), _text(page[value_at:key_at])
        end = value_at


def _by_library(path: str) -> dict[str, str]:
    """All pairs of a file of any kind that the library knows. Raises OSError."""
    try:
        with dbm.open(path) as file:
            return {_text(key): _text(file[key]) for key in file.keys()}  # noqa: SIM118 (not a mapping's iterator)
    except dbm.error as error:
        raise OSError(0, str(error)) from None


def _text(raw: bytes | str) -> str:
    raw = raw.encode() if isinstance(raw, str) else raw
    return raw.rstrip(b"\0").decode("utf-8", "surrogateescape")


KINDS = {"default": (".pag", ""), "sdbm": (".pag",), "gdbm": ("",), "ndbm": (".pag", ".db")}
"""What the names of a type's files may end in, of those that are looked at for changes."""


def read_dbm(kind: str, path: str) -> dict[str, str]:
    """All pairs of a DBM file of some type. Raises OSError."""
    is_sdbm = kind == "sdbm" or (kind == "default" and os.path.exists(path + ".pag"))
    return read_sdbm(path) if is_sdbm else _by_library(path)
