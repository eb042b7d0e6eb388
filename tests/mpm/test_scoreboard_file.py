"""The file behind the scoreboard: private, new, read from outside, and never somebody else's."""

import os
import stat
from pathlib import Path

import pytest

from pyhttpd.mpm.scoreboard import Scoreboard, Status, Unreadable, picture


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "httpd.pid.scoreboard"


def test_who_has_the_file_sees_what_workers_do(path):
    board = Scoreboard(2, 3, path=str(path), description=("event", "Apache/2.2.34"))
    board.occupy(1, generation=4, threads=2)
    board.processes[1].pid = 77
    board.slot(1, 1).report(Status.BUSY_WRITE)
    seen = Scoreboard.copy(str(path))
    assert seen.statuses() == board.statuses()
    shown = picture(seen)
    assert (shown.mpm, shown.software, shown.pid) == ("event", "Apache/2.2.34", os.getpid())
    assert [(child.pid, child.generation, child.letters) for child in shown.children] == [(77, 4, "SW")]


def test_a_copy_stays_as_it_was(path):
    board = Scoreboard(1, 1, path=str(path))
    seen = Scoreboard.copy(str(path))
    board.slot(0, 0).report(Status.BUSY_WRITE)
    assert seen.statuses() == b"\0"


def test_nobody_else_may_read_or_write_it(path):
    old = os.umask(0)
    try:
        Scoreboard(1, 1, path=str(path))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_board_left_over_by_a_crash_is_replaced(path):
    Scoreboard(1, 1, path=str(path))
    assert Scoreboard(2, 2, path=str(path)).failure is None
    assert Scoreboard.copy(str(path)).rows == 2


@pytest.mark.parametrize("kind", ["text", "link", "directory"])
def test_what_is_no_board_is_left_alone_and_the_server_does_without(path, kind):
    other = path.with_name("precious")
    other.write_text("precious")
    if kind == "text":
        path.write_text("precious")
    elif kind == "link":
        path.symlink_to(other)
    else:
        path.mkdir()
    board = Scoreboard(1, 1, path=str(path))
    board.slot(0, 0).report(Status.READY)
    board.remove()
    assert isinstance(board.failure, FileExistsError)
    assert other.read_text() == "precious"
    assert os.path.lexists(path)


def test_a_directory_that_is_not_there_is_no_obstacle(tmp_path):
    board = Scoreboard(1, 1, path=str(tmp_path / "missing/board"))
    assert isinstance(board.failure, FileNotFoundError)
    assert board.statuses() == b"\0"


def test_stopping_removes_the_file_but_never_a_successors(path):
    old = Scoreboard(1, 1, path=str(path))
    new = Scoreboard(1, 1, path=str(path))
    old.remove()
    assert path.exists()
    new.remove()
    assert not path.exists()


def test_the_file_can_be_renamed_but_not_over_another(path, tmp_path):
    board = Scoreboard(1, 1, path=str(path))
    board.move(str(tmp_path / "other"))
    assert not path.exists()
    path.write_text("x")
    with pytest.raises(FileExistsError):
        board.move(str(path))
    board.remove()
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: b"", "not a scoreboard"),
        (lambda data: b"x" * 5000, "not a scoreboard"),
        (lambda data: data[:8] + b"\xff" + data[9:], "another version"),
        (lambda data: data[:-1], "not a whole"),
    ],
)
def test_what_cannot_be_understood_is_refused_politely(path, damage, said):
    Scoreboard(1, 1, path=str(path))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Unreadable, match=said):
        Scoreboard.copy(str(path))


def test_a_fifo_in_its_place_is_not_waited_for(path):
    os.mkfifo(path)
    with pytest.raises(FileNotFoundError):
        Scoreboard.copy(str(path))


def test_counts_of_children_that_have_gone_stay_in_the_sums(path):
    board = Scoreboard(1, 1, path=str(path))
    for generation in range(2):
        board.occupy(0, generation, 1)
        board.processes[0].pid = 5 + generation
        board.slot(0, 0).count(100, replayed=True)
        board.processes[0].access_count += 3
    shown = picture(board)
    assert shown.counts == (8, 200, 2)
    assert shown.children[0].mine == (4, 100, 1)
