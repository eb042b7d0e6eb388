"""A sample of a scoreboard on the screen: the same picture for `top`, which repeats it, and `status`.

Built of rich's tables, so that it fits 80 columns and uses 160, and is plain text in a pipe.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from pyhttpd.mpm.scoreboard import ChildPicture, Picture, WorkerPicture
from pyhttpd.tools.samples import BLOCKS, PLAIN_BLOCKS, History, Rates, Sample
from pyhttpd.tools.units import age, number, percent, printed, size

STYLES = {
    "_": "green",
    "S": "yellow",
    "R": "magenta",
    "W": "bold blue",
    "K": "cyan",
    "D": "magenta",
    "C": "red",
    "L": "red",
    "G": "red",
    "I": "red",
    ".": "dim",
}
ARROWS, PLAIN_ARROWS = "↓↑", "v^"  # beside the column that is sorted by
HEAD = 5  # lines above the board
BESIDE = 72  # columns that figures take beside their history
EVERYTHING = 1 << 20  # lines of room where nothing is left out
NOBODY = "no request in hand"
WIDE = 120  # columns from which on the less important ones are shown

Cell = Callable[[ChildPicture, Rates, float], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table of children. `order` is what it is sorted by, greatest first if `down`."""

    title: str
    cell: Cell
    order: Callable[[ChildPicture, Rates], float] | None = None
    down: bool = True
    wide: bool = False
    event: bool = False  # only event's children have it


COLUMNS = (
    Column("child", lambda c, r, now: str(c.row), lambda c, r: c.row, down=False),
    Column("pid", lambda c, r, now: str(c.pid)),
    Column("gen", lambda c, r, now: f"{c.generation}{'-' if c.stopping else ''}"),
    Column("age", lambda c, r, now: age(now - c.birth), lambda c, r: c.birth, down=False),
    Column("busy", lambda c, r, now: str(c.busy), lambda c, r: c.busy),
    Column("idle", lambda c, r, now: str(c.idle)),
    Column("conn", lambda c, r, now: str(c.connections), lambda c, r: c.connections, event=True),
    Column("wait", lambda c, r, now: str(c.waiting), event=True),
    Column("write", lambda c, r, now: str(c.writing), event=True),
    Column("close", lambda c, r, now: str(c.closing), event=True),
    Column("req/s", lambda c, r, now: number(r.answers), lambda c, r: r.answers),
    Column("byte/s", lambda c, r, now: size(r.bytes), lambda c, r: r.bytes),
    Column("cpu", lambda c, r, now: percent(r.cpu), lambda c, r: r.cpu),
    Column("mem", lambda c, r, now: size(c.usage.resident), lambda c, r: c.usage.resident, wide=True),
    Column("requests", lambda c, r, now: number(c.mine.answers), lambda c, r: c.mine.answers, wide=True),
    Column("sent", lambda c, r, now: size(c.mine.bytes), lambda c, r: c.mine.bytes, wide=True),
    Column("replayed", lambda c, r, now: _share(c.mine.replayed, c.mine.answers), wide=True),
)
ORDERS = tuple(column for column in COLUMNS if column.order)


@dataclass
class View:
    """What is shown, and how."""

    history: History
    sample: Sample
    order: str = "child"
    reverse: bool = False
    note: str = ""  # beside the clock
    foot: str = ""
    live: bool = True  # room is what the screen has; else all is shown
    all_workers: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, room = options.max_width, (options.height or console.height) if self.live else EVERYTHING
        picture, utf = self.sample.picture, options.encoding.startswith("utf")
        yield self._title(width)
        yield self._figures(width, BLOCKS if utf else PLAIN_BLOCKS)
        yield Text()
        room -= HEAD + 2 * bool(self.foot)
        board = list(_board(picture, width))[: max(3, room // 3)]
        yield from board
        yield Text()
        children, requests = self.ordered(), _shown(picture, self.all_workers)
        room -= len(board) + 1
        shown = max(3, room - min(len(requests) + 3, room // 2))
        yield self._children(children, width, shown, (ARROWS if utf else PLAIN_ARROWS)[self.reverse])
        yield Text()
        room -= min(shown, len(children) + 1) + 1
        yield _requests(picture, requests, width, room) if requests else Text(NOBODY, style="dim")
        if self.foot:
            yield Text()
            yield Text(self.foot, style="dim", no_wrap=True, overflow="ellipsis")

    def _title(self, width: int) -> RenderableType:
        picture = self.sample.picture
        line = Table.grid(expand=True)
        line.add_column(no_wrap=True, overflow="ellipsis")
        line.add_column(justify="right", no_wrap=True)
        name = Text.assemble((printed(picture.software), "bold"), f"  {picture.mpm}  pid {picture.pid}")
        name.append(f"  generation {picture.generation}" if width >= WIDE or picture.generation else "")
        name.append(f"  up {age(picture.uptime)}")
        clock = time.strftime("%H:%M:%S", time.localtime(picture.taken))
        line.add_row(name, Text.assemble((f"{self.note}  " if self.note else "", "bold yellow"), clock))
        return line

    def _figures(self, width: int, blocks: str) -> Table:
        """Two columns of figures, those that move with their history."""
        picture, rates = self.sample.picture, self.sample.rates
        counts, usage = picture.counts, picture.usage
        room = max(6, width - BESIDE)
        averages = "" if self.history.rates else " (since the start)"

        def moving(total: str, rate: str, of: Callable[[Rates], float]) -> Text:
            return Text.assemble(
                f"{total:>8}  ",
                (f"{rate:>8}/s ", "bold"),
                (self.history.line(of, room, blocks), "cyan"),
                averages,
            )

        event = picture.mpm == "event"
        connections = str(sum(child.connections for child in picture.children)) if event else ""
        resident = sum(child.usage.resident for child in picture.children)
        machine = f"cpu {percent(rates.cpu)}, memory {size(resident)}" if usage.seconds or resident else "?"
        replayed = moving(
            _share(counts.replayed, counts.answers), number(rates.replayed), lambda r: r.replayed
        )
        parts = [
            ("requests", moving(number(counts.answers), number(rates.answers), lambda r: r.answers)),
            ("workers", Text(f"{picture.busy} busy, {picture.ready} idle")),
            ("sent", moving(size(counts.bytes), size(rates.bytes), lambda r: r.bytes)),
            ("connections" if event else "", Text(connections)),
            ("replayed", replayed),
            ("machine", Text(machine)),
        ]
        grid = Table.grid(padding=(0, 2), expand=True)
        for ratio, style in ((None, "dim"), (1, ""), (None, "dim"), (None, "")):
            grid.add_column(style=style, ratio=ratio, no_wrap=True)
        for start in range(0, len(parts), 2):
            grid.add_row(*(cell for part in parts[start : start + 2] for cell in part))
        return grid

    def _children(
        self, children: list[tuple[ChildPicture, Rates]], width: int, room: int, arrow: str
    ) -> Table:
        picture = self.sample.picture
        columns = [
            column
            for column in COLUMNS
            if (width >= WIDE or not column.wide) and (picture.mpm == "event" or not column.event)
        ]
        table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", pad_edge=False)
        for column in columns:
            here = column.title == self.order
            title = Text(column.title + arrow * (here and self.live), "bold" if here else "dim")
            table.add_column(title, justify="right", no_wrap=True)
        fitting = _fitting(len(children), room)
        for child, rates in children[:fitting]:
            style = "dim" if child.stopping else "bold" if child.busy else ""
            table.add_row(*(column.cell(child, rates, picture.taken) for column in columns), style=style)
        if fitting < len(children):
            table.add_row(f"+{len(children) - fitting}", style="dim")
        return table

    def ordered(self) -> list[tuple[ChildPicture, Rates]]:
        """The children in the order asked for."""
        column = next(column for column in ORDERS if column.title == self.order)
        rows = [
            (child, self.sample.of_child.get(child.pid, Rates())) for child in self.sample.picture.children
        ]
        order = column.order
        assert order is not None
        return sorted(rows, key=lambda row: order(*row), reverse=column.down != self.reverse)


def _fitting(count: int, room: int) -> int:
    """How many rows are shown under a heading; the last line may have to say that there are more."""
    return count if count < room else max(1, room - 2)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _board(picture: Picture, width: int) -> Iterator[Text]:
    """The letters: a line per child, or (where each has but one) all in a row."""
    single = all(len(child.letters) == 1 for child in picture.children)
    if single:
        letters = "".join(child.letters for child in picture.children)
        yield from _wrapped("", letters, width)
    else:
        for child in picture.children:
            yield from _wrapped(f"{child.row:>3} {child.pid:>7} ", child.letters, width)


def _wrapped(label: str, letters: str, width: int) -> Iterator[Text]:
    room = max(8, width - len(label))
    for start in range(0, len(letters), room):
        line = Text(label if not start else " " * len(label), style="dim", no_wrap=True)
        for letter in letters[start : start + room]:
            line.append(letter, style=f"not dim {STYLES[letter]}")
        yield line


def _requests(
    picture: Picture, pairs: list[tuple[ChildPicture, WorkerPicture]], width: int, room: int
) -> Table:
    """Who is served, the longest first; or what every worker has served last."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", pad_edge=False, expand=True)
    for title in ("age", "", "worker"):
        table.add_column(title, justify="right", no_wrap=True)
    wide = width >= WIDE
    table.add_column("client", no_wrap=True, overflow="ellipsis", max_width=39 if wide else 15)
    table.add_column("host", no_wrap=True, overflow="ellipsis", max_width=31 if wide else 20)
    table.add_column("request", no_wrap=True, overflow="ellipsis", ratio=1)
    fitting = _fitting(len(pairs), room)
    for child, worker in pairs[:fitting]:
        since = age(max(0.0, picture.taken - worker.start_time), fine=True) if worker.start_time else ""
        letter = worker.status.letter
        texts = map(printed, (worker.client, worker.vhost, worker.request))
        table.add_row(since, Text(letter, STYLES[letter]), f"{child.row}-{worker.thread}", *map(Text, texts))
    if fitting < len(pairs):
        table.add_row(f"+{len(pairs) - fitting}", style="dim")
    return table


def _shown(picture: Picture, all_workers: bool) -> list[tuple[ChildPicture, WorkerPicture]]:
    living = [(child, worker) for child, worker in picture.workers if child.pid]
    if all_workers:
        return [pair for pair in living if pair[1].counts.answers or pair[1].serving]
    return sorted((pair for pair in living if pair[1].serving), key=lambda pair: pair[1].start_time)
