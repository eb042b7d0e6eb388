"""Rates between two looks at a scoreboard."""

from dataclasses import replace

import pytest

from pyhttpd.mpm.scoreboard import Picture, Scoreboard, picture
from pyhttpd.tools.samples import History


@pytest.fixture
def board() -> Scoreboard:
    made = Scoreboard(2, 1)
    for row in range(2):
        made.occupy(row, 0, 1)
        made.processes[row].pid = (1 << 22) + row  # no process has such a number
    return made


def later(shown: Picture, seconds: float) -> Picture:
    return replace(shown, taken=shown.taken + seconds)


def test_the_first_look_shows_averages_since_the_start(board):
    board.server.restart_time -= 10
    board.slot(0, 0).count(500)
    sample = History().add(picture(board))
    assert sample.rates.answers == pytest.approx(0.1)
    assert sample.rates.bytes == pytest.approx(50)


def test_the_next_looks_show_what_happened_since(board):
    history = History()
    first = history.add(picture(board)).picture
    board.slot(0, 0).count(500, replayed=True)
    sample = history.add(replace(picture(board), taken=first.taken + 2))
    assert (sample.rates.answers, sample.rates.bytes, sample.rates.replayed) == (0.5, 250, 0.5)
    assert sample.of_child[1 << 22].answers == 0.5
    assert sample.of_child[(1 << 22) + 1].answers == 0


def test_counts_that_began_anew_are_no_negative_rate(board):
    board.slot(0, 0).count(500)
    history = History()
    first = history.add(picture(board)).picture
    board.clear()
    assert history.add(replace(picture(board), taken=first.taken + 1)).rates.answers == 0


def test_the_history_is_a_line_of_blocks(board):
    history = History()
    now = history.add(picture(board)).picture
    for answers in (0, 2, 4):
        for _ in range(answers):
            board.slot(0, 0).count(1)
        now = history.add(replace(picture(board), taken=now.taken + 1)).picture
    assert history.line(lambda rates: rates.answers, 10) == "▁▅█"
    assert history.line(lambda rates: rates.answers, 2, "_.-:=+*#") == "=#"
    assert history.line(lambda rates: rates.replayed, 10) == "▁▁▁"


def test_another_server_begins_a_new_history(board):
    history = History()
    history.add(picture(board))
    sample = history.add(replace(picture(board), pid=12345))
    assert sample.rates.answers == 0
    assert not history.rates
