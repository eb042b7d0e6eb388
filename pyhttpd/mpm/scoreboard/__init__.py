"""The scoreboard: what every process and thread of the server is doing, in memory that all of them share.

Made before the first fork and laid out as `ctypes` records like 2.2's scoreboard.h. There are no locks: each
record has one writer, and readers put up with a torn read. In a process record the parent writes pid,
generation and birth, the child its connection counters; `quiescing` only ever turns from 0 to 1 in a life.

Inside the server the board itself is read; from outside (`pyhttpd top`) a copy of the file behind it, so
that looking on works when every worker is stuck, and costs the server nothing.
"""

from pyhttpd.mpm.scoreboard.board import Scoreboard, Unreadable, idle_workers
from pyhttpd.mpm.scoreboard.machine import Usage, usage
from pyhttpd.mpm.scoreboard.pictures import ChildPicture, Counts, Picture, WorkerPicture, picture
from pyhttpd.mpm.scoreboard.records import LETTERS, GlobalScore, ProcessScore, Status, WorkerScore
from pyhttpd.mpm.scoreboard.slots import ListenerSlot, Slot

__all__ = [
    "LETTERS",
    "ChildPicture",
    "Counts",
    "GlobalScore",
    "ListenerSlot",
    "Picture",
    "ProcessScore",
    "Scoreboard",
    "Slot",
    "Status",
    "Unreadable",
    "Usage",
    "WorkerPicture",
    "WorkerScore",
    "idle_workers",
    "picture",
    "usage",
]
