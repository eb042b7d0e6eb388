"""Memory that all children of a generation share: byte strings by key, bounded, and never wrong.

Readers take no lock: what they find may be half overwritten, so that every record carries a sum of its bytes
and its whole key, and what does not agree was never there. Writers take a lock, one among processes and one
among threads, which share the former; who cannot have both at once goes without: a shelf may forget, and
nobody waits for it. A new record overwrites the oldest ones.

The shelf is made before the children are forked, so that they agree in how bytes are hashed.
"""

import contextlib
import fcntl
import mmap
import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

WAYS = 4  # places a key may stand in
AVERAGE = 2048  # bytes of a record, about: decides how many places there are
MOST = 1 << 30  # bytes of a shelf
SHARE = 8  # a record may take this part of the shelf
ROW = struct.Struct("=" + "qII" * WAYS)  # for each place: hash, where the record begins, its length
PLACE = struct.Struct("=qII")
RECORD = struct.Struct("=II")  # sum of what follows, length of the key
SUM = struct.Struct("=I")
NEXT = struct.Struct("=Q")  # where the next record goes


class Shelf:
    """So many bytes for records, within reason. Raises OSError where there is no such memory."""

    def __init__(self, size: int) -> None:
        size = min(size, MOST)
        rows = max(1, size // AVERAGE // WAYS)
        self._rows = 1 << (rows - 1).bit_length()
        self._first = NEXT.size + self._rows * ROW.size
        self._end = self._first + size
        self._map = mmap.mmap(-1, self._end)
        self._lock, self._threads = _file(), threading.Lock()
        NEXT.pack_into(self._map, 0, self._first)

    def __del__(self) -> None:
        """Give up the file that is locked."""
        if lock := getattr(self, "_lock", 0):
            os.close(lock)

    def get(self, key: bytes) -> memoryview | None:
        """What was put there last, unless it has been forgotten: a copy, which nobody changes."""
        number = hash(key)
        row = ROW.unpack_from(self._map, self._row(number))
        for at in range(0, 3 * WAYS, 3):
            if row[at] == number and (found := self._record(row[at + 1], row[at + 2], key)) is not None:
                return found
        return None

    def put(self, key: bytes, value: bytes) -> bool:
        """Keep a value; False where somebody else is writing, or there is no room for so much."""
        size = RECORD.size + len(key) + len(value)
        if size > (self._end - self._first) // SHARE:
            return False
        with self._locked() as locked:
            if locked:
                self._write(key, value, size)
        return locked

    def _row(self, number: int) -> int:
        return NEXT.size + number % self._rows * ROW.size

    def _record(self, start: int, length: int, key: bytes) -> memoryview | None:
        begin = RECORD.size + len(key)
        if length < begin:
            return None
        data = memoryview(self._map[start : start + length])
        told, size = RECORD.unpack_from(data)
        if size != len(key) or data[RECORD.size : begin] != key or told != crc32(data[SUM.size :]):
            return None
        return data[begin:]

    def _write(self, key: bytes, value: bytes, size: int) -> None:
        (start,) = NEXT.unpack_from(self._map)
        if start + size > self._end:
            start = self._first
        NEXT.pack_into(self._map, 0, start + size)
        summed = SUM.pack(len(key)) + key + value
        self._map[start : start + size] = SUM.pack(crc32(summed)) + summed
        number = hash(key)
        PLACE.pack_into(self._map, self._place(number, start), number, start, size)

    def _place(self, number: int, start: int) -> int:
        """Where to note a record that begins at `start`: in its key's place, a free one, or the oldest's."""
        at = self._row(number)
        row = ROW.unpack_from(self._map, at)
        places = [_Place(*row[n * 3 : n * 3 + 3]) for n in range(WAYS)]
        span = self._end - self._first

        def worth(n: int) -> tuple[bool, bool, int]:
            place = places[n]
            return place.number != number, place.length > 0, -((start - place.start) % span)

        return at + min(range(WAYS), key=worth) * PLACE.size

    @contextlib.contextmanager
    def _locked(self) -> Iterator[bool]:
        """Keep others from writing, if none does; the kernel ends the lock of a process with it."""
        locked = False
        if not self._threads.acquire(blocking=False):
            yield False
            return
        try:
            with contextlib.suppress(OSError):
                fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                locked = True
            yield locked
        finally:
            if locked:
                fcntl.lockf(self._lock, fcntl.LOCK_UN)
            self._threads.release()


class _Place(NamedTuple):
    number: int
    start: int
    length: int


def _file() -> int:
    """A file without a name, to be locked."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("shelf")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
