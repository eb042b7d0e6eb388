"""`pyhttpd compare` as a whole: real servers of a small configuration, and nothing left of them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from left_behind import users
from waiting import wait_for

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
CONFIG = """\
ServerRoot "{root}"
ServerName www.example.com
Listen 8123
DocumentRoot "{root}"
PidFile httpd.pid
ErrorLog "|/nowhere/rotate error"
LogFormat "%p %f" port
CustomLog access_log port
KeepAlive On
KeepAliveTimeout 30
{user}
<IfModule prefork.c>
    StartServers 2
    MaxClients 4
</IfModule>
<IfModule !prefork.c>
    StartServers 1
    ThreadsPerChild 4
    MinSpareThreads 1
    MaxClients 4
</IfModule>
NameVirtualHost *:8123
<VirtualHost *:8123>
    ServerName www.example.com
</VirtualHost>
<VirtualHost *:8123>
    ServerName other.example.com
    Redirect /gone http://www.example.com/
    CustomLog other_log port
</VirtualHost>
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that servers reach after changing to another user, with a configuration and a page."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "tmp").mkdir(mode=0o755)
        (root / "page.html").write_text("x" * 100)
        user = "User nobody\nGroup #65534" if os.geteuid() == 0 else ""
        (root / "httpd.conf").write_text(CONFIG.format(root=root, user=user))
        yield root


@pytest.fixture
def compare(folder: Path) -> Callable[..., subprocess.Popen[str]]:
    """Begin to compare: `compare("--mpm", "event")`; its temporary files are in the folder."""

    def begin(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pyhttpd", "compare", "-f", str(folder / "httpd.conf"), *words]
        environment = os.environ | {"TMPDIR": str(folder / "tmp"), "PYTHONIOENCODING": "utf-8"}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return begin


SHORT = ("--rounds", "1", "--seconds", "0.3", "--own-load", "--connections", "2", "--url", "/page.html")


def test_idle_clients_stall_prefork_and_worker_and_not_event(
    compare: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    out, err = compare(*SHORT, "--idle", "20", "--json").communicate(timeout=PATIENCE)
    results = {one["mpm"]: one for one in json.loads(out)["results"]}
    assert [one["trouble"] for one in results.values()] == ["", "", ""], err
    assert {one["status"] for one in results.values()} == {200}
    alone = {mpm: one["phases"]["alone"]["rounds"][0] for mpm, one in results.items()}
    beside = {mpm: one["phases"]["beside"]["rounds"][0] for mpm, one in results.items()}
    assert all(figures["rate"] > 0 and figures["cpu"] >= 0 for figures in alone.values())
    assert all(figures["memory"] > 1 for figures in alone.values())
    assert {mpm: figures["held"] for mpm, figures in beside.items()} == {
        "prefork": 4,
        "worker": 4,
        "event": 20,
    }
    assert beside["event"]["answered"] == 100
    assert beside["event"]["rate"] > 0
    for mpm in ("prefork", "worker"):
        assert beside[mpm]["answered"] == 0
        assert beside[mpm]["rate"] == 0
        assert beside[mpm]["errors"] > 0
        assert results[mpm]["phases"]["beside"]["scoreboard"]["busy"] == 4
    assert not users(folder / "tmp")
    assert not list((folder / "tmp").iterdir())
    assert not (folder / "access_log").exists()
    assert not (folder / "httpd.pid").exists()


def test_a_pipe_gets_a_plain_table_and_a_file_the_drawing(
    compare: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    words = ("--mpm", "event", "--idle", "0", "--slow", "3", "--svg", str(folder / "svg"))
    run = compare(*SHORT, *words)
    out, err = run.communicate(timeout=PATIENCE)
    assert (run.returncode, err) == (0, "")
    assert "requests/s" in out
    assert "beside 3 slow clients" in out
    assert "own generator, 2 connections" in out
    assert "\x1b" not in out
    assert ET.fromstring((folder / "svg").read_text()).tag.endswith("svg")


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_wrk_is_used_where_it_is(compare: Callable[..., subprocess.Popen[str]]) -> None:
    words = ("--rounds", "1", "--seconds", "0.3", "--mpm", "event", "--idle", "0", "--url", "/page.html")
    out, err = compare(*words).communicate(timeout=PATIENCE)
    assert "wrk, 32 connections" in out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_interrupted_run_leaves_nothing(
    compare: Callable[..., subprocess.Popen[str]], folder: Path, number: int
) -> None:
    run = compare("--own-load", "--seconds", "60", "--mpm", "event", "--idle", "5", "--url", "/page.html")
    wait_for(lambda: len(users(folder / "tmp")) > 1, PATIENCE)  # a server with a child
    run.send_signal(number)
    run.communicate(timeout=PATIENCE)
    assert run.returncode == 130
    wait_for(lambda: not users(folder / "tmp"), PATIENCE)
    assert not list((folder / "tmp").iterdir())


def test_servers_do_not_outlive_a_comparison_that_is_killed(
    compare: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    run = compare("--own-load", "--seconds", "60", "--mpm", "event", "--idle", "5", "--url", "/page.html")
    wait_for(lambda: len(users(folder / "tmp")) > 1, PATIENCE)
    run.kill()
    run.communicate(timeout=PATIENCE)
    wait_for(lambda: not users(folder / "tmp"), PATIENCE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--url", "page"), "begins with /"),
        (("--url", "https://x/"), "only http"),
        (("--url", "http://x:1/", "--url", "http://x:2/"), "the same port"),
        (("--mpm", "threads"), "is none of"),
        (("--idle", "-1"), "is not a number"),
        (("--seconds", "nan"), "is not a number"),
        (("--svg", "/nowhere/mpm.svg"), "/nowhere/mpm.svg"),
        (("-c", "Nonsense"), "Invalid command 'Nonsense'"),
    ],
)
def test_what_cannot_be_compared_is_said(
    compare: Callable[..., subprocess.Popen[str]], words: tuple[str, ...], said: str
) -> None:
    run = compare(*words)
    out, err = run.communicate(timeout=PATIENCE)
    assert run.returncode in (1, 2)
    assert out == ""
    assert said in err


def test_a_port_that_is_not_listened_to_is_trouble(compare: Callable[..., subprocess.Popen[str]]) -> None:
    run = compare(*SHORT[:-1], "http://www.example.com:99/", "--mpm", "event")
    out, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1
    assert "does not listen to port 99" in out
