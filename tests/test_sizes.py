"""What one can see at once: sizes of files and functions, and a docstring for whatever is public."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
LINES_OF_A_FILE, LINES_OF_A_FUNCTION, MEDIAN, WIDTH = 300, 40, 10, 110
PACKAGE = sorted((ROOT / "pyhttpd").rglob("*.py"))
EVERYTHING = sorted([*PACKAGE, *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.py")])
PRAGMA = re.compile(r"  # (type: ignore|noqa).*")  # as ruff measures
Function = ast.FunctionDef | ast.AsyncFunctionDef
Described = Function | ast.ClassDef


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function with its length, decorators and docstring not counted."""
    for node in ast.walk(read(path)):
        if isinstance(node, Function):
            doc = node.body[0] if ast.get_docstring(node) is not None else None
            yield f"{short(path)}:{node.lineno} {node.name}", extent(node) - (extent(doc) if doc else 0)


def extent(node: ast.stmt) -> int:
    """The lines from the first to the last."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def public(node: ast.Module | ast.ClassDef) -> Iterator[Described]:
    """Public classes and functions, and methods that are more than one statement."""
    for child in node.body:
        if isinstance(child, Described) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from (m for m in public(child) if not is_plain(m))


def is_plain(node: Described) -> bool:
    """A method of one short statement says by its name what it does."""
    return isinstance(node, Function) and len(node.body) == 1 and extent(node) <= 6


@pytest.mark.parametrize("path", EVERYTHING, ids=short)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    lines = [PRAGMA.sub("", line) for line in path.read_text("utf-8").splitlines()]
    assert len(lines) <= LINES_OF_A_FILE, "make it a package"
    assert not [f"{short(path)}:{n}" for n, line in enumerate(lines, 1) if len(line) > WIDTH]


@pytest.mark.parametrize("path", PACKAGE, ids=short)
def test_a_function_can_be_seen_at_once(path: Path) -> None:
    assert not [f"{name}: {length}" for name, length in functions(path) if length > LINES_OF_A_FUNCTION]


def test_most_functions_are_short() -> None:
    assert median(length for path in PACKAGE for _, length in functions(path)) <= MEDIAN


@pytest.mark.parametrize("path", PACKAGE, ids=short)
def test_what_is_public_is_described(path: Path) -> None:
    """Once for a name: a method that takes another's place means the same."""
    tree = read(path)
    assert ast.get_docstring(tree), "the module says what the file is for"
    described = {n.name for n in ast.walk(tree) if isinstance(n, Described) and ast.get_docstring(n)}
    assert not [f"{short(path)}:{n.lineno} {n.name}" for n in public(tree) if n.name not in described]
