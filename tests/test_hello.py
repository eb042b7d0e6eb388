"""The module on the newcomer's page works as printed."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[1] / "docs/modules/index.md"
PACKAGE = "hello_pkg"


def block(mark: str) -> str:
    """The code block behind a comment of the page."""
    found = re.search(rf"<!-- {re.escape(mark)} -->\n```\w+\n(.*?)^```", PAGE.read_text("utf-8"), re.S | re.M)
    assert found, f"{PAGE.name} has no block {mark}"
    return found[1]


@pytest.fixture
def hello_pkg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page's module in a package of its own, on Python's path while the test runs."""
    package = tmp_path / "third-party" / PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "mod_hello.py").write_text(block("mod_hello"), "utf-8")
    monkeypatch.syspath_prepend(str(package.parent))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_the_newcomers_module_fits_on_a_screen() -> None:
    assert len(block("mod_hello").splitlines()) <= 25


@pytest.mark.usefixtures("hello_pkg")
def test_the_newcomers_module_answers(get: Callable[..., Any]) -> None:
    answer = get("/hello", conf=block("hello.conf"))
    assert answer.status == 200
    assert answer.text == "Good morning, 127.0.0.1!\n"
    assert answer.headers.get("Content-Type") == "text/plain"


@pytest.mark.usefixtures("hello_pkg")
def test_the_newcomers_directive_is_checked(get: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match="HelloGreeting takes one argument, word to greet with"):
        get("/hello", conf=block("hello.conf").replace('"Good morning"', "Good morning"))


@pytest.mark.usefixtures("hello_pkg")
def test_a_greeting_has_a_default(get: Callable[..., Any]) -> None:
    without = re.sub(r"(?m)^ *HelloGreeting.*\n", "", block("hello.conf"))
    assert get("/hello", conf=without).text == "Hello, 127.0.0.1!\n"
