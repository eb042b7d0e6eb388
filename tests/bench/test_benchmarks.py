"""The benchmarks themselves: the same load each time, figures of a real server, and nothing left running."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from left_behind import users
from waiting import wait_for

from pyhttpd.tools.load.processes import cpu

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # the benchmarks are no part of what is installed

from benchmarks import site as sites  # noqa: E402
from benchmarks import svg, table, workloads  # noqa: E402
from benchmarks.account import Group, account  # noqa: E402
from benchmarks.configs import KINDS  # noqa: E402
from benchmarks.curves import CURVES, workload  # noqa: E402
from benchmarks.load import check  # noqa: E402
from benchmarks.measure import Result  # noqa: E402
from benchmarks.servers import installed, running  # noqa: E402

PATIENCE = 60.0
COMMAND = [sys.executable, "-m", "benchmarks", "--workloads", "small", "--servers", "ours-event"]
needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


def start(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """Begin a benchmark whose temporary files are in a folder."""
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.Popen([*COMMAND, *options], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that servers reach after changing to another user."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_the_mix_is_the_same_each_time_and_has_its_shares() -> None:
    site = sites.Site(Path("/nowhere"), sites.sizes(1000), 10**9)
    asks = workloads.mix(site)
    assert asks == workloads.mix(site)
    shares = {
        status: round(number / len(asks), 2) for status, number in Counter(a.status for a in asks).items()
    }
    assert shares == {200: 0.71, 304: 0.25, 404: 0.02, 301: 0.02}
    assert len({a.request.partition(b"\r\n")[2] for a in asks if a.status == 200}) == workloads.CLIENTS


def test_the_front_asks_for_files_and_for_pretty_urls_in_equal_shares() -> None:
    site = sites.Site(Path("/nowhere"), sites.sizes(1000), 10**9)
    asks = workloads.front(site)
    assert asks == workloads.front(site)
    paths = [ask.request.split()[1].decode() for ask in asks]
    pretty = {workloads.pretty(number) for number in range(workloads.PRETTY)}
    assert pretty <= set(paths) <= pretty | {sites.name(number) for number in range(1000)}
    assert len(pretty) == workloads.PRETTY
    assert round(sum(path in pretty for path in paths) / len(paths), 2) == 0.5


@pytest.mark.parametrize("kind", ["ours-event", "ours-event-no-replay", "apache-event"])
@pytest.mark.parametrize(
    "asked",
    [workloads.WORKLOADS["front"], workloads.WORKLOADS["rules"], workload(CURVES["rewrites"], 10)],
    ids=["front", "rules", "curve"],
)
def test_what_rewrites_is_answered_alike(folder: Path, kind: str, asked: workloads.Workload) -> None:
    if not installed(KINDS[kind]):
        pytest.skip(f"{KINDS[kind].program} is not installed")
    (folder / "site").mkdir()
    site = sites.make(folder / "site")
    with running(KINDS[kind], site, folder / "server", asked.lines) as server:
        check(server.address, asked.asks(site))


def test_the_page_of_the_front_is_found_only_where_rules_are_read(folder: Path) -> None:
    (folder / "site").mkdir()
    site = sites.make(folder / "site")
    with running(KINDS["ours-event"], site, folder / "server") as server:
        check(server.address, [workloads.Ask(workloads.get(workloads.pretty(1)), 404)])


NOBODY_WAITS = """\
import os, signal, sys, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork():
    try: os.wait()
    except ChildProcessError: print(flush=True)
    sys.stdin.read()
else:
    while time.process_time() < 1: pass
"""


def test_programs_that_nobody_waits_for_are_counted() -> None:
    with account() as counting:
        if not isinstance(counting, Group):
            pytest.skip("no control groups for us")
        command = counting.command([sys.executable, "-c", NOBODY_WAITS])
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            assert counting.seconds(process.pid) >= 1 > cpu(process.pid)
    assert not counting.folder.exists()


def test_ratios_compare_figures_of_the_same_round() -> None:
    ours = Result("small", "ours-event", [{"rate": 10.0, "cpu": 4.0}, {"rate": 30.0, "cpu": 4.0}])
    peer = Result("small", "nginx", [{"rate": 5.0, "cpu": 2.0}, {"rate": 15.0, "cpu": 1.0}])
    assert table.ratio(ours, peer) == "2.00, 3.00"


def test_drawings_are_well_formed() -> None:
    bars = svg.bars({"a & b": [svg.Bar("nginx", 100.0, 2.0), svg.Bar("ours-event", None, None)]})
    curves = svg.curves({"x": [svg.Series("nginx", [(0, 10.0), (100, 30.0)])], "none": []})
    for drawing in (bars, curves, svg.curves({})):
        assert ET.fromstring(drawing).tag.endswith("svg")


@needs_wrk
def test_a_run_measures_a_real_server_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    options = ["--json", str(tmp_path / "json"), "--svg", str(tmp_path / "svg")]
    run = start(folder, "--rounds", "1", "--seconds", "1", *options)
    assert run.wait(PATIENCE) == 0
    (result,) = json.loads((tmp_path / "json").read_text())["results"]
    (figures,) = result["rounds"]
    assert figures["rate"] > 0
    assert figures["cpu"] > 0
    assert figures["memory"] > 1
    assert figures["errors"] == 0
    assert "ours-event" in (tmp_path / "svg").read_text()
    assert not list(folder.iterdir())
    assert not users(folder)


@needs_wrk
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_interrupted_run_leaves_nothing(folder: Path, number: int) -> None:
    run = start(folder, "--rounds", "1", "--seconds", "30")
    wait_for(lambda: len(users(folder)) > 2, PATIENCE)  # a server with a child, and wrk
    run.send_signal(number)
    assert run.wait(PATIENCE) == 0
    assert not list(folder.iterdir())
    wait_for(lambda: not users(folder), PATIENCE)
