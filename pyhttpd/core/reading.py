"""Reading heads from a wire: with which limits, and how to tell a slow one from a wrong one."""

from functools import lru_cache

from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.wire import Wire
from pyhttpd.http.fields import Limits
from pyhttpd.http.head import Head, HeadReader
from pyhttpd.http.status import HTTPError

END = b"\r\n\r\n"
LONGEST = 16384  # bytes of a head that a listener waits for; longer ones are a worker's


@lru_cache(maxsize=256)
def _limits(line: int, field: int, fields: int, syntax: str, least: str) -> Limits:
    return Limits(line, field, fields, strict=syntax != "unsafe", simple=least != "1.0")


def limits(settings: PerServer) -> Limits:
    """How a host's request heads are read."""
    options = settings.protocol_options
    syntax, least = options.get("syntax", "strict"), options.get("least", "0.9")
    return _limits(settings.limit_line, settings.limit_field, settings.limit_fields, syntax, least)


def may_go_on(data: bytes) -> bool:
    """Whether bytes are the beginning of a head that is not complete and may still become right."""
    if len(data) > LONGEST or END in data or not data[:1].isalpha():
        return False
    line, newline, _ = data.partition(b"\r\n")
    if newline and line[-9:-1] != b" HTTP/1.":
        return False
    return data.count(b"\n") == data.count(b"\r\n") and data.count(b"\r") - data.count(b"\n") <= 1


def read_head(
    wire: Wire, limits: Limits, data: bytes, patience: float
) -> tuple[Head | None, bytes | None, bytes]:
    """The next head, its bytes if they came in one piece, and the bytes behind it.

    The head is None where the client left, or fell silent for `patience` seconds before it said anything.
    Raises HTTPError for a malformed head, 408 for one that stops in the middle, OSError for a broken
    connection.
    """
    reader = HeadReader(limits)
    whole: bytes | None = data
    while (head := reader.feed(data)) is None:
        whole = None
        try:
            data = wire.receive(patience)
        except TimeoutError:
            if reader.partial is None:
                return None, None, b""
            error = HTTPError(408, "request failed: error reading the headers")
            error.head = reader.partial
            raise error from None
        if not data:
            return None, None, b""
    rest = reader.rest
    return head, whole[: len(whole) - len(rest)] if whole is not None else None, rest
