"""The configurations that come with pyhttpd: each loads, and serves its page under its MPM."""

import shutil
import time
from pathlib import Path

import pytest
from migration_running import PATIENCE, get, pyhttpd, running

SAMPLES = Path(__file__).parents[2] / "sample-conf"
MAIN = {"httpd.conf": "event", "httpd-prefork.conf": "prefork", "httpd-worker.conf": "worker"}
EXTRA = sorted(path.name for path in (SAMPLES / "extra").glob("*.conf"))


@pytest.fixture
def sample(tmp_path, free_port):
    """A copy of the samples that listens to a free port, readable by whom the children become."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    root = tmp_path / "sample-conf"
    shutil.copytree(SAMPLES, root, ignore=shutil.ignore_patterns("*_log", "*.pid"))
    main = root / "httpd.conf"
    main.write_text(main.read_text().replace("Listen 8080", f"Listen 127.0.0.1:{free_port}"))
    return root


def within(seconds, holds):
    """Whether something comes true in time: a line is logged when its answer has gone out."""
    end = time.monotonic() + seconds
    while not (true := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return true


@pytest.mark.parametrize("name", MAIN)
def test_it_serves_its_page_under_its_mpm(name, sample, free_port):
    file = str(sample / name)
    assert f"mpm_{MAIN[name]}_module (static)" in pyhttpd("-f", file, "-M").stdout
    with running(free_port, "-f", file):
        status, page = get(free_port, "/")
        assert (status, b"It is up" in page) == (200, True)
        assert get(free_port, "/cgi-bin/printenv")[0] == 200
        assert get(free_port, "/.htaccess")[0] == 403
        assert get(free_port, "/none")[0] == 404
        assert within(PATIENCE, lambda: (sample / "logs/access_log").read_text().count("\n") >= 4)
    assert not (sample / "logs/httpd.pid").exists()


@pytest.mark.parametrize("name", EXTRA)
def test_each_extra_file_loads_without_a_warning(name, sample):
    done = pyhttpd("-f", str(sample / "httpd.conf"), "-t", "-c", f"Include extra/{name}")
    assert (done.returncode, done.stderr) == (0, "Syntax OK\n")


def test_the_samples_in_place_are_found_from_where_one_stands():
    done = pyhttpd("-f", "sample-conf/httpd.conf", "-t")
    assert (done.returncode, done.stderr) == (0, "Syntax OK\n")


def test_every_extra_file_is_offered_by_the_main_one():
    text = (SAMPLES / "httpd.conf").read_text()
    assert [name for name in EXTRA if f"Include extra/{name}" not in text] == []
