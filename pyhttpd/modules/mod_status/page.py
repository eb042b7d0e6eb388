"""The page of `server-status`, in 2.2's layout."""

import platform
import time
from collections.abc import Iterator

from pyhttpd import __version__
from pyhttpd.core.canonical import server_name
from pyhttpd.core.errors import signature
from pyhttpd.core.request import Request
from pyhttpd.core.uri import escape_html, escape_log_item
from pyhttpd.modules.mod_status import tables
from pyhttpd.modules.mod_status.figures import KBYTE, byte_out, duration, extra, kbyte_out
from pyhttpd.mpm.scoreboard import ChildPicture, Picture, Status, WorkerPicture

DOCTYPE = '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n'
TIME_FORMAT = "%A, %d-%b-%Y %H:%M:%S %Z"
WIDTH = 64  # letters of the scoreboard on a line
WORDS = {  # of ?notable
    Status.READY: "Ready",
    Status.STARTING: "Starting",
    Status.BUSY_READ: "<b>Read</b>",
    Status.BUSY_WRITE: "<b>Write</b>",
    Status.BUSY_KEEPALIVE: "<b>Keepalive</b>",
    Status.BUSY_LOG: "<b>Logging</b>",
    Status.BUSY_DNS: "<b>DNS lookup</b>",
    Status.CLOSING: "<b>Closing</b>",
    Status.DEAD: "Dead",
    Status.GRACEFUL: "Graceful",
    Status.IDLE_KILL: "Dying",
}
KEY = """\
<p>Scoreboard Key:<br />
"<b><code>_</code></b>" Waiting for Connection, 
"<b><code>S</code></b>" Starting up, 
"<b><code>R</code></b>" Reading Request,<br />
"<b><code>W</code></b>" Sending Reply, 
"<b><code>K</code></b>" Keepalive (read), 
"<b><code>D</code></b>" DNS Lookup,<br />
"<b><code>C</code></b>" Closing connection, 
"<b><code>L</code></b>" Logging, 
"<b><code>G</code></b>" Gracefully finishing,<br /> 
"<b><code>I</code></b>" Idle cleanup of worker, 
"<b><code>.</code></b>" Open slot with no current process</p>
<p />
"""
HINT = (
    "<hr />To obtain a full report with current status information you need to use the "
    "<code>ExtendedStatus On</code> directive.\n"
)


def page(picture: Picture, request: Request, notable: bool) -> str:
    """The whole page."""
    asynchronous = tables.connections(picture) if picture.mpm == "event" else ""
    return "".join((
        *_heading(picture, request),
        *(_totals(picture) if picture.extended else ()),
        f"<dt>{picture.busy} requests currently being processed, {picture.ready} idle workers</dt>\n",
        f"</dl>{asynchronous}<pre>",
        *_board(picture.letters),
        f"</pre>\n{KEY}",
        *(_details(picture, notable) if picture.extended else (*_pids(picture), HINT)),
        extra(request, short=False, notable=notable),
        signature(request, "<hr />\n"),
        "</body></html>\n",
    ))  # fmt: skip


def _heading(picture: Picture, request: Request) -> Iterator[str]:
    yield f"{DOCTYPE}<html><head>\n<title>Apache Status</title>\n</head><body>\n"
    yield f"<h1>Apache Server Status for {escape_html(server_name(request))}</h1>\n\n"
    yield f"<dl><dt>Server Version: {escape_html(picture.software)}</dt>\n"
    built = f"pyhttpd {__version__}, Python {platform.python_version()}"
    yield f"<dt>Server Built: {built}\n</dt></dl><hr /><dl>\n"
    yield f"<dt>Current Time: {_moment(picture.taken)}</dt>\n"
    yield f"<dt>Restart Time: {_moment(picture.restart_time)}</dt>\n"
    yield f"<dt>Parent Server Generation: {picture.generation}</dt>\n"
    yield f"<dt>Server uptime: {duration(picture.uptime)}</dt>\n"


def _moment(seconds: float) -> str:
    return time.strftime(TIME_FORMAT, time.localtime(seconds))


def _totals(picture: Picture) -> Iterator[str]:
    answers, kbytes, uptime = picture.counts.answers, picture.counts.bytes >> 10, picture.uptime
    usage = picture.usage
    yield f"<dt>Total accesses: {answers} - Total Traffic: {kbyte_out(kbytes)}</dt>\n"
    yield f"<dt>CPU Usage: u{usage.user:g} s{usage.system:g}"
    yield f" cu{usage.children_user:g} cs{usage.children_system:g}"
    yield f" - {picture.load:.3g}% CPU load</dt>\n" if usage.seconds else "</dt>\n"
    yield "<dt>"
    if uptime:
        yield f"{answers / uptime:.3g} requests/sec - {byte_out(KBYTE * kbytes // uptime)}/second - "
    if answers:
        yield f"{byte_out(KBYTE * kbytes // answers)}/request"
    yield "</dt>\n"


def _board(letters: str) -> Iterator[str]:
    for start in range(0, len(letters), WIDTH):
        line = letters[start : start + WIDTH]
        yield line + "\n" * (len(line) == WIDTH)


def _pids(picture: Picture) -> Iterator[str]:
    """Which process has which letter, three to a line."""
    living = [
        f"   {child.pid} in state: {worker.status.letter} "
        for child, worker in picture.workers
        if worker.status is not Status.DEAD
    ]
    yield "PID Key: <br />\n<pre>\n"
    for number, text in enumerate(living, 1):
        yield text + ("," if number % 3 else "\n")
    yield "\n</pre>\n"


def _details(picture: Picture, notable: bool) -> Iterator[str]:
    """A line or row for each worker that has done something or does."""
    yield "<hr /><h2>Server Details</h2>\n\n" if notable else tables.WORKERS
    for child, worker in picture.workers:
        if worker.counts.answers or worker.status not in (Status.READY, Status.DEAD):
            yield _paragraph(picture, child, worker) if notable else tables.row(picture, child, worker)
    if not notable:
        yield tables.WORKERS_KEY


def _paragraph(picture: Picture, child: ChildPicture, worker: WorkerPicture) -> str:
    pid = "-" if worker.status is Status.DEAD else str(worker.pid or child.pid)
    usage = child.usage
    sizes = "|".join(byte_out(c.bytes) for c in (worker.connection, worker.mine, worker.counts))
    request = escape_html(escape_log_item(worker.request))
    return (
        f"<b>Server {child.row}-{worker.generation}</b> ({pid}): "
        f"{worker.connection.answers}|{worker.mine.answers}|{worker.counts.answers} "
        f"[{WORDS[worker.status]}] "
        f"u{usage.user:g} s{usage.system:g} cu{usage.children_user:g} cs{usage.children_system:g}\n "
        f"{max(0, int(picture.taken - worker.last_used))} {worker.took} ({sizes})\n"
        f" <i>{escape_html(worker.client)} {{{request}}}</i> <b>[{escape_html(worker.vhost)}]</b><br />\n\n"
    )
