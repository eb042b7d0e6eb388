"""What the scoreboard costs: a worker's record for each request, the parent's count each second."""

from typing import Any

from pyhttpd.mpm.scoreboard import Scoreboard, Status, idle_workers

SERVERS, THREADS = 256, 64


def test_telling_and_counting_a_request(benchmark: Any) -> None:
    slot = Scoreboard(2, 2).slot(0, 0)

    def request() -> None:
        slot.report(Status.BUSY_READ)
        slot.report(Status.BUSY_WRITE)
        slot.count(1024)
        slot.report(Status.READY)

    benchmark(request)
    assert slot.score.access_count >= 1


def test_counting_idle_workers_of_a_large_server(benchmark: Any) -> None:
    board = Scoreboard(SERVERS, THREADS)
    for row in range(SERVERS):
        board.occupy(row, 0, THREADS)
        board.processes[row].pid = 1
    assert benchmark(lambda: idle_workers(board, lambda process: True)) == SERVERS * THREADS
