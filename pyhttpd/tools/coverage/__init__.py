"""`pyhttpd coverage`: how far the directives that a configuration uses are, line by line.

`survey` reads and judges, `meaning` knows what a missing line means for access; this file prints: for people,
in a pipe, or as JSON, and answers an exit status that a build can go by.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pyhttpd.config.directive import Progress
from pyhttpd.diagnostics import ConfigError, printable
from pyhttpd.tools import configured

if TYPE_CHECKING:
    from pyhttpd.tools.coverage.survey import Finding, Survey
    from pyhttpd.tools.rows import Row

WHAT_FOR = "Tell how far the directives that a configuration uses are implemented."
EPILOG = """\
Only the lines that count are looked at: those under an <IfModule> or <IfDefine>
that does not hold are not in use. The configuration may be a copy from another
machine. Whether values are right, pyhttpd -t tells.

  implemented   works as in 2.2
  partial       works but for what the note says
  accepted      read and checked, without effect for the reason given
  not yet       the server refuses to start at this line

examples:
  pyhttpd coverage -f sample-conf/httpd.conf
  pyhttpd coverage -f httpd.conf --htaccess --json
  pyhttpd coverage --all | grep mod_ssl

exit status:
  0 the server takes the configuration; 1 it does not or, with --strict, not
  every line has its full effect; 2 files or words cannot be read
"""
MARGIN = 9  # columns of the line's number
NARROW = 100  # columns from which on the modules have room beside
COLOURS = {
    Progress.IMPLEMENTED: "green",
    Progress.PARTIAL: "yellow",
    Progress.ACCEPTED: "cyan",
    Progress.ABSENT: "red",
}


def parser() -> argparse.ArgumentParser:
    """The words of the command."""
    made = configured.parser("coverage", WHAT_FOR, EPILOG)
    add = made.add_argument_group("output").add_argument
    add("--all", action="store_true", help="instead: the table of all directives of 2.2")
    add("--htaccess", action="store_true", help="look at the .htaccess files below its folders as well")
    add("--lines", action="store_true", help="list the lines that are implemented, too")
    add("--strict", action="store_true", help="exit with 1 unless every line has its full effect")
    add("--json", action="store_true", help="for programs")
    return made


def main(words: list[str]) -> int:
    """Print the coverage of a configuration; the exit status."""
    options = parser().parse_args(words)
    if options.all:
        show_all(options.json)
        return 0
    from pyhttpd.tools.coverage.survey import add_htaccess, survey

    run = configured.run_of(options)
    try:
        found = survey(run.options)
    except ConfigError as error:
        print(error.render(), end="", file=sys.stderr)
        return 2
    if options.htaccess:
        add_htaccess(found)
    if options.json:
        configured.put([json.dumps(as_json(found), indent=1)])
    else:
        show(lines(found, options.lines))
    full = {Progress.IMPLEMENTED} if options.strict else set(Progress) - {Progress.ABSENT}
    return int(not set(found.counts()) <= full or bool(found.broken))


def lines(found: "Survey", every: bool) -> Iterator[tuple[str, str]]:
    """(style, text): what there is to tell, by file, then the sum."""
    for notice in found.site.warnings:
        yield "dim", notice.message
    for name, here in found.files().items():
        shown = [one for one in here if every or one.status.progress is not Progress.IMPLEMENTED]
        yield "bold", f"{name}: {summed(found.counts(here))}"
        for one in shown:
            yield from described(one)
    for diagnostic in found.broken:
        yield "red", str(diagnostic)
    used = {one.name.lower() for one in found.findings}
    yield "", ""
    total = f"{count(len(found.findings), 'line')}, {count(len(used), 'directive')}"
    yield "bold", f"{total}: {summed(found.counts())}"
    if found.site.unbuilt:
        names = sorted(name.removesuffix("_module") for name in found.site.unbuilt)
        yield "red", f"modules loaded without effect, mod_...: {', '.join(names)}"
    yield verdict(found)


def verdict(found: "Survey") -> tuple[str, str]:
    """The last word."""
    stopping = sum(one.stops for one in found.findings)
    failing = sum(one.status.progress is Progress.ABSENT for one in found.findings) - stopping
    if stopping:
        return "bold red", f"The server does not start: it does not know {count(stopping, 'line')} yet."
    if failing or found.broken:
        return "bold red", f"Folders answer 500: {count(failing, 'line')} in .htaccess not known."
    return "bold green", "The server takes this configuration."


def count(number: int, what: str) -> str:
    """A number and what is counted."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def described(one: "Finding") -> Iterator[tuple[str, str]]:
    """One line of the configuration."""
    style = COLOURS[one.status.progress]
    note = f": {one.status.note}" if one.status.note else ""
    yield style, f"{one.location.line:{MARGIN - 2}}  {one.name}  {one.status.progress.value}{note}"
    if one.access:
        yield "bold yellow", f"{'':{MARGIN}}access: {one.access}"


def summed(counts: "dict[Progress, int]") -> str:
    """Numbers by progress, those that are none left out."""
    return ", ".join(f"{counts[progress]} {progress.value}" for progress in Progress if counts.get(progress))


def show(parts: Iterable[tuple[str, str]]) -> None:
    """Print lines, in colour on a terminal."""
    if not sys.stdout.isatty():
        configured.put(text for _, text in parts)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for style, text in parts:
        if not text.startswith(" "):
            console.print(Text(printable(text), style=style))
            continue
        hanging = Table.grid()
        hanging.add_row(Text(text[:MARGIN], style="dim"), Text(printable(text[MARGIN:]), style=style))
        console.print(hanging)


def as_json(found: "Survey") -> dict[str, Any]:
    """The same for programs."""
    return {
        "starts": not any(one.stops for one in found.findings),
        "counts": {progress.value: count for progress, count in found.counts().items()},
        "unbuilt_modules": sorted(found.site.unbuilt),
        "files": {
            name: {
                "counts": {progress.value: count for progress, count in found.counts(here).items()},
                "lines": [
                    {"directive": one.name, "line": one.location.line, "status": one.status.progress.value,
                     "note": one.status.note, "access": one.access}
                    for one in here
                ],
            }
            for name, here in found.files().items()
        },
        "broken": [one.as_json() for one in found.broken],
    }  # fmt: skip


def of_apache() -> list["Row"]:
    """The rows of 2.2's directives."""
    from pyhttpd.config.registry import apache22
    from pyhttpd.tools.rows import rows

    return [row for row in rows() if row.name.lower() in apache22()]


def of_row(row: "Row") -> dict[str, str]:
    """A row for programs."""
    status = row.status
    return {
        "directive": row.name, "module": row.module, "status": status.progress.value, "note": status.note,
        "syntax": row.syntax,
    }  # fmt: skip


def show_all(as_json: bool) -> None:
    """The table of all directives of 2.2."""
    table = of_apache()
    if as_json:
        configured.put([json.dumps([of_row(row) for row in table], indent=1)])
        return
    if not sys.stdout.isatty():
        cells = ((row.name, row.module, row.status.progress.value, row.status.note) for row in table)
        configured.put("\t".join(one).rstrip() for one in cells)
        return
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    modules = console.width >= NARROW
    shown = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for head in ("directive", *(["module"] if modules else []), "status", "note"):
        shown.add_column(head, overflow="fold", no_wrap=head != "note")
    for row in table:
        status = f"[{COLOURS[row.status.progress]}]{row.status.progress.value}[/]"
        shown.add_row(row.name, *([row.module] if modules else []), status, row.status.note)
    console.print(shown)
