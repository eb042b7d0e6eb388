"""One server of each kind for many questions."""

from collections.abc import Iterator

import pytest
from robust_server import Running, serving

MPMS = ("prefork", "worker", "event")


@pytest.fixture(scope="module", params=MPMS)
def each_mpm(request: pytest.FixtureRequest) -> str:
    """The tests of a module for one MPM after the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An event server that is patient for a second."""
    root = tmp_path_factory.mktemp("event")
    (root / "htdocs").mkdir()
    (root / "htdocs/x.txt").write_text("here\n")
    with serving(root, "event", "Timeout 1\nKeepAliveTimeout 30\n") as server:
        yield server
