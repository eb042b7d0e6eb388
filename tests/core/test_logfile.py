"""Logs are files or programs; a line is one write, and a program that dies is started again."""

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from waiting import wait_for

from pyhttpd.core.logfile import PipedLog, open_log, programs, reason, tend
from pyhttpd.core.processes import running


def text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_a_relative_path_is_below_the_server_root_and_lines_are_appended(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("old\n")
    log = open_log("a.log", str(tmp_path))
    log.write(b"new\n")
    assert not os.get_inheritable(log.fileno())
    log.close()
    log.close()
    assert log.fileno() == -1
    assert text(tmp_path / "a.log") == "old\nnew\n"


def test_a_file_that_cannot_be_opened_raises_and_is_worded_as_apache_does(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        open_log("missing/a.log", str(tmp_path))
    assert reason(raised.value) == "(2)No such file or directory"


@pytest.mark.parametrize("bars", ["|", "|$", "||"])
def test_a_program_reads_the_lines_and_ends_when_the_log_is_closed(bars: str, tmp_path: Path) -> None:
    log = open_log(f"{bars}/usr/bin/tee -a {tmp_path}/out", str(tmp_path))
    assert isinstance(log, PipedLog)
    log.write(b"one\n")
    log.close()
    wait_for(lambda: text(tmp_path / "out") == "one\n")
    assert os.waitpid(log.pid, 0)[1] == 0


def test_only_one_bar_means_a_shell(tmp_path: Path) -> None:
    log = open_log(f"|while read x; do echo got $x; done > '{tmp_path}/o ut'", "/")
    log.write(b"1\n")
    log.close()
    wait_for(lambda: text(tmp_path / "o ut") == "got 1\n")


@pytest.mark.parametrize("target", ["|/nonexistent/prog -x", "||/nonexistent/prog -x"])
def test_a_program_that_is_not_there_is_refused_at_once(target: str) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(ValueError) as raised:
        open_log(target, "/")
    assert str(raised.value) == (
        "unable to start piped log program '/nonexistent/prog -x': No such file or directory"
    )
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_program_that_died_is_started_again_and_loses_no_line(tmp_path: Path) -> None:
    log = open_log(f"||/usr/bin/tee -a {tmp_path}/out", "/")
    assert isinstance(log, PipedLog)
    assert log.tend() is None
    first = log.pid
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    log.write(b"waiting\n")
    assert log.tend() == f"piped log program '/usr/bin/tee -a {tmp_path}/out' failed unexpectedly"
    assert log.pid != first
    wait_for(lambda: text(tmp_path / "out") == "waiting\n")
    log.close()
    assert log.tend() is None
    os.waitpid(log.pid, 0)


def test_a_program_whose_parent_has_become_a_daemon_is_left_alone(tmp_path: Path) -> None:
    log = open_log(f"||/usr/bin/tee -a {tmp_path}/out", "/")
    assert isinstance(log, PipedLog)
    pid = os.fork()
    if not pid:  # the daemon: its log program is a child of the process that it left
        os._exit(0 if log.tend() is None else 1)
    assert os.waitpid(pid, 0)[1] == 0
    log.close()
    os.waitpid(log.pid, 0)
    assert not running(log.pid)


def test_the_logs_of_modules_are_tended_wherever_they_keep_them(tmp_path: Path) -> None:
    made = [open_log(f"||/usr/bin/tee -a {tmp_path}/out", "/") for _ in range(3)]
    state = {"one": made[0], "more": [made[1], 5], "other": SimpleNamespace(logs=made[2:]), "none": None}
    pids = programs(state)
    assert len(pids) == 3
    assert tend(state) == []
    os.kill(pids[1], signal.SIGKILL)
    os.waitpid(pids[1], 0)
    assert tend(state) == [f"piped log program '/usr/bin/tee -a {tmp_path}/out' failed unexpectedly"]
    for log in made:
        log.close()
    for pid in programs(state):
        os.waitpid(pid, 0)
