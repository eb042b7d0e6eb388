"""Where results go: the terminal, a JSON file and back, docs/benchmarks.md between two marks."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.measure import NOT_DONE, Result

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"
Facts = dict[str, str]


class Grid(NamedTuple):
    """A table: its first column names what a row is about."""

    title: str
    header: list[str]
    rows: list[list[str]]

    def rich(self) -> Table:
        """For terminals."""
        table = Table(title=self.title, title_justify="left")
        for number, name in enumerate(self.header):
            table.add_column(name, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """For pages."""
        rule = ["---", *["---:"] * (len(self.header) - 1)]
        lines = ["| " + " | ".join(row) + " |" for row in (self.header, rule, *self.rows)]
        return "\n".join([f"**{self.title}**", "", *lines, ""])


def show(results: list[Result], grids: Iterable[Grid], facts: Facts, console: Console) -> None:
    """Print where it was measured, the tables, and what went wrong."""
    for name, fact in facts.items():
        console.print(f"{name}: {fact}", highlight=False, markup=False)
    for grid in grids:
        console.print(grid.rich())
    for result in results:
        if result.trouble and result.trouble != NOT_DONE:
            text = f"{result.workload}, {result.server}: {result.trouble}"
            console.print(text, highlight=False, markup=False)


def save(file: Path, results: list[Result], facts: Facts) -> None:
    """Write every round as JSON."""
    content = {"machine": facts, "results": [vars(result) for result in results]}
    file.write_text(json.dumps(content, indent=1) + "\n")


def load(file: Path) -> tuple[list[Result], Facts]:
    """What `save` wrote."""
    content = json.loads(file.read_text())
    return [Result(**result) for result in content["results"]], content["machine"]


def document(name: str, grids: Iterable[Grid], facts: Facts, drawing: str) -> None:
    """Put the tables between the marks of a name in docs/benchmarks.md, and the drawing beside the page."""
    (DOCS / f"benchmarks-{name}.svg").write_text(drawing)
    where = "\n".join(f"- {key}: {fact}" for key, fact in facts.items())
    block = "\n".join([where, "", f"![{name}](benchmarks-{name}.svg)", "", *(g.markdown() for g in grids)])
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    page = PAGE.read_text("utf-8")
    PAGE.write_text(re.sub(f"(?s)({begin}).*({end})", lambda m: m[1] + block + m[2], page), "utf-8")
