"""The lingering close: half-close, then read and throw away until the client closes too.

Closing a socket with unread input makes the kernel send a reset, which can destroy the end of the answer
before the client has read it (RFC 9112, 9.6). At most 2 s of silence and 30 s altogether, as in 2.2.
"""

import os
import select
import time
from collections.abc import Callable

from pyhttpd.core.verdict import Verdict
from pyhttpd.mpm.base import Child, Connection
from pyhttpd.mpm.scoreboard import Slot, Status

SILENCE = 2.0
ALTOGETHER = 30.0


def discard(descriptor: int) -> bool:
    """Throw away what has come; False when the client has closed or gone."""
    try:
        return bool(os.read(descriptor, 65536))
    except BlockingIOError:
        return True
    except OSError:
        return False


def linger(descriptor: int) -> None:
    """Wait here for the client to close."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    end = time.monotonic() + ALTOGETHER
    while (rest := min(SILENCE, end - time.monotonic())) > 0:
        if not poll.poll(rest * 1000) or not discard(descriptor):
            return


def serve(child: Child, slot: Slot, connection: Connection) -> None:
    """A connection from its first request to its end, in one thread."""
    try:
        while connection.serve_one() is not Verdict.CLOSE and connection.serve_known() is not Verdict.CLOSE:
            pass
        if connection.start_linger():
            slot.report(Status.CLOSING)
            linger(connection.fileno())
    except Exception as error:
        child.mishap(error)
    finally:
        quietly(child, connection.close)


def quietly(child: Child, close: Callable[[], None]) -> None:
    """Close; what goes wrong then is only worth a line in the log."""
    try:
        close()
    except Exception as error:
        child.mishap(error)
