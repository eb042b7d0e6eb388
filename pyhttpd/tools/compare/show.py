"""The results as a table and plots: in colours on a terminal, plainly in a pipe; for programs; as SVG."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pyhttpd.tools.compare.crowd import PATIENCE
from pyhttpd.tools.compare.measure import ALONE, BESIDE, Phase, Plan, Result
from pyhttpd.tools.load import svg
from pyhttpd.tools.render import STYLES

PIPE_WIDTH = 100  # columns where no terminal says how many there are
LABEL = 25
LONGEST_NAME, FIGURE = 7, 9  # columns of a plot beside its bars
COLOURS = {"prefork": "#c2622d", "worker": "#8e7cd6", "event": "#2f81f7"}
INKS = {"prefork": "yellow", "worker": "magenta", "event": "blue"}
BLOCK, PLAIN_BLOCK = "█", "#"
STALLED = "no answer"


class Row(NamedTuple):
    """A line of the table: which figure, and whether less of it is better. `digits` behind the point."""

    figure: str
    title: str
    digits: int = 0
    best: Callable[..., float] | None = None


ROWS = (
    Row("rate", "requests/s", 0, max),
    Row("cpu", "CPU µs/request", 0, min),
    Row("p50", "p50 ms", 1, min),
    Row("p95", "p95 ms", 1, min),
    Row("p99", "p99 ms", 1, min),
    Row("errors", "refused, timed out"),
    Row("answered", "new clients answered %"),
    Row("wait", "  they wait ms", 1, min),
    Row("replayed", "from memory %"),
    Row("memory", "memory MiB (PSS)", 0, min),
    Row("processes", "processes"),
    Row("threads", "threads"),
    Row("held", "idle clients held"),
)
PLOTTED = [row for row in ROWS if row.figure in ("rate", "answered")]


@contextmanager
def progress(steps: int) -> Iterator[Callable[[int, str, str], None]]:
    """A bar on a terminal, nothing elsewhere. Gives what to tell: round, MPM, and what happens ("": done)."""
    columns = (BarColumn(20), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
               TextColumn("{task.description}"))  # fmt: skip
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("", total=steps)

        def tell(number: int, mpm: str, what: str) -> None:
            if what:
                bars.update(task, description=f"round {number + 1}: {mpm} {what}")
            else:
                bars.advance(task)

        yield tell


def put(plan: Plan, results: list[Result], facts: dict[str, str]) -> None:
    """Print everything."""
    console = Console(highlight=False, markup=False)
    if console.is_terminal:
        for part in parts(plan, results, facts, console.width, console.encoding):
            console.print(part)
        return
    console = Console(highlight=False, markup=False, width=PIPE_WIDTH)
    with console.capture() as captured:
        for part in parts(plan, results, facts, PIPE_WIDTH, sys.stdout.encoding):
            console.print(part)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()), flush=True)


def parts(
    plan: Plan, results: list[Result], facts: dict[str, str], width: int, encoding: str
) -> Iterator[RenderableType]:
    """What is printed, one under the other."""
    yield stamped(facts)
    yield asked(plan, results)
    yield Text()
    yield table(plan, results)
    yield Text()
    yield from plots(plan, results, width, BLOCK if encoding.lower().startswith("utf") else PLAIN_BLOCK)
    yield from boards(plan, results, width)
    for result in results:
        if result.trouble:
            yield Text(f"{result.mpm}: {result.trouble}", style="bold red")
    if len(plan.phases) > 1:
        yield Text()
        yield verdict(plan, results)


def stamped(facts: dict[str, str]) -> Table:
    """What the figures depend on."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in facts.items():
        grid.add_row(name, value)
    return grid


def asked(plan: Plan, results: list[Result]) -> Text:
    """The URLs, and how the first of them is answered."""
    statuses = sorted({result.answer for result in results if result.answer[0]})
    answers = ", ".join(f"{status}, {length} bytes" if length else str(status) for status, length in statuses)
    good = all(status < 400 for status, _ in statuses)
    text = Text.assemble("asked for ", (" ".join(plan.asked.urls), "bold"))
    return text.append(f"  ({answers})" if answers else "", "green" if good else "bold red")


def heading(plan: Plan, phase: str) -> str:
    """What a phase is called."""
    if phase == ALONE:
        return "the load alone"
    crowd = [f"{plan.idle:,} idle"] * bool(plan.idle) + [f"{plan.slow:,} slow"] * bool(plan.slow)
    return f"beside {' and '.join(crowd)} clients"


def table(plan: Plan, results: list[Result]) -> Table:
    """All figures."""
    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    made.add_column("", no_wrap=True, min_width=LABEL)
    for result in results:
        made.add_column(Text(result.mpm, f"bold {INKS[result.mpm]}"), justify="right", no_wrap=True)
    made.add_row("MaxClients", *(f"{result.clients:,}" for result in results), style="dim")
    made.add_row("KeepAliveTimeout", *(result.kept for result in results), style="dim")
    for phase in plan.phases:
        made.add_row()
        made.add_row(Text(heading(plan, phase), "bold underline"))
        seen = [result.phases.get(phase, Phase()) for result in results]
        for row in ROWS:
            if row.figure != "held" or (phase == BESIDE and plan.idle):
                made.add_row(row.title, *cells(row, seen))
        made.add_row(
            "busy workers, at most", *(str(one.look.busy) if one.look.letters else "-" for one in seen)
        )
    return made


def cells(row: Row, phases: list[Phase]) -> list[Text]:
    """A figure of all MPMs; the best one stands out, where one is better."""
    medians = [one for phase in phases if (one := phase.median(row.figure)) is not None]
    best = row.best(medians) if row.best and len(set(medians)) > 1 else None
    return [cell(row, phase, best) for phase in phases]


def cell(row: Row, phase: Phase, best: float | None) -> Text:
    """Median, and half of what the rounds differ by in per cent."""
    middle = phase.median(row.figure)
    if row.figure == "rate" and middle == 0:
        return Text(STALLED, "bold red")
    if middle is None:
        return Text("-", "dim")
    bad = (row.figure == "errors" and middle > 0) or (row.figure == "answered" and middle < 95)
    style = "bold red" if bad else "bold green" if middle == best else ""
    return Text.assemble((f"{middle:,.{row.digits}f}", style), (spread(phase.values(row.figure)), "dim"))


def spread(values: list[float]) -> str:
    """Half of what the rounds differ by, in per cent of the middle one; blanks where that is nothing."""
    middle = median(values)
    share = (max(values) - min(values)) / 2 / middle if middle else 0.0
    return f" ±{share:4.0%}" if share >= 0.005 else " " * 6 * (len(values) > 1)


def plots(plan: Plan, results: list[Result], width: int, block: str) -> Iterator[RenderableType]:
    """Bars: what is answered alone, and beside the crowd."""
    long = max(8, (min(width, 120) - LONGEST_NAME) // len(plan.phases) - FIGURE)
    for row in PLOTTED:
        yield Text(row.title, "bold underline")
        yield plot(plan, results, row, long, block)
        yield Text()


def plot(plan: Plan, results: list[Result], row: Row, long: int, block: str) -> Table:
    """The bars of one figure, which share a scale."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, min_width=LONGEST_NAME)
    for _ in plan.phases:
        grid.add_column(no_wrap=True, min_width=long + FIGURE - 1)
    grid.add_row("", *(Text(heading(plan, phase), "dim") for phase in plan.phases))
    medians = [
        [result.phases.get(phase, Phase()).median(row.figure) for phase in plan.phases] for result in results
    ]
    most = max((value for line in medians for value in line if value), default=1.0)
    for result, line in zip(results, medians, strict=True):
        bars = (bar(value, long / most, block, result.mpm) for value in line)
        grid.add_row(Text(result.mpm, INKS[result.mpm]), *bars)
    return grid


def bar(value: float | None, scale: float, block: str, mpm: str) -> Text:
    """One bar with its figure."""
    if value is None:
        return Text("-", "dim")
    length = round(value * scale) or int(value > 0)
    return Text.assemble((block * length, INKS[mpm]), (f" {value:,.0f}" if length else f"{value:,.0f}", ""))


def boards(plan: Plan, results: list[Result], width: int) -> Iterator[Text]:
    """The busiest scoreboard of each MPM, in the phase that matters most."""
    phase = plan.phases[-1]
    yield Text(f"scoreboards, {heading(plan, phase)}", "bold underline")
    for result in results:
        look = result.phases.get(phase, Phase()).look
        if look.letters:
            kept = f", {look.connections} connections" if result.mpm == "event" else ""
            yield Text(f"{result.mpm}: {look.busy} busy of {result.clients}{kept}", INKS[result.mpm])
            letters = look.letters.rstrip(".") or "."
            for start in range(0, len(letters), width):
                line = Text(no_wrap=True)
                for letter in letters[start : start + width]:
                    line.append(letter, STYLES.get(letter, ""))
                yield line


def verdict(plan: Plan, results: list[Result]) -> Text:
    """What it comes to: whether new clients are served beside the others."""
    text = Text.assemble((f"New clients {heading(plan, BESIDE)}, answered within {PATIENCE:g} s: ", "bold"))
    shares = [(result.mpm, result.phases.get(BESIDE, Phase()).median("answered")) for result in results]
    for mpm, share in shares:
        style = "dim" if share is None else "bold green" if share >= 95 else "bold red"
        text.append(f"{mpm} ").append("?" if share is None else f"{share:.0f}%", style)
        text.append(", " if mpm != shares[-1][0] else ".")
    return text


def drawing(plan: Plan, results: list[Result]) -> str:
    """The plots as SVG."""
    columns = {"rate": "requests/s", "p99": "p99 ms", "answered": "new clients answered %"}
    panels = {
        heading(plan, phase): [
            svg.Bar(r.mpm, COLOURS[r.mpm], [r.phases.get(phase, Phase()).median(name) for name in columns])
            for r in results
        ]
        for phase in plan.phases
    }
    return svg.bars(list(columns.values()), panels)


def put_json(plan: Plan, results: list[Result], facts: dict[str, str]) -> None:
    """Print all rounds: rates per second, cpu in microseconds, other times in milliseconds, memory in MiB."""
    whole = {
        "stamp": facts,
        "urls": plan.asked.urls,
        "connections": plan.connections,
        "idle": plan.idle,
        "slow": plan.slow,
        "seconds": plan.seconds,
        "results": [
            {
                "mpm": result.mpm,
                "max_clients": result.clients,
                "status": result.answer[0],
                "trouble": result.trouble,
                "phases": {
                    name: {"rounds": phase.rounds, "scoreboard": phase.look._asdict()}
                    for name, phase in result.phases.items()
                },
            }
            for result in results
        ],
    }
    print(json.dumps(whole, indent=1))
