"""`pyhttpd top`: the scoreboard of a running server, live.

It looks once a second, at memory alone: the server is not asked, so that this works when every worker is
stuck, and nobody who is served waits for it. Where standard output is no terminal one sample is printed for
each look.
"""

import argparse
import contextlib
import json
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pyhttpd.diagnostics import PROGRAM
from pyhttpd.tools import board
from pyhttpd.tools.samples import History
from pyhttpd.tools.status import as_json, show

KEYS = """\
keys:
  q          leave
  space, p   pause, and go on
  s, S       sort the children by the next or the previous column
  r          turn the order round
  a          all workers and what each did last, or requests in hand alone
  +, -       look half or twice as often"""
EPILOG = f"""\
{KEYS}

letters: _ idle  S starting  R reading  W answering  K kept alive  D looking a name up
         L logging  C closing  G finishing gracefully

examples:
  pyhttpd top -f sample-conf/httpd.conf
  pyhttpd top --pid-file /var/run/httpd.pid -n 60 --json"""
FOOT = "q leave  space pause  s/S sort by  r reverse  a all workers  +/- faster, slower"
LEAST, MOST = 0.1, 60.0  # seconds between two looks


def main(words: list[str]) -> int:
    """`top`; the exit status."""
    chosen = _parser().parse_args(words)
    try:
        where = board.place(chosen)
        where.look()
    except board.Unavailable as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return error.status
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        if chosen.json or not (sys.stdout.isatty() and sys.stdin.isatty()):
            return _in_pipe(where, chosen)
        return Screen(where, chosen.interval, chosen.count).run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = board.parser("top", "Watch what a running server is doing.", EPILOG)
    group = parser.add_argument_group("looking")
    group.add_argument(
        "-i", "--interval", type=_seconds, default=1.0, metavar="SECONDS", help="between two looks (1)"
    )
    group.add_argument("-n", "--count", type=int, default=0, metavar="N", help="look N times and leave")
    group.add_argument("--json", action="store_true", help="a line of JSON for each look")
    return parser


def _seconds(word: str) -> float:
    seconds = float(word)
    if not LEAST <= seconds <= MOST:
        raise argparse.ArgumentTypeError(f"not between {LEAST:g} and {MOST:g} seconds")
    return seconds


def _in_pipe(where: board.Place, chosen: argparse.Namespace) -> int:
    """Print one sample after the other."""
    history, count = History(), 0
    while True:
        try:
            sample = history.add(where.look())
        except board.Unavailable as error:
            print(f"{PROGRAM}: {error}", file=sys.stderr)
            return error.status
        if chosen.json:
            print(json.dumps(as_json(sample)), flush=True)
        else:
            show(history, sample)
        count += 1
        if count == chosen.count:
            return 0
        time.sleep(chosen.interval)


@dataclass
class Screen:
    """The terminal: what is shown, and which keys were pressed."""

    where: board.Place
    interval: float
    count: int = 0  # looks, 0 for any number
    history: History = field(default_factory=History)
    paused: bool = False
    leaving: bool = False
    order: int = 0
    reverse: bool = False
    all_workers: bool = False
    trouble: str = ""

    def run(self) -> int:
        """Until somebody has seen enough."""
        from rich.console import Console
        from rich.live import Live

        looks = 0
        console = Console(highlight=False)
        with _keys() as keyboard, Live(console=console, screen=True, auto_refresh=False) as live:
            while not self.leaving:
                if not self.paused:
                    self.look()
                    looks += 1
                live.update(self.view(), refresh=True)
                if looks == self.count:
                    break
                self.wait(keyboard, lambda: live.update(self.view(), refresh=True))
        return 0

    def look(self) -> None:
        """Take a sample; a server that has gone may come back."""
        try:
            self.history.add(self.where.look())
            self.trouble = ""
        except board.Unavailable as error:
            self.trouble = str(error)

    def view(self) -> Any:
        """What is on the screen now."""
        from pyhttpd.tools.render import ORDERS, View

        assert self.history.sample is not None
        order = ORDERS[self.order % len(ORDERS)].title
        note = "paused" if self.paused else ""
        return View(
            self.history,
            self.history.sample,
            order,
            self.reverse,
            note=note,
            foot=self.trouble or FOOT,
            all_workers=self.all_workers,
        )

    def wait(self, keyboard: int, redraw: Callable[[], None]) -> None:
        """Wait for the next look, and obey keys meanwhile."""
        end = time.monotonic() + self.interval
        while not self.leaving and (left := end - time.monotonic()) > 0:
            if not select.select([keyboard], [], [], left)[0]:
                return
            pressed = os.read(keyboard, 64).decode("ascii", "replace")
            self.leaving |= not pressed  # the terminal is gone
            for key in pressed:
                if act := ACTIONS.get(key):
                    act(self)
            redraw()

    def leave(self) -> None:
        self.leaving = True

    def pause(self) -> None:
        self.paused = not self.paused

    def sort(self, step: int) -> None:
        self.order += step

    def turn(self) -> None:
        self.reverse = not self.reverse

    def show_all(self) -> None:
        self.all_workers = not self.all_workers

    def pace(self, factor: float) -> None:
        self.interval = min(MOST, max(LEAST, self.interval * factor))


ACTIONS: dict[str, Callable[[Screen], None]] = {
    "q": Screen.leave,
    "\x03": Screen.leave,
    "\x04": Screen.leave,
    " ": Screen.pause,
    "p": Screen.pause,
    "s": lambda screen: screen.sort(1),
    "S": lambda screen: screen.sort(-1),
    "r": Screen.turn,
    "a": Screen.show_all,
    "+": lambda screen: screen.pace(0.5),
    "-": lambda screen: screen.pace(2),
}


@contextlib.contextmanager
def _keys() -> Iterator[int]:
    """Standard input, giving each key as it is pressed."""
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
