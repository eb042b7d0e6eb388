"""Deadlines: whose time is over is told, in order, and who has gone is forgotten."""

from pyhttpd.mpm.guests import MOST_GONE, Deadlines, Guest, State


def guest(deadline, state=State.WAITING):
    return Guest(None, 1, None, state, deadline)


def test_those_whose_time_is_over_are_due_once():
    deadlines = Deadlines()
    early, late = guest(1.0), guest(2.0)
    for one in (late, early):
        deadlines.remind(one)
    assert deadlines.next(0.0, 10.0) == 1.0
    assert list(deadlines.due(0.5)) == []
    assert list(deadlines.due(5.0)) == [early, late]
    assert list(deadlines.due(9.0)) == []
    assert deadlines.next(9.0, 10.0) == 10.0


def test_who_was_given_more_time_is_due_later():
    deadlines = Deadlines()
    one = guest(1.0)
    deadlines.remind(one)
    one.deadline = 3.0
    deadlines.remind(one)
    assert list(deadlines.due(2.0)) == []
    assert list(deadlines.due(3.0)) == [one]


def test_who_is_busy_or_has_gone_is_not_due():
    deadlines = Deadlines()
    busy, gone = guest(1.0, State.BUSY), guest(1.0)
    for one in (busy, gone):
        deadlines.remind(one)
    deadlines.forget(gone)
    assert list(deadlines.due(2.0)) == []


def test_connections_that_come_and_go_leave_nothing_behind_before_their_time():
    deadlines = Deadlines()
    staying = [guest(600.0) for _ in range(100)]
    for one in staying:
        deadlines.remind(one)
    for _ in range(20 * MOST_GONE):
        one = guest(300.0)
        deadlines.remind(one)
        deadlines.forget(one)
        deadlines.next(0.0, 1.0)
        assert len(deadlines._heap) <= 2 * (len(staying) + MOST_GONE)
    assert list(deadlines.due(1000.0)) == staying
