"""The house has floors, and imports only go to the same floor or below; see docs/architecture.md."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("diagnostics", "config", "http", "core", "mpm", "modules", "top")
TOP = {"arguments", "control", "cli", "listing", "tools", "__main__"}
BORROWED = {  # a library, and the one place that knows it
    "pcre2": {"pyhttpd.config.regex"},
    "lark": {"pyhttpd.config.parser"},
}
SCREENS = {  # what is nothing without rich, and imported only to show something
    "pyhttpd.tools.render",
    "pyhttpd.tools.compare.show",
}
MEETING_ROOM = "pyhttpd.mpm.scoreboard"  # all that modules may know of the MPMs


class Import(NamedTuple):
    """One module imported by another; `lazy` inside a function, `typed` under TYPE_CHECKING."""

    importer: str
    imported: str
    line: int
    lazy: bool
    typed: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = sorted((ROOT / "pyhttpd").rglob("*.py"))
MODULES = {dotted(path) for path in FILES}


def names(node: ast.stmt) -> list[str]:
    """The modules that an import statement names; `from package import module` means the module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        parts = [f"{node.module}.{alias.name}" for alias in node.names]
        return [part if part in MODULES else str(node.module) for part in parts]
    return []


def imports_below(node: ast.AST, importer: str, lazy: bool, typed: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        for name in names(child) if isinstance(child, ast.stmt) else ():
            yield Import(importer, name, child.lineno, lazy, typed)
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from imports_below(child, importer, lazy, True)
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from imports_below(child, importer, lazy or function, typed)


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    """Every import in the package."""
    return [
        found
        for path in FILES
        for found in imports_below(ast.parse(path.read_text("utf-8")), dotted(path), False, False)
    ]


def floor(name: str) -> int:
    """The floor of one of our modules; the package itself, which holds the version, is the ground."""
    room = name.partition(".")[2].partition(".")[0] or "diagnostics"
    return FLOORS.index("top" if room in TOP else room)


def ours(imports: list[Import]) -> list[Import]:
    return [found for found in imports if found.imported.split(".")[0] == "pyhttpd"]


def shipped(name: str) -> str:
    """`pyhttpd.modules.mod_headers.lines` -> `mod_headers`; empty for all else, the list of them included."""
    parts = name.split(".")
    return parts[2] if len(parts) > 2 and parts[1] == "modules" else ""


def test_every_file_has_a_floor() -> None:
    assert all(floor(name) >= 0 for name in MODULES)


def test_imports_go_to_the_same_floor_or_below(imports: list[Import]) -> None:
    """Lazy ones too, and those for the type checker alone, which may close a circle but not climb."""
    climbing = [str(i) for i in ours(imports) if floor(i.imported) > floor(i.importer)]
    assert not climbing


def test_http_knows_nothing_of_the_rest(imports: list[Import]) -> None:
    allowed = ("pyhttpd.http", "pyhttpd.diagnostics")
    strange = [
        str(i)
        for i in ours(imports)
        if i.importer.startswith("pyhttpd.http") and not i.imported.startswith(allowed)
    ]
    assert not strange


def test_nothing_imports_a_module_of_the_server_but_its_own_parts(imports: list[Import]) -> None:
    """STANDARD and LoadModule name them by string; what two modules share lives in core."""
    strange = [
        str(i) for i in ours(imports) if shipped(i.imported) and shipped(i.imported) != shipped(i.importer)
    ]
    assert not strange


def test_of_the_mpms_modules_know_the_scoreboard(imports: list[Import]) -> None:
    strange = [
        str(i)
        for i in ours(imports)
        if shipped(i.importer) and i.imported.startswith("pyhttpd.mpm") and i.imported != MEETING_ROOM
    ]
    assert not strange


@pytest.mark.parametrize("library", BORROWED)
def test_one_file_knows_a_library(imports: list[Import], library: str) -> None:
    users = {i.importer for i in imports if i.imported.split(".")[0] == library}
    assert users == BORROWED[library]


def test_rich_is_imported_when_something_is_shown(imports: list[Import]) -> None:
    """A server that prints nothing does not pay for it, and no floor but these two shows anything."""
    rich = [i for i in imports if i.imported.split(".")[0] == "rich"]
    rich += [i for i in imports if i.imported in SCREENS]
    early = [str(i) for i in rich if not (i.lazy or i.typed or i.importer in SCREENS)]
    strange = [str(i) for i in rich if floor(i.importer) not in (0, FLOORS.index("top"))]
    assert not early
    assert not strange
