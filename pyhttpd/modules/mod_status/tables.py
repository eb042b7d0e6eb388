"""The two tables of the status page: 2.4's of connections, and 2.2's of workers."""

from pyhttpd.core.uri import escape_html, escape_log_item
from pyhttpd.modules.mod_status.figures import KBYTE, MBYTE
from pyhttpd.mpm.scoreboard import ChildPicture, Picture, Status, WorkerPicture

CONNECTIONS = """

<table rules="all" cellpadding="1%">
<tr><th rowspan="2">Slot</th><th rowspan="2">PID</th><th rowspan="2">Stopping</th>\
<th colspan="2">Connections</th>
<th colspan="2">Threads</th><th colspan="3">Async connections</th><th colspan="2">Answers</th></tr>
<tr><th>total</th><th>accepting</th><th>busy</th><th>idle</th>\
<th>writing</th><th>keep-alive</th><th>closing</th><th>all</th><th>replayed</th></tr>
"""
WORKERS = """

<table border="0"><tr><th>Srv</th><th>PID</th><th>Acc</th><th>M</th><th>CPU
</th><th>SS</th><th>Req</th><th>Conn</th><th>Child</th><th>Slot</th>\
<th>Client</th><th>VHost</th><th>Request</th></tr>

"""
WORKERS_KEY = """\
</table>
 <hr /> <table>
 <tr><th>Srv</th><td>Child Server number - generation</td></tr>
 <tr><th>PID</th><td>OS process ID</td></tr>
 <tr><th>Acc</th><td>Number of accesses this connection / this child / this slot</td></tr>
 <tr><th>M</th><td>Mode of operation</td></tr>
<tr><th>CPU</th><td>CPU usage, number of seconds</td></tr>
<tr><th>SS</th><td>Seconds since beginning of most recent request</td></tr>
 <tr><th>Req</th><td>Milliseconds required to process most recent request</td></tr>
 <tr><th>Conn</th><td>Kilobytes transferred this connection</td></tr>
 <tr><th>Child</th><td>Megabytes transferred this child</td></tr>
 <tr><th>Slot</th><td>Total megabytes transferred this slot</td></tr>
 </table>
"""
PLAIN = (Status.READY, Status.DEAD, Status.GRACEFUL, Status.IDLE_KILL)  # letters that are not bold
READING = "?</td><td nowrap>?</td><td nowrap>..reading.. "


def connections(picture: Picture) -> str:
    """Where the connections of event's children are; 2.4's table and, behind it, who answered."""
    children = picture.children
    numbers = [
        (c.connections, c.busy, c.idle, c.writing, c.waiting, c.closing, c.mine.answers, c.mine.replayed)
        for c in children
    ]
    rows = [
        _cells(
            child.row, child.pid, _stopping(child, picture), total, "yes" if child.accepting else "no", *rest
        )
        for child, (total, *rest) in zip(children, numbers, strict=True)
    ]
    total, *rest = map(sum, zip(*numbers, strict=True)) if numbers else [0] * 8
    stopping = sum(child.stopping for child in children)
    return "".join(
        (CONNECTIONS, *rows, _cells("Sum", len(children), stopping, total, "&nbsp;", *rest), "</table>\n")
    )


def _stopping(child: ChildPicture, picture: Picture) -> str:
    old = " (old gen)" if child.generation != picture.generation else ""
    return ("yes" if child.stopping else "no") + old


def _cells(*cells: object) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"


def row(picture: Picture, child: ChildPicture, worker: WorkerPicture) -> str:
    """One worker."""
    dead = worker.status is Status.DEAD
    letter = worker.status.letter if worker.status in PLAIN else f"<b>{worker.status.letter}</b>"
    reading = worker.status is Status.BUSY_READ
    whom = [escape_html(t) for t in (worker.client, worker.vhost, escape_log_item(worker.request))]
    pid = "-" if dead else worker.pid or child.pid
    return (
        f"<tr><td><b>{child.row}-{worker.generation}</b></td><td>{pid}</td>"
        f"<td>{worker.connection.answers}/{worker.mine.answers}/{worker.counts.answers}</td>"
        f"<td>{letter}\n</td>"
        f"<td>{child.usage.seconds:.2f}</td><td>{max(0, int(picture.taken - worker.last_used))}</td>"
        f"<td>{worker.took}</td><td>{worker.connection.bytes / KBYTE:.1f}</td>"
        f"<td>{worker.mine.bytes / MBYTE:.2f}</td><td>{worker.counts.bytes / MBYTE:.2f}\n</td><td>"
        f"{READING if reading else '</td><td nowrap>'.join(whom)}</td></tr>\n\n"
    )
