"""Ten graceful restarts in a row under load, for each MPM; `restarts.py` does a hundred by hand."""

import pytest
from restarts import run
from robust_server import open_folder

MORE_MEMORY = 4096  # KiB that a process may take on the way without having grown
RESTARTS = 10  # what leaks with each of them shows


@pytest.mark.parametrize("mpm", ["prefork", "worker", "event"])
def test_graceful_restarts_lose_no_request_and_leave_nothing_behind(mpm):
    with open_folder() as root:
        result = run(root, mpm, RESTARTS)
    assert result.load.lost == []
    assert result.load.answered > 50
    before, after = result.before, result.after
    assert after.descriptors < before.descriptors + RESTARTS / 2
    assert after.processes <= before.processes + 1
    assert after.threads <= max(before.threads, after.processes * 10 + 1)
    assert after.parent_kib < before.parent_kib + MORE_MEMORY
    assert after.child_kib < before.child_kib + MORE_MEMORY
