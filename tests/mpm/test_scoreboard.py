"""The scoreboard: shared over fork, counted by its strided view."""

import os

from pyhttpd.mpm.scoreboard import LETTERS, ListenerSlot, Scoreboard, Status, idle_workers


def test_a_child_writes_what_the_parent_reads():
    board = Scoreboard(4, 8)
    board.occupy(2, generation=3, threads=5)
    pid = os.fork()
    if pid == 0:
        slot = board.slot(2, 1)
        slot.report(Status.BUSY_WRITE)
        slot.count(1000)
        os._exit(0)
    os.waitpid(pid, 0)
    assert board.row(2) == bytes([1, 4, 1, 1, 1, 0, 0, 0])
    worker = board.workers[2 * 8 + 1]
    assert (worker.access_count, worker.bytes_served, worker.generation) == (1, 1000, 3)


def test_counts_survive_a_childs_end_and_not_a_hard_restart():
    board = Scoreboard(1, 1)
    board.occupy(0, 0, 1)
    board.slot(0, 0).count(10)
    board.vacate(0)
    board.occupy(0, 1, 1)
    assert (board.workers[0].access_count, board.workers[0].my_access_count) == (1, 0)
    board.clear()
    assert board.workers[0].access_count == 0


def test_idle_workers_are_those_of_serving_children():
    board = Scoreboard(3, 4, spare_rows=2)
    for row in range(3):
        board.occupy(row, 0, 4)
        board.processes[row].pid = 100 + row
    board.slot(0, 0).report(Status.BUSY_READ)
    board.processes[1].quiescing = 1
    assert idle_workers(board, lambda process: not process.quiescing) == 3 + 4
    assert len(board.statuses()) == 5 * 4


def test_details_are_kept_only_with_extended_status():
    class Thing:
        client = ("192.0.2.1", 80)
        line = "GET /" + "x" * 100
        name = "www.example.org"

    request = Thing()
    request.connection = request.server = request
    board = Scoreboard(1, 1)
    slot = board.slot(0, 0)
    slot.report(Status.BUSY_WRITE, request)
    assert slot.score.request == b""
    board.server.extended = 1
    slot.report(Status.BUSY_WRITE, request)
    assert slot.score.client == b"192.0.2.1"
    assert slot.score.vhost == b"www.example.org"
    assert len(slot.score.request) == 63


def test_a_listener_counts_in_the_process_record():
    board = Scoreboard(2, 1)
    slot = ListenerSlot(board, 1)
    slot.report(Status.BUSY_WRITE)
    slot.count(5)
    assert board.statuses() == b"\0\0"
    assert (board.processes[1].access_count, board.processes[1].bytes_served) == (1, 5)


def test_letters():
    assert "".join(status.letter for status in Status) == LETTERS
