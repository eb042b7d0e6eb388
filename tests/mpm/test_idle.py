"""Idle maintenance, one tick after the other."""

from pyhttpd.mpm.idle import HOLD_OFF, REACHED, WITHIN, Maintenance
from pyhttpd.mpm.sizing import EVENT, PREFORK, WORKER, Limits

LIMITS = Limits(256, 1, 1, 256, 5, 5, 10)


def test_starting_doubles_up_to_32():
    maintenance = Maintenance(PREFORK)
    assert [maintenance.tick(LIMITS, 0, 0, 100) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 32, 32]


def test_a_quiet_tick_starts_again_at_one():
    maintenance = Maintenance(PREFORK)
    assert [maintenance.tick(LIMITS, idle, 9, 100) for idle in (0, 0, 7, 0)] == [1, 2, 0, 1]


def test_one_child_a_tick_is_retired():
    maintenance = Maintenance(PREFORK)
    assert [maintenance.tick(LIMITS, idle, 12, 100) for idle in (12, 11, 10)] == [-1, -1, 0]


def test_after_a_graceful_restart_the_rate_waits():
    maintenance = Maintenance(PREFORK, hold_off=HOLD_OFF)
    assert [maintenance.tick(LIMITS, 0, 0, 100) for _ in range(12)] == [1] * 11 + [2]


def test_no_more_than_there_is_room_for():
    maintenance = Maintenance(PREFORK, rate=16)
    assert maintenance.tick(LIMITS, 0, 253, 3) == 3


def test_reaching_max_clients_is_reported_once():
    for kind, idle, text in (
        (PREFORK, 0, REACHED),
        (WORKER, 0, REACHED),
        (WORKER, 2, WITHIN),
        (EVENT, 2, REACHED),
    ):
        maintenance = Maintenance(kind)
        assert [maintenance.tick(LIMITS, idle, 256, 0) for _ in range(3)] == [0, 0, 0]
        assert maintenance.notices == [("error", text)]


def test_a_busy_server_says_so():
    maintenance = Maintenance(PREFORK, rate=8)
    maintenance.tick(LIMITS, 1, 20, 100)
    level, text = maintenance.notices[0]
    assert level == "info"
    assert text.startswith(
        "server seems busy, (you may need to increase StartServers, or Min/MaxSpareServers)"
    )
    assert text.endswith("spawning 8 children, there are 1 idle, and 20 total children")
