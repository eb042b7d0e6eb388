"""Print the tables of the documentation from the code: `python docs/generate.py`, or `--check` to compare.

What is generated: directives.md as a whole, and what stands between `<!-- NAME -->` and `<!-- /NAME -->` in
the pages of the modules (directives), in modules/index.md (modules) and in mpm.md (mpm). The rows come from
pyhttpd/tools/rows.py.
"""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from itertools import zip_longest
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))  # the checkout this file is in, whatever is installed

from pyhttpd import modules  # noqa: E402
from pyhttpd.config.directive import Progress, Status  # noqa: E402
from pyhttpd.config.registry import OTHER_PLATFORM, apache22  # noqa: E402
from pyhttpd.core.module import Module  # noqa: E402
from pyhttpd.core.server import BUILTIN  # noqa: E402
from pyhttpd.mpm.common import mpm_module  # noqa: E402
from pyhttpd.mpm.sizing import KINDS, Kind  # noqa: E402
from pyhttpd.tools.rows import OWN, Row, rows, shipped  # noqa: E402

NOTICE = "<!-- Printed by docs/generate.py: change the code, not this page. -->"
SIZES = {  # the row of a table, the fields of a Kind, and whether prefork lacks it
    "StartServers": ("start", False),
    "MinSpareServers / MinSpareThreads": ("min_spare", False),
    "MaxSpareServers / MaxSpareThreads": ("max_spare", False),
    "ServerLimit": ("server_limit", False),
    "ThreadLimit": ("thread_limit", True),
    "ThreadsPerChild": ("threads", True),
}


# ---- Markdown


def table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    """A table; bars in cells are escaped."""
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ("---",) * len(head), *cells))


def code(text: str) -> str:
    """Text as code, nothing where there is none."""
    return f"`{text}`" if text else ""


def state(status: Status) -> str:
    """How far a directive is, with the sentence that belongs to it."""
    return f"{status.progress.value}: {status.note}" if status.note else status.progress.value


def directives_page(everything: list[Row]) -> str:
    """directives.md."""
    of_22 = {known.name for known in apache22().values()}
    count = Counter(row.status.progress for row in everything if row.name in of_22)
    total = ", ".join(f"{count[progress]} {progress.value}" for progress in Progress)
    foreign = sum(row.status is OTHER_PLATFORM for row in everything)
    head = ("directive", "module", "syntax", "default", "context", "override", "status", "note")
    lines = [
        (r.name, r.module, code(r.syntax), code(r.default), r.contexts, r.override, r.status.progress.value,
         r.status.note)
        for r in everything
    ]  # fmt: skip
    return f"""{NOTICE}
# Directives

Apache 2.2 has {len(of_22)} directives. Of these are here: {total} ({foreign} of them
not for Unix: 2.2 refuses them on Unix as well).

- *implemented*: works as in 2.2, but for what [differences.md](differences.md) says;
- *partial*: works but for what the note says;
- *accepted*: read, checked, and without effect for the reason given;
- *not yet*: using it stops the start, with file, line and column.

The other rows are spellings of 2.4 that are understood as well, and pyhttpd's own directives. Put the
latter between `<IfModule {OWN}>` and `</IfModule>` where Apache is to read the file too.

{table(head, lines)}
"""


def module_block(name: str, module: Module, everything: list[Row]) -> str:
    """The table of one module's directives."""
    mine = {directive.name.lower() for directive in module.directives}
    here = [row for row in everything if row.name.lower() in mine and row.module in homes_of(name, row)]
    if not here:
        return "This module has no directives."
    lines = [(code(r.syntax), r.contexts, r.override, r.doc, state(r.status)) for r in here]
    return table(("directive", "context", "override", "what for", "status"), lines)


def homes_of(name: str, row: Row) -> tuple[str, ...]:
    """The modules under which a row of this module may be listed."""
    return (name,) if apache22().get(row.name.lower()) is None else (name, row.module)


def modules_block(ours: Mapping[str, Module]) -> str:
    """The list of modules with their first sentence."""
    lines = [
        (
            f"[{name}]({name}.md)" if name.startswith("mod_") else name,
            first_line(name),
            "always" if name in BUILTIN else "yes" if name in modules.STANDARD else "no",
        )
        for name in ours
    ]
    return table(("module", "what for", "there without LoadModule"), lines)


def first_line(name: str) -> str:
    """What a module's docstring begins with."""
    doc = inspect.getdoc(import_module(f"pyhttpd.modules.{name}")) or ""
    first = " ".join(doc.partition("\n\n")[0].split()).removeprefix(f"{name}: ").split(" Manual: ")[0]
    return first[:1].upper() + first[1:]


def mpm_block() -> str:
    """Which sizing directives each MPM has, and their built-in defaults."""
    sizes = [(row, *(size(kind, *of) for kind in KINDS.values())) for row, of in SIZES.items()]
    clients = ("MaxClients", *(str(kind.server_limit * kind.threads) for kind in KINDS.values()))
    own = {name: {directive.name for directive in mpm_module(name).directives} for name in KINDS}
    common = set.intersection(*own.values())
    only = zip_longest(*(sorted(names - common) for names in own.values()), fillvalue="")
    return "\n\n".join(
        (
            table(("built-in default", *KINDS), [*sizes, clients]),
            "Directives that not all three have:",
            table(tuple(KINDS), [tuple(line) for line in only]),
            f"All three have: {', '.join(sorted(common))}.",
        )
    )


def size(kind: Kind, field: str, threads_only: bool) -> str:
    """One number of an MPM."""
    return "-" if threads_only and not kind.threaded else str(getattr(kind, field))


def with_block(text: str, mark: str, block: str) -> str:
    """A page with the text between two marks replaced."""
    pattern = rf"(?s)(<!-- {mark} -->\n).*?(<!-- /{mark} -->)"
    return re.sub(pattern, lambda found: f"{found[1]}{block}\n{found[2]}", text)


def pages() -> dict[Path, str]:
    """Every page with generated parts, as it should be."""
    everything, ours = rows(), shipped()
    made = {DOCS / "directives.md": directives_page(everything)}
    blocks = {DOCS / f"modules/{name}.md": ("directives", module_block(name, m, everything)) for name, m in
              ours.items()}  # fmt: skip
    blocks |= {
        DOCS / "modules/index.md": ("modules", modules_block(ours)),
        DOCS / "mpm.md": ("mpm", mpm_block()),
    }
    return made | {
        path: with_block(path.read_text("utf-8"), *block) for path, block in blocks.items() if path.exists()
    }


def main() -> int:
    """Write what has changed, or with --check only tell: 1 if something has."""
    stale = {
        path: text for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text
    }
    check = "--check" in sys.argv[1:]
    for path, text in stale.items():
        print(f"{'stale' if check else 'written'}: {path.relative_to(DOCS.parent)}")
        if not check:
            path.write_text(text, "utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
