"""The sizing directives: 2.2's numbers and, word for word, its warnings."""

import pytest

from pyhttpd.mpm.sizing import EVENT, KINDS, PREFORK, WORKER, limits

TOO_SMALL = (
    "WARNING: MaxClients ({0}) must be at least as large\n"
    " as ThreadsPerChild (25). Automatically\n"
    " increasing MaxClients to 25."
)
NOT_MULTIPLE = (
    "WARNING: MaxClients (130) is not an integer multiple\n of ThreadsPerChild (25), "
    "lowering MaxClients to 125\n for a maximum of 5 child processes,"
)
OVER_SERVERS = (
    "WARNING: MaxClients of 400 exceeds ServerLimit value of 256 servers,\n lowering MaxClients to 256.  "
    "To increase, please see the ServerLimit\n directive."
)
OVER_PRODUCT = (
    "WARNING: MaxClients of {0} would require {1} servers,\n and would exceed the ServerLimit value of {2}.\n"
    " Automatically lowering MaxClients to {3}.  To increase,\n please see the ServerLimit directive."
)
OVER_THREADS = (
    "WARNING: ThreadsPerChild of 100 exceeds ThreadLimit value of 64\nthreads, lowering "
    "ThreadsPerChild to 64. To increase, please see the\n ThreadLimit directive."
)
NO_SPARE = (
    "WARNING: detected {0} set to non-positive.\nResetting to 1 to avoid almost certain Apache failure.\n"
    "Please read the documentation."
)
TOP = "WARNING: {0} of {1} exceeds compile time limit of {2} servers,\n lowering {0} to {2}."
REQUIRE = "WARNING: Require {0} > 0, setting to 1"
THREADED = (WORKER, EVENT)
ALL = (PREFORK, *THREADED)

CASES = [
    ((PREFORK,), [("MaxClients", 400)], [OVER_SERVERS]),
    ((PREFORK,), [("MaxClients", 400), ("ServerLimit", 500)], [OVER_SERVERS]),
    ((PREFORK,), [("ServerLimit", 500), ("MaxClients", 400)], []),
    ((PREFORK,), [("MaxClients", 0)], [REQUIRE.format("MaxClients")]),
    ((PREFORK,), [("MaxClients", -3)], [REQUIRE.format("MaxClients")]),
    (THREADED, [("MaxClients", 0)], [TOO_SMALL.format(0)]),
    (THREADED, [("MaxClients", -3)], [TOO_SMALL.format(-3)]),
    ((PREFORK,), [("ServerLimit", 300000)], [TOP.format("ServerLimit", 300000, 200000)]),
    (THREADED, [("ServerLimit", 300000)], [TOP.format("ServerLimit", 300000, 20000)]),
    (ALL, [("ServerLimit", 0)], [REQUIRE.format("ServerLimit")]),
    (THREADED, [("MaxClients", 1000)], [OVER_PRODUCT.format(1000, 40, 16, 400)]),
    (THREADED, [("ThreadsPerChild", 25), ("MaxClients", 130)], [NOT_MULTIPLE]),
    (THREADED, [("ThreadsPerChild", 25), ("MaxClients", 10)], [TOO_SMALL.format(10)]),
    (
        THREADED,
        [("ServerLimit", 2), ("ThreadsPerChild", 25), ("MaxClients", 130)],
        [NOT_MULTIPLE, OVER_PRODUCT.format(125, 5, 2, 50)],
    ),
    (THREADED, [("ThreadsPerChild", 100)], [OVER_THREADS]),
    (THREADED, [("ThreadsPerChild", 100), ("ThreadLimit", 200)], [OVER_THREADS]),
    (THREADED, [("ThreadLimit", 200), ("ThreadsPerChild", 100), ("MaxClients", 200)], []),
    (THREADED, [("ThreadsPerChild", 0)], [REQUIRE.format("ThreadsPerChild")]),
    ((WORKER,), [("ThreadLimit", 50000)], [TOP.format("ThreadLimit", 50000, 20000)]),
    ((EVENT,), [("ThreadLimit", 50000)], []),
    (THREADED, [("ThreadLimit", 0)], [REQUIRE.format("ThreadLimit")]),
    (THREADED, [("MinSpareThreads", 0)], [NO_SPARE.format("MinSpareThreads")]),
    ((PREFORK,), [("MinSpareServers", 0)], [NO_SPARE.format("MinSpareServers")]),
]


@pytest.mark.parametrize(
    ("kind", "lines", "warnings"),
    [(kind, lines, warnings) for kinds, lines, warnings in CASES for kind in kinds],
)
def test_warnings_are_apaches(kind, lines, warnings):
    assert list(limits(kind, lines).warnings) == warnings


def test_defaults():
    prefork = limits(PREFORK, [])
    assert (prefork.children, prefork.start, prefork.min_spare, prefork.max_spare) == (256, 5, 5, 10)
    for kind in THREADED:
        found = limits(kind, [])
        assert (found.children, found.threads, found.start, found.min_spare, found.max_spare) == (
            16,
            25,
            3,
            75,
            250,
        )


def test_server_limit_survives_the_first_of_two_readings():
    assert limits(PREFORK, [("MaxClients", 400), ("ServerLimit", 500)]).children == 400


def test_threads_per_child_runs_before_max_clients():
    found = limits(WORKER, [("MaxClients", 100), ("ThreadsPerChild", 10)])
    assert (found.threads, found.children, found.warnings) == (10, 10, ())


def test_spare_range_and_start_are_made_to_fit():
    assert limits(PREFORK, [("MinSpareServers", 10), ("MaxSpareServers", 3)]).max_spare == 11
    assert limits(WORKER, [("MinSpareThreads", 300), ("MaxSpareThreads", 100)]).max_spare == 325
    assert limits(PREFORK, [("StartServers", 50), ("MaxClients", 5)]).start == 5
    assert limits(PREFORK, [("StartServers", 0)]).start == 0


@pytest.mark.parametrize("name", KINDS)
def test_a_restart_cannot_change_the_limits(name):
    kind = KINDS[name]
    running = limits(kind, [("ServerLimit", 4)])
    again = limits(kind, [("ServerLimit", 8)], running)
    assert again.server_limit == 4
    assert again.ignored.startswith("WARNING: Attempt to change ServerLimit")
    assert limits(kind, [("ServerLimit", 4)], running).ignored == ""
