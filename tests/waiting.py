"""Waiting for what is to come true: as long as it takes, up to a limit, and not a fixed time."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 20.0  # seconds


def wait_for(condition: Callable[[], Any], seconds: float = PATIENCE, what: str = "") -> Any:
    """What a condition says, as soon as that is true. Fails when it never is."""
    end = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < end, f"waited {seconds} s in vain {what and 'for ' + what}"
        time.sleep(0.01)
    return result
