"""What each letter of a log format stands for: one small function a letter, and the table of them.

A function takes the request and the text between the braces of `%{text}x`, and answers text that is safe to
stand in a log, or None for `-`. Manual: mod_log_config, "Custom Log Formats".
"""

import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from pyhttpd.core.canonical import default_port, server_name
from pyhttpd.core.hostnames import remote_host
from pyhttpd.core.request import Request
from pyhttpd.core.uri import escape_log_item
from pyhttpd.http.dates import MONTHS
from pyhttpd.http.headers import Headers

Value = Callable[[Request, str], str | None]

PASSWORD = re.compile(r"^(\S+ [a-z][a-z0-9+.-]*://[^/?#\s:@]*):[^/?#\s]*@", re.IGNORECASE)
BEGIN_OR_END = re.compile(r"(begin|end)(?::|$)")


def query(request: Request, _argument: str) -> str:
    """The query with its question mark, empty where there is none."""
    return escape_log_item(f"?{request.query}") if request.query is not None else ""


class Scope(Enum):
    """What a part of a line is the same for, when an answer is given again."""

    ANSWER = "answer"
    SECOND = "second"
    CONNECTION = "connection"
    FIELDS = "fields"
    REQUEST = "request"


class Letter(NamedTuple):
    """One letter's function, and whether it asks the request that came in, not its last redirect.

    `same` is what requests with the same answer share it with; the time is only told in seconds where no form
    of its own is asked for.
    """

    value: Value
    original: bool = False
    same: Scope = Scope.REQUEST

    def scope(self, argument: str) -> Scope:
        """The scope with this text between the braces."""
        return Scope.REQUEST if self.same is Scope.SECOND and argument else self.same


def escaped(text: str | None) -> str | None:
    """Text that is safe to stand in a line; None stays None."""
    return None if text is None else escape_log_item(text)


def user(request: Request, _argument: str) -> str | None:
    """The user's name, an empty one as two quotes."""
    return '""' if request.user == "" else escaped(request.user)


def request_line(request: Request, _argument: str) -> str | None:
    """The request line; a password in its URL is nobody's business."""
    line = request.line
    return escaped(PASSWORD.sub(r"\1:XXXXXXXX@", line) if "@" in line else line)


def field_in(request: Request, name: str) -> str | None:
    """A field of the request."""
    return joined(request.headers_in, name)


def field_out(request: Request, name: str) -> str | None:
    """A field of the answer: Content-Type without its parameters, every cookie, of others the first."""
    low = name.lower()
    if low == "content-type" and request.content_type:
        return escaped(request.content_type.partition(";")[0].rstrip(" \t"))
    return (
        joined(request.headers_out, name) if low == "set-cookie" else escaped(request.headers_out.get(name))
    )


def trailer_in(request: Request, name: str) -> str | None:
    """A trailer of the request's body."""
    trailers: Headers | None = getattr(request.body, "trailers", None)
    return joined(trailers, name) if trailers is not None else None


def trailer_out(_request: Request, _name: str) -> str | None:
    """No answer of ours has trailers."""
    return None


def joined(fields: Headers, name: str) -> str | None:
    """All values of a field with commas between, None for none."""
    values = fields.get_all(name)
    return escape_log_item(", ".join(values)) if values else None


def cookie(request: Request, name: str) -> str | None:
    """The value of a cookie, whose name may be in any letter case."""
    for pair in ", ".join(request.headers_in.get_all("Cookie")).split(";"):
        key, _, value = pair.lstrip("=").partition("=")
        if value and key.strip() and key.strip().lower() == name.lower():
            return escape_log_item(value.strip())
    return None


def note(request: Request, name: str) -> str | None:
    """A note, if it is text."""
    found = named(request.notes, name)
    return escaped(found) if isinstance(found, str) else None


def named(table: Mapping[str, Any], name: str) -> Any:
    """A value by its name, in any letter case as in Apache's tables; None where there is none."""
    if name in table:
        return table[name]
    low = name.lower()
    return next((value for key, value in table.items() if key.lower() == low), None)


def port(request: Request, kind: str) -> str:
    """The port: canonical, remote or local."""
    if kind.lower() in ("", "canonical"):
        return str(request.server.port or default_port(request))
    ends = {"remote": request.connection.client, "local": request.connection.local}
    return str(ends[kind.lower()][1]) if kind.lower() in ends else kind


def process(_request: Request, kind: str) -> str:
    """The process id, or a thread's, in decimal or hexadecimal."""
    if kind in ("", "pid"):
        return str(os.getpid())
    thread = threading.get_ident()
    return {"tid": str(thread), "hextid": f"{thread:x}"}.get(kind, kind)


def connection_status(request: Request, _argument: str) -> str:
    """X where the client left, + where the connection stays, - where it ends."""
    if request.connection.aborted:
        return "X"
    return "-" if request.connection.close_after else "+"


def keepalives(request: Request, _argument: str) -> str:
    """How often this connection was kept alive before; a request that closes it repeats the last count."""
    return str(max(request.connection.keepalives - 1, 0))


def received_at(request: Request, form: str) -> str:
    """A time, of the request's begin or (`end:`) of now: by strftime, as a number, or the common form."""
    moment = request.received
    if not form:
        return common_time(int(moment))
    if prefix := BEGIN_OR_END.match(form):
        moment = time.time() if prefix[1] == "end" else moment
        form = form[prefix.end() :]
    if not form:
        return common_time(int(moment))
    if form in NUMBERS:
        return NUMBERS[form](moment)
    return time.strftime(form, time.localtime(moment))


NUMBERS: dict[str, Callable[[float], str]] = {
    "sec": lambda moment: str(int(moment)),
    "msec": lambda moment: str(int(moment * 1000)),
    "usec": lambda moment: str(int(moment * 1000000)),
    "msec_frac": lambda moment: f"{int(moment % 1 * 1000):03}",
    "usec_frac": lambda moment: f"{int(moment % 1 * 1000000):06}",
}


@lru_cache(maxsize=16)
def common_time(seconds: int) -> str:
    """`[10/Oct/2000:13:55:36 -0700]`."""
    at = time.localtime(seconds)
    sign, minutes = "-" if at.tm_gmtoff < 0 else "+", abs(at.tm_gmtoff) // 60
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} {sign}{minutes // 60:02}{minutes % 60:02}"
    return f"[{at.tm_mday:02}/{MONTHS[at.tm_mon - 1]}/{at.tm_year}:{clock}]"


UNITS = {"": 10**9, "s": 10**9, "ms": 10**6, "us": 10**3}  # in nanoseconds


def duration(request: Request, unit: str) -> str:
    """The time it took, in the unit asked for."""
    scale = UNITS.get(unit.lower())
    return str((time.monotonic_ns() - request.started_ns) // scale) if scale else unit


def microseconds(request: Request, _argument: str) -> str:
    """The time it took in microseconds."""
    return duration(request, "us")


LETTERS: dict[str, Letter] = {
    "h": Letter(lambda r, _: escaped(remote_host(r) or r.connection.client[0]), same=Scope.CONNECTION),
    "a": Letter(lambda r, _: r.connection.client[0], same=Scope.CONNECTION),
    "A": Letter(lambda r, _: r.connection.local[0], same=Scope.ANSWER),
    "l": Letter(lambda r, _: escaped(r.connection.notes.get("logname")), same=Scope.CONNECTION),
    "u": Letter(user, same=Scope.ANSWER),
    "t": Letter(received_at, same=Scope.SECOND),
    "f": Letter(lambda r, _: escaped(r.filename), same=Scope.ANSWER),
    "b": Letter(lambda r, _: str(r.bytes_sent) if r.bytes_sent else None, same=Scope.ANSWER),
    "B": Letter(lambda r, _: str(r.bytes_sent), same=Scope.ANSWER),
    "i": Letter(field_in, same=Scope.FIELDS),
    "o": Letter(field_out, same=Scope.ANSWER),
    "n": Letter(note),
    "e": Letter(lambda r, name: escaped(named(r.env, name)), same=Scope.ANSWER),
    "V": Letter(lambda r, _: escaped(server_name(r)), same=Scope.ANSWER),
    "v": Letter(lambda r, _: escaped(r.server.name), same=Scope.ANSWER),
    "p": Letter(port),
    "P": Letter(process),
    "H": Letter(lambda r, _: escaped(r.protocol), same=Scope.ANSWER),
    "m": Letter(lambda r, _: escaped(r.method), same=Scope.ANSWER),
    "q": Letter(query, same=Scope.ANSWER),
    "X": Letter(connection_status),
    "C": Letter(cookie, same=Scope.FIELDS),
    "k": Letter(keepalives),
    "r": Letter(request_line, original=True, same=Scope.ANSWER),
    "D": Letter(microseconds, original=True),
    "T": Letter(duration, original=True),
    "U": Letter(lambda r, _: escaped(r.uri), original=True, same=Scope.ANSWER),
    "s": Letter(lambda r, _: str(r.status) if r.status > 0 else None, original=True, same=Scope.ANSWER),
    "R": Letter(lambda r, _: escaped(r.handler), original=True, same=Scope.ANSWER),
    "^ti": Letter(trailer_in),
    "^to": Letter(trailer_out),
}
