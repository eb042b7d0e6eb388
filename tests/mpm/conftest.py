"""Fixtures: each MPM, and servers of it."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mpm_fake import free_port
from mpm_harness import SMALL, Running, serve
from waiting import wait_for

from pyhttpd.mpm.table import MPMS

Start = Callable[..., Running]


@pytest.fixture(params=MPMS)
def mpm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def start(tmp_path: Path, mpm: str) -> Iterator[Start]:
    """Start servers of the MPM; they are stopped afterwards."""
    started: list[Running] = []
    tmp_path.chmod(0o777)
    (tmp_path / "error_log").touch()
    (tmp_path / "error_log").chmod(0o666)
    (tmp_path / "logs").mkdir(exist_ok=True)

    def start_one(*lines: tuple[str, int], more: dict[str, Any] | None = None, **options: Any) -> Running:
        port = free_port()
        pid = os.fork()
        if pid == 0:
            code = 99
            try:
                code = serve(mpm, tmp_path, port, (*SMALL[mpm], *lines), options, more or {})
            finally:
                os._exit(code)
        server = Running(pid, port, tmp_path)
        started.append(server)
        wait_for(lambda: server.ended() or "resuming normal operations" in server.log())
        return server

    yield start_one
    for server in started:
        with contextlib.suppress(ProcessLookupError):
            server.stop()
