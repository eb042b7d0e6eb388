"""`?auto`: the figures line by line, to the letter as collectors have read them since 1.3.

With the word `connections` in the query (?auto&connections) 2.4's counts of connections are among them, in
2.4's place: collectors that know 2.4's event read those, and nobody else is surprised.
"""

from collections.abc import Iterator

from pyhttpd.core.request import Request
from pyhttpd.modules.mod_status.figures import extra
from pyhttpd.mpm.scoreboard import Picture


def text(picture: Picture, request: Request, notable: bool) -> str:
    """The whole text."""
    lines = [
        *(_totals(picture) if picture.extended else ()),
        f"BusyWorkers: {picture.busy}",
        f"IdleWorkers: {picture.ready}",
        *(_connections(picture) if "connections" in (request.query or "") else ()),
        f"Scoreboard: {picture.letters}",
        "",
    ]
    return "\n".join(lines) + extra(request, short=True, notable=notable)


def _totals(picture: Picture) -> Iterator[str]:
    answers, kbytes, uptime = picture.counts.answers, picture.counts.bytes >> 10, picture.uptime
    yield f"Total Accesses: {answers}"
    yield f"Total kBytes: {kbytes}"
    if picture.usage.seconds:
        load = picture.usage.seconds / uptime * 100 if uptime else float("inf")
        yield f"CPULoad: {load:g}"
    yield f"Uptime: {uptime}"
    if uptime:
        yield f"ReqPerSec: {answers / uptime:g}"
        yield f"BytesPerSec: {1024 * kbytes / uptime:g}"
    if answers:
        yield f"BytesPerReq: {1024 * kbytes / answers:g}"


def _connections(picture: Picture) -> Iterator[str]:
    children = picture.children
    yield f"ConnsTotal: {sum(child.connections for child in children)}"
    yield f"ConnsAsyncWriting: {sum(child.writing for child in children)}"
    yield f"ConnsAsyncKeepAlive: {sum(child.waiting for child in children)}"
    yield f"ConnsAsyncClosing: {sum(child.closing for child in children)}"
