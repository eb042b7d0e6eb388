"""Two servers over the same files, one of which gives answers again: `twins(conf, files)`.

What a client can see of the two must be the same, whatever it asks and whatever happens to the files.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from replay_world import Twins, twins_at


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Callable[..., Twins]]:
    """Make twins in a folder that is theirs."""
    with ExitStack() as stack:

        def make(conf: str = "", files: Mapping[str, str | bytes] | None = None, processes: int = 1) -> Twins:
            folder = Path(tempfile.mkdtemp(dir=tmp_path))
            return stack.enter_context(twins_at(folder, conf, files or {}, processes))

        yield make
