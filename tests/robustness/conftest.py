"""One server of each kind for many questions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from robust_server import Running, open_folder, serving

MPMS = ("prefork", "worker", "event")


@pytest.fixture(scope="module", params=MPMS)
def each_mpm(request: pytest.FixtureRequest) -> str:
    """The tests of a module for one MPM after the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A temporary folder for a module's server."""
    with open_folder() as path:
        yield path


@pytest.fixture(scope="module")
def event(folder: Path) -> Iterator[Running]:
    """An event server that is patient for a second."""
    (folder / "htdocs").mkdir()
    (folder / "htdocs/x.txt").write_text("here\n")
    with serving(folder, "event", "Timeout 1\nKeepAliveTimeout 30\n") as server:
        yield server
