"""How the scoreboard is laid out. Whoever changes a record changes VERSION: readers come from outside.

Times are seconds since the epoch, text is UTF-8, cut off. Counts are of the slot, over all its owners; what
they were at the birth of a child or the beginning of a connection is kept beside them.
"""

import ctypes
from enum import IntEnum

MAGIC = b"pyhttpd!"
VERSION = 2


class Status(IntEnum):
    """What a worker is doing; up to READY it is idle. The letters are mod_status's."""

    DEAD = 0
    STARTING = 1
    READY = 2
    BUSY_READ = 3
    BUSY_WRITE = 4
    BUSY_KEEPALIVE = 5
    BUSY_LOG = 6
    BUSY_DNS = 7
    CLOSING = 8
    GRACEFUL = 9
    IDLE_KILL = 10

    @property
    def letter(self) -> str:
        return LETTERS[self]


LETTERS = ".S_RWKLDCGI"


class GlobalScore(ctypes.Structure):
    """The server as a whole."""

    _fields_ = (
        ("magic", ctypes.c_char * 8),
        ("version", ctypes.c_uint32),
        ("size", ctypes.c_uint32),  # of the whole board, in bytes
        ("process_size", ctypes.c_uint32),  # of one record, likewise
        ("worker_size", ctypes.c_uint32),
        ("server_limit", ctypes.c_int32),
        ("thread_limit", ctypes.c_int32),
        ("rows", ctypes.c_int32),  # process records; more than server_limit while old children finish
        ("pid", ctypes.c_int32),  # of the parent
        ("generation", ctypes.c_int32),
        ("extended", ctypes.c_int32),  # ExtendedStatus: mod_status tells all, and times are kept
        ("request_tail", ctypes.c_int32),  # SeeRequestTail: keep the ends of long request lines
        ("restart_time", ctypes.c_double),
        ("mpm", ctypes.c_char * 16),
        ("software", ctypes.c_char * 64),
    )


class ProcessScore(ctypes.Structure):
    """One child. The counts are of answers that its listener gave without a worker."""

    _fields_ = (
        ("pid", ctypes.c_int32),
        ("generation", ctypes.c_int32),
        ("quiescing", ctypes.c_int32),  # told to finish
        ("not_accepting", ctypes.c_int32),  # event: all workers busy, new connections are left to others
        ("threads", ctypes.c_int32),
        ("connections", ctypes.c_int32),  # event: open now, of which ...
        ("waiting", ctypes.c_int32),  # ... parked for a request
        ("writing", ctypes.c_int32),  # ... parked until the socket takes more
        ("closing", ctypes.c_int32),  # ... lingering
        ("birth", ctypes.c_double),
        ("access_count", ctypes.c_uint64),
        ("bytes_served", ctypes.c_uint64),
        ("replayed", ctypes.c_uint64),  # answers given again from memory
        ("access_before", ctypes.c_uint64),  # those three as they were at this child's birth
        ("bytes_before", ctypes.c_uint64),
        ("replayed_before", ctypes.c_uint64),
    )


class WorkerScore(ctypes.Structure):
    """One thread (or single-threaded child)."""

    _fields_ = (
        ("status", ctypes.c_uint8),
        ("thread", ctypes.c_int32),
        ("pid", ctypes.c_int32),
        ("generation", ctypes.c_int32),
        ("access_count", ctypes.c_uint64),
        ("bytes_served", ctypes.c_uint64),
        ("replayed", ctypes.c_uint64),
        ("access_before", ctypes.c_uint64),  # those three as they were at this child's birth
        ("bytes_before", ctypes.c_uint64),
        ("replayed_before", ctypes.c_uint64),
        ("conn_access_before", ctypes.c_uint64),  # at the beginning of this connection
        ("conn_bytes_before", ctypes.c_uint64),
        ("stop_time", ctypes.c_double),
        ("start_time", ctypes.c_double),  # from here on: what TOLD packs
        ("last_used", ctypes.c_double),
        ("client", ctypes.c_char * 32),
        ("request", ctypes.c_char * 64),
        ("vhost", ctypes.c_char * 32),
    )


COUNTED = "=3Q"
"""access_count to replayed in one stroke: counting them one by one costs several times that."""
COUNTED_AT: int = WorkerScore.access_count.offset
TOLD = "=dd31sx63sx31sx"
"""start_time, last_used, client, request and vhost in one stroke; each text ends with a NUL."""
TOLD_AT: int = WorkerScore.start_time.offset
MOST_OF_REQUEST = 63
