"""What a connection tells the MPM after a turn: the whole vocabulary between the two floors."""

from enum import Enum


class HandOver(BaseException):
    """A request turned out to do something that may take long, in a thread that must not wait: a worker
    begins anew.

    No ordinary handler of exceptions may stop it, hence no Exception.
    """


class Verdict(Enum):
    """What is to become of a connection."""

    KEEP = "keep"  # wait for its next request
    MORE = "more"  # wait for the rest of a head that has begun
    CLOSE = "close"  # linger and close
    WRITE = "write"  # a finished answer waits until the socket takes more
