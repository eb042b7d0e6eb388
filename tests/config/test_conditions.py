"""IfModule, IfDefine and IfVersion: what makes them true, and the lines they refuse."""

import pytest

from pyhttpd.config import conditions
from pyhttpd.config.parser import OpenLine, parse
from pyhttpd.diagnostics import Source


class Facts:
    defines = {"SSL": ""}
    version = (2, 2, 34)

    def has_module(self, name: str) -> bool:
        return name in ("mod_version.c", "mod_dir.c", "dir_module")


def holds(text: str) -> bool:
    (line,) = parse(Source("CONF", text))
    assert isinstance(line, OpenLine)
    condition = conditions.find(line.name, Facts())
    assert condition is not None
    return conditions.holds(condition, line, Facts())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<IfModule mod_dir.c>", True),
        ("<IfModule dir_module>", True),
        ("<IfModule mod_dir>", False),
        ("<IfModule mod_dir.so>", False),
        ("<IfModule Dir_Module>", False),
        ("<IfModule !mod_none.c>", True),
        ("<IfModule !mod_dir.c>", False),
        ("<ifdefine SSL>", True),
        ("<IfDefine ssl>", False),
        ("<IfDefine !SSL>", False),
    ],
)
def test_modules_and_names(text, expected):
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (">= 2.2", True),
        ("< 2.4", True),
        ("2.2", False),
        ("2.2.34", True),
        ("== 2.2.34", True),
        ("!> 2.2.999", True),
        ("!= 2.2.34", False),
        ("<= 2", False),
        (r"~ ^2\.2", True),
        (r"= /^2\.2\./", True),
        (r"!~ ^2\.2", False),
    ],
)
def test_version_conditions(condition, expected):
    assert holds(f"<IfVersion {condition}>") is expected


def test_if_version_needs_its_module():
    class Bare(Facts):
        def has_module(self, name: str) -> bool:
            return False

    assert conditions.find("IfVersion", Bare()) is None
    assert conditions.find("IfModule", Bare()) is not None
    assert conditions.find("Directory", Facts()) is None
