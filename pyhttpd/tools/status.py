"""`pyhttpd status`: what a running server is doing at this moment, printed once.

`fullstatus` shows what every worker has done last as well. Unlike apachectl's words of these names neither
asks the server over HTTP: no mod_status, no browser and no free worker is needed. The exit status is 0 for a
running server, 3 where none is running, 1 where it cannot be looked at.
"""

import json
import sys
from typing import Any

from pyhttpd.diagnostics import PROGRAM
from pyhttpd.mpm.scoreboard import Picture
from pyhttpd.tools import board
from pyhttpd.tools.samples import History, Rates, Sample

EPILOG = """\
exit status:
  0 the server is running; 3 it is not; 1 it cannot be looked at

examples:
  pyhttpd status -f sample-conf/httpd.conf
  pyhttpd status --pid-file /var/run/httpd.pid --json"""
PIPE_WIDTH = 160  # columns where no terminal says how many there are


def main(words: list[str]) -> int:
    """`status`; the exit status."""
    return _run("status", "Show what a running server is doing.", words, all_workers=False)


def full(words: list[str]) -> int:
    """`fullstatus`; the exit status."""
    what_for = "Show what a running server is doing, and what each worker did last."
    return _run("fullstatus", what_for, words, all_workers=True)


def _run(command: str, what_for: str, words: list[str], *, all_workers: bool) -> int:
    parser = board.parser(command, what_for, EPILOG)
    parser.add_argument("--json", action="store_true", help="print it for programs")
    chosen = parser.parse_args(words)
    try:
        picture = board.place(chosen).look()
    except board.Unavailable as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return error.status
    history = History()
    sample = history.add(picture)
    if chosen.json:
        print(json.dumps(as_json(sample), indent=1))
    else:
        show(history, sample, all_workers=all_workers)
    return 0


def show(history: History, sample: Sample, *, all_workers: bool = False) -> None:
    """Print a sample: in colours on a terminal, plainly elsewhere."""
    from rich.console import Console

    from pyhttpd.tools.render import View

    view = View(history, sample, live=False, all_workers=all_workers)
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(view)
        return
    console = Console(highlight=False, width=PIPE_WIDTH)
    with console.capture() as captured:
        console.print(view)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()), flush=True)


def as_json(sample: Sample) -> dict[str, Any]:
    """All that a sample says. Times are seconds since the epoch, sizes bytes, rates per second."""
    picture = sample.picture
    return {
        "time": round(picture.taken, 3),
        "pid": picture.pid,
        "mpm": picture.mpm,
        "server": picture.software,
        "generation": picture.generation,
        "started": round(picture.restart_time, 3),
        "busy": picture.busy,
        "idle": picture.ready,
        **_counts(picture, sample.rates),
        "scoreboard": picture.letters,
        "children": _children(sample),
        "requests": _requests(picture),
    }


def _counts(thing: Any, rates: Rates) -> dict[str, Any]:
    counts = getattr(thing, "mine", None) or thing.counts
    return {
        "answers": counts.answers,
        "bytes": counts.bytes,
        "replayed": counts.replayed,
        "cpu_seconds": round(thing.usage.seconds, 2),
        "resident": thing.usage.resident,
        "rates": {
            "answers": round(rates.answers, 3),
            "bytes": round(rates.bytes, 1),
            "replayed": round(rates.replayed, 3),
            "cpu": round(rates.cpu, 4),
        },
    }


def _children(sample: Sample) -> list[dict[str, Any]]:
    plain = (
        *("row", "pid", "generation", "stopping", "accepting", "busy", "idle"),
        *("connections", "waiting", "writing", "closing", "letters"),
    )
    return [
        {name: getattr(child, name) for name in plain}
        | {"born": round(child.birth, 3)}
        | _counts(child, sample.of_child.get(child.pid, Rates()))
        for child in sample.picture.children
    ]


def _requests(picture: Picture) -> list[dict[str, Any]]:
    return [
        {
            "child": child.row,
            "thread": worker.thread,
            "state": worker.status.name.lower(),
            "since": round(worker.start_time, 3),
            "client": worker.client,
            "vhost": worker.vhost,
            "request": worker.request,
        }
        for child, worker in picture.workers
        if child.pid and worker.serving
    ]
