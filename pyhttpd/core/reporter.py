"""Where a connection tells what it is doing. One floor up that is a slot of the scoreboard."""

from typing import Protocol

from pyhttpd.core.request import Request

# What the scoreboard is told; the values are its Status, whose table lives one floor up.
READING, WRITING, KEEPALIVE, LOGGING = 3, 4, 5, 6


class Reporter(Protocol):
    """Where a connection tells what it is doing: a slot of the scoreboard."""

    def report(self, status: int, request: Request | None = None) -> None: ...

    def count(self, bytes_sent: int, replayed: bool = False) -> None:
        """One more request answered, with this many bytes; `replayed`: from memory."""

    @property
    def stopping(self) -> bool:
        """Whether the child is to finish: answers then say that the connection closes."""
