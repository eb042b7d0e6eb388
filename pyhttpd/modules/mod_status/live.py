"""A picture of the scoreboard for people: every worker a square, every child a row, and it moves.

One page with all it needs in it: no other resource, and a policy that forbids any. Without JavaScript the
browser loads it anew every few seconds; with it, only the part that changes comes again, every second, and
the rate of the last minutes is drawn. Light and dark follow the reader's own setting.
"""

import base64
import hashlib
from collections.abc import Iterator

from pyhttpd.core.canonical import server_name
from pyhttpd.core.request import Request
from pyhttpd.core.uri import escape_html
from pyhttpd.modules.mod_status.figures import byte_out, duration
from pyhttpd.modules.mod_status.live_style import SCRIPT, STYLE
from pyhttpd.mpm.scoreboard import ChildPicture, Picture, WorkerPicture

PART = "part"  # the query that asks for the moving part alone
MEANINGS = {
    "_": "waiting",
    "S": "starting",
    "R": "reading a request",
    "W": "answering",
    "K": "kept alive",
    "D": "looking a name up",
    "C": "closing",
    "L": "logging",
    "G": "finishing",
    "I": "to be ended",
    ".": "nobody",
}
CLASSES = {"_": "idle", "S": "start", ".": "none"}


def _digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


FIELDS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; "
    f"style-src {_digest(STYLE)}; script-src {_digest(SCRIPT)}; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}


def page(picture: Picture, request: Request) -> str:
    """The whole page."""
    name = escape_html(server_name(request))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Scoreboard of {name}</title>\n<noscript><meta http-equiv=refresh content=5></noscript>\n"
        f"<style>{STYLE}</style>\n</head>\n<body>\n<header><h1>{name}</h1>"
        f"<p>{escape_html(picture.software)}, {escape_html(picture.mpm)}</p>"
        '<svg id="history" viewBox="0 0 240 40" preserveAspectRatio="none" role="img" '
        'aria-label="Requests per second, last four minutes" hidden><path/></svg></header>\n'
        f'<main id="live">{body(picture, request)}</main>\n{_legend()}'
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def body(picture: Picture, _request: Request) -> str:
    """The part that changes."""
    return "".join((*_figures(picture), *map(_child, picture.children), *_requests(picture)))


def _figures(picture: Picture) -> Iterator[str]:
    counts = picture.counts
    share = f"{counts.replayed / counts.answers:.0%}" if counts.answers else "none"
    rate = counts.answers / picture.uptime if picture.uptime else 0
    figures = {
        "busy": str(picture.busy),
        "idle": str(picture.ready),
        "connections": str(sum(child.connections for child in picture.children)),
        "requests": f"{counts.answers:,}",
        "a second": f"{rate:,.1f}",
        "sent": byte_out(counts.bytes),
        "from memory": share,
        "up": duration(picture.uptime).strip() or "just now",
    }
    if picture.mpm != "event":
        del figures["connections"]
    moment = f'data-time="{picture.taken:.3f}" data-requests="{counts.answers}"'
    yield f'<dl id="figures" {moment}>'
    for name, value in figures.items():
        yield f"<div><dt>{name}</dt><dd>{value}</dd></div>"
    yield "</dl>\n"


def _child(child: ChildPicture) -> str:
    squares = "".join(
        _square(letter, worker) for letter, worker in zip(child.letters, child.workers, strict=False)
    )
    state = " stopping" if child.stopping else ""
    parked = (
        f", {child.connections} connections: {child.waiting} waiting, {child.writing} writing, "
        f"{child.closing} closing"
        if child.connections
        else ""
    )
    return (
        f'<section class="child{state}"><h2>{child.pid}<small> generation {child.generation}{state}, '
        f'{child.busy} busy{parked}</small></h2><p class="board">{squares}</p></section>\n'
    )


def _square(letter: str, worker: WorkerPicture) -> str:
    kind = CLASSES.get(letter, f"busy s{letter}")
    return f'<i class="{kind}" title="{worker.thread}: {MEANINGS[letter]}">{letter}</i>'


def _requests(picture: Picture) -> Iterator[str]:
    """Who is served; as on the status page, with ExtendedStatus alone."""
    if not picture.extended:
        yield '<p class="hint">With <code>ExtendedStatus On</code> requests are listed here.</p>'
        return
    serving = [(child, worker) for child, worker in picture.workers if child.pid and worker.serving]
    serving.sort(key=lambda pair: pair[1].start_time)
    yield "<table><caption>Requests being answered</caption><tr><th>age<th>client<th>host<th>request</tr>"
    for _, worker in serving:
        age = max(0.0, picture.taken - worker.start_time)
        cells = "".join(f"<td>{escape_html(text)}" for text in (worker.client, worker.vhost, worker.request))
        yield f"<tr><td>{age:.1f} s{cells}</tr>"
    yield "</table>\n"


def _legend() -> str:
    keys = "".join(
        f'<li><i class="{CLASSES.get(letter, f"busy s{letter}")}">{letter}</i> {meaning}'
        for letter, meaning in MEANINGS.items()
        if letter != "."
    )
    return f'<ul class="legend">{keys}</ul>\n'
