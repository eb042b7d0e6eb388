"""The scoreboard: shared over fork, counted by its strided view."""

import os
import time

from pyhttpd.mpm.scoreboard import LETTERS, ListenerSlot, Scoreboard, Status, idle_workers, picture


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
    (place,) = picture(board).places
    assert (place.counts.answers, place.mine.answers) == (1, 0)
    board.clear()
    assert board.workers[0].access_count == 0


def test_a_workers_counts_are_of_its_connection_its_child_and_its_slot():
    board = Scoreboard(2, 3)
    board.slot(1, 2).count(7, replayed=True)
    board.occupy(1, 1, 3)
    slot = board.slot(1, 2)
    slot.count(100)
    slot.new_connection()
    slot.count(20, replayed=True)
    slot.count(3)
    worker = next(worker for _, worker in picture(board).workers if worker.thread == 2)
    assert (worker.counts, worker.mine) == ((4, 130, 2), (3, 123, 1))
    assert worker.connection[:2] == (2, 23)


def test_an_answer_from_memory_counts_as_the_last_request():
    board = Scoreboard(1, 1)
    board.server.extended = 1
    slot = board.slot(0, 0)
    slot.count(7, replayed=True)
    assert abs(board.workers[0].last_used - time.time()) < 5


def test_idle_workers_are_those_of_serving_children():
    board = Scoreboard(3, 4, spare_rows=2)
    for row in range(3):
        board.occupy(row, 0, 4)
        board.processes[row].pid = 100 + row
    board.slot(0, 0).report(Status.BUSY_READ)
    board.processes[1].quiescing = 1
    assert idle_workers(board, lambda process: not process.quiescing) == 3 + 4
    assert len(board.statuses()) == 5 * 4


class Asked:
    """A request, its connection and its server in one."""

    client, remote_host = ("192.0.2.1", 80), None
    name, received = "www.example.org", 1000.5

    def __init__(self, line: str) -> None:
        self.line, self.connection, self.server = line, self, self


def test_a_worker_says_for_whom_it_works():
    board = Scoreboard(2, 2)
    slot = board.slot(1, 1)
    slot.report(Status.BUSY_WRITE, Asked("GET /a HTTP/1.1"))
    score = board.workers[3]
    assert (score.client, score.vhost, score.request) == (
        b"192.0.2.1",
        b"www.example.org",
        b"GET /a HTTP/1.1",
    )
    assert (score.start_time, score.last_used) == (1000.5, 1000.5)


def test_of_a_long_request_line_the_beginning_is_kept_or_with_seerequesttail_the_end():
    board = Scoreboard(1, 1)
    slot, long = board.slot(0, 0), Asked("GET /" + "x" * 100 + " HTTP/1.1")
    slot.report(Status.BUSY_WRITE, long)
    assert slot.score.request == b"GET /" + b"x" * 58
    board.server.request_tail = 1
    slot.report(Status.BUSY_WRITE, long)
    assert slot.score.request == b"x" * 54 + b" HTTP/1.1"


def test_passwords_in_a_request_line_are_not_shown():
    slot = Scoreboard(1, 1).slot(0, 0)
    slot.report(Status.BUSY_WRITE, Asked("GET http://me:secret@example.org/ HTTP/1.0"))
    assert slot.score.request == b"GET http://me@example.org/ HTTP/1.0"


def test_times_of_other_states_are_kept_with_extended_status():
    board = Scoreboard(1, 1)
    slot = board.slot(0, 0)
    slot.report(Status.BUSY_LOG)
    assert slot.score.stop_time == 0
    board.server.extended = 1
    slot = board.slot(0, 0)
    slot.report(Status.BUSY_LOG)
    assert slot.score.stop_time == slot.score.last_used > 0


def test_a_listener_counts_in_the_process_record():
    board = Scoreboard(2, 1)
    slot = ListenerSlot(board, 1)
    slot.report(Status.BUSY_WRITE)
    slot.count(5)
    slot.count(7, replayed=True)
    assert board.processes[1].access_count == 0
    slot.tell()
    slot.tell()
    process = board.processes[1]
    assert board.statuses() == b"\0\0"
    assert (process.access_count, process.bytes_served, process.replayed) == (2, 12, 1)


def test_letters():
    assert "".join(status.letter for status in Status) == LETTERS
