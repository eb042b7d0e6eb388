"""An account as people read it: room by room on a terminal, one line a step in a pipe.

On a terminal the line that a step is about stands at the right, relative to the configuration's folder; what
decided is marked and listed again at the end. In a pipe every step is one line with the full file name, for
grep.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from pyhttpd.core.journal import Step
from pyhttpd.diagnostics import Location, printable
from pyhttpd.tools import configured
from pyhttpd.tools.explain.account import Account, handler, lines_of
from pyhttpd.tools.explain.imagined import DISCARDED

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

MARK = "\N{BLACK RIGHT-POINTING POINTER}"
WIDEST = 120  # columns; beyond, places would stand too far from their sentences
NARROW = 100  # columns from which on a line's place stands beside it
BESIDE = 17  # columns of mark and module
ROOMS = {
    "": "Host",
    "post_read_request": "Host",
    "quick_handler": "Host",
    "translate_name": "URL to file",
    DISCARDED: "Sections for the URL",
    "map_to_storage": "Sections",
    "header_parser": "Access",
    "access_checker": "Access",
    "check_user_id": "Access",
    "auth_checker": "Access",
    "type_checker": "Type",
    "fixups": "Fixups",
    "insert_filter": "Handler",
    "handler": "Handler",
    "insert_error_filter": "Answer",
    "answer": "Answer",
}
Shorten = Callable[[Location], str]


def plain(account: Account) -> Iterator[str]:
    """Lines for a pipe: a mark, the room, the sentence, file and line."""
    yield heading(account)
    seen: set[int] = set()
    for title, steps in rooms(account.steps):
        yield f"{title}:"
        for step in steps:
            indent = "  " * step.depth
            mark = "*" if step.decides else "-"
            where = f"  [{step.location}]" if step.location else ""
            yield f"  {mark} {indent}{step.room}: {step.text}{where}"
            yield from (f"      {indent}{line.text.strip()}  [{line}]" for line in said(step, seen))
    status, headers = ending(account)
    yield f"Answer: {status}"
    yield from (f"  {name}: {value}" for name, value in facts(account))
    yield from (f"  > {name}: {value}" for name, value in headers)
    yield "Decided by:"
    yield from (f"  {step.location}: {quoted(step)}" for step in account.deciding)


def ending(account: Account) -> tuple[str, list[tuple[str, str]]]:
    """Status and header fields; of a program that was not run only what is known without it."""
    status, headers = account.head
    return ("a program would answer", []) if account.stopped else (status, headers)


def heading(account: Account) -> str:
    """What is asked, and by whom."""
    asked = account.asked
    ip, port = asked.local
    return f"{asked.method} {asked.url}  from {asked.client} to {ip}:{port}"


def facts(account: Account) -> list[tuple[str, str]]:
    """What is known of the answer beside its header."""
    final = account.final
    found = [("virtual host", final.server.name), ("file", (final.filename or "none") + final.path_info)]
    if account.status == 200:
        found.append(("handler", handler(final)))
    if final.user:
        found.append(("user", final.user))
    if account.without_htaccess:
        found.append(("no .htaccess in", " ".join(account.without_htaccess)))
    if account.stopped:
        found.append(("not run", "status and header are the program's to say; --run runs a CGI program"))
    return found


def said(step: Step, seen: set[int]) -> list[Location]:
    """The lines of a section, the first time it is merged."""
    if step.layer is None or id(step.layer) in seen:
        return []
    seen.add(id(step.layer))
    return lines_of(step.layer)


def quoted(step: Step) -> str:
    """The line of the configuration that a step names, as written."""
    assert step.location is not None
    return step.location.text.strip()


def rooms(steps: Iterable[Step]) -> Iterator[tuple[str, list[Step]]]:
    """The steps under the titles of their rooms; what a nested request does stands where it began."""
    title, depth = "Host", 0

    def of(step: Step) -> str:
        nonlocal title, depth
        if not step.depth or not depth:
            title = ROOMS.get(step.phase, step.phase)
        depth = step.depth
        return title

    return ((name, list(group)) for name, group in groupby(steps, of))


def shortener(root: str) -> Shorten:
    """Names of places: relative to a folder where they are below it, else with ~ for home."""

    def short(place: Location) -> str:
        name = place.source.name
        if name.startswith(root.rstrip("/") + "/"):
            name = os.path.relpath(name, root)
        return printable(f"{name}:{place.line}")

    return short


def show(account: Account, root: str) -> None:
    """Print it: for a terminal in colour, for a pipe plain."""
    if not sys.stdout.isatty():
        configured.put(plain(account))
        return
    from rich.console import Console

    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    for part in coloured(account, shortener(root), console.width):
        console.print(part)


def coloured(account: Account, short: Shorten, width: int) -> "Iterator[RenderableType]":
    """The parts to print on a terminal."""
    from rich.markup import escape
    from rich.rule import Rule

    yield f"[bold]{escape(printable(heading(account)))}[/bold]"
    seen: set[int] = set()
    for title, steps in rooms(account.steps):
        yield Rule(f"[bold cyan]{title}[/bold cyan]", align="left", style="cyan")
        yield table(steps, short, width, seen)
    status, headers = ending(account)
    colour = {"2": "green", "3": "yellow"}.get(status[:1], "red")
    yield Rule(f"[bold {colour}]{escape(printable(status))}[/bold {colour}]", align="left", style=colour)
    yield pairs([*facts(account), *headers])
    if account.deciding:
        yield Rule("[bold]decided by[/bold]", align="left", style="bold")
        yield decided(account, short, width)


def table(steps: list[Step], short: Shorten, width: int, seen: set[int]) -> "Table":
    """Steps: mark, module, sentence, place."""
    from rich.text import Text

    made = grid(width)
    for step in steps:
        indent = "\N{BOX DRAWINGS LIGHT VERTICAL} " * step.depth
        style = "bold" if step.decides else ""
        text = Text(indent, style="dim").append(printable(step.text), style=style)
        where = short(step.location) if step.location else ""
        row(made, width, MARK if step.decides else " ", step.room, text, where)
        for line in said(step, seen):
            written = Text(indent + "  ", style="dim").append(printable(line.text.strip()), style="")
            row(made, width, " ", "", written, short(line))
    return made


def decided(account: Account, short: Shorten, width: int) -> "Table":
    """The lines that decided, as written."""
    from rich.text import Text

    made = grid(width)
    for step in account.deciding:
        assert step.location is not None
        row(made, width, MARK, step.room, Text(printable(quoted(step))), short(step.location))
    return made


def grid(width: int) -> "Table":
    """Columns for steps; on a narrow terminal places stand below the sentences."""
    from rich.table import Table

    made = Table.grid(padding=(0, 1), expand=True)
    made.add_column(width=1, style="bold yellow")
    made.add_column(width=14, style="dim", no_wrap=True)
    made.add_column(ratio=3, overflow="fold")
    if width >= NARROW:
        made.add_column(ratio=1, justify="right", style="green", overflow="fold")
    return made


def row(made: "Table", width: int, mark: str, room: str, text: object, where: str) -> None:
    """One line of a grid."""
    from rich.text import Text

    place = Text(where, style="green")
    cells = (Text(mark), Text(room), text)
    if width >= NARROW:
        made.add_row(*cells, place)  # type: ignore[arg-type]
        return
    assert isinstance(text, Text)
    free = width - BESIDE - text.cell_len - place.cell_len
    if where and free >= 2:  # it has room behind the sentence
        made.add_row(*cells[:2], text.append(" " * free).append_text(place))
        return
    made.add_row(*cells)  # type: ignore[arg-type]
    if where:
        place.justify = "right"
        made.add_row(Text(""), Text(""), place)


def pairs(found: Iterable[tuple[str, str]]) -> "Table":
    """Names and values, in two columns."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in found:
        made.add_row(Text(printable(name)), Text(printable(value)))
    return made
