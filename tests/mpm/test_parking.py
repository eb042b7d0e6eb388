"""A connection's way from a worker to the listener and back."""

import os
from types import SimpleNamespace

import pytest

from pyhttpd.mpm.guests import Guest, State
from pyhttpd.mpm.parking import ParkingLot


class Lot(ParkingLot):
    """A lot without workers."""

    has_room = admit = assign = heed = work = dismiss = count = None


@pytest.fixture
def lot():
    made = Lot(SimpleNamespace(stopping=False))
    yield made
    made.poller.close()
    os.close(made.wake_reader)
    os.close(made.wake_writer)


@pytest.mark.parametrize("state", [State.WAITING, State.WRITING, State.CLOSING])
def test_a_connection_is_the_listeners_only_once_its_worker_has_done_with_it(lot, state, monkeypatch):
    """The listener closes what breaks while it is parked: not while a worker still arms it."""
    guest = Guest(SimpleNamespace(requests=1), 99, None)
    seen = []
    monkeypatch.setattr(lot.poller, "arm", lambda *_: seen.append(guest.state))
    lot.park(guest, state, 10.0)
    assert seen == [State.BUSY]
    assert guest.state is state
    assert guest in lot.parked[state]
    assert list(lot.deadlines.due(11.0)) == [guest]
