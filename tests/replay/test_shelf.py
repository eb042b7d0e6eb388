"""The shelf: what is found there is what was put there last, or nothing."""

import os
import random
import signal

import pytest
from replay_files import descriptors

from pyhttpd.core.replay import shelf as module
from pyhttpd.core.replay.shelf import Shelf


def in_child(deed):
    """Do something in another process; whether it said yes."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if deed() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_what_was_put_last_is_found():
    shelf = Shelf(100_000)
    assert shelf.get(b"key") is None
    assert shelf.put(b"key", b"first")
    assert shelf.put(b"other", b"")
    assert shelf.put(b"key", b"second")
    assert (shelf.get(b"key"), shelf.get(b"other"), shelf.get(b"ke")) == (b"second", b"", None)


def test_other_processes_find_it():
    shelf = Shelf(100_000)
    shelf.put(b"mine", b"1")
    assert in_child(lambda: shelf.get(b"mine") == b"1" and shelf.put(b"theirs", b"2"))
    assert shelf.get(b"theirs") == b"2"


def test_never_is_anything_else_found():
    chance, shelf, last = random.Random(5), Shelf(30_000), {}
    found = 0
    for _ in range(5000):
        key = b"%d" % chance.randrange(60)
        if chance.random() < 0.4:
            last[key] = chance.randbytes(chance.randrange(1500))
            assert shelf.put(key, last[key])
        elif (said := shelf.get(key)) is not None:
            found += 1
            assert said == last[key]
    assert found > 500


def test_the_oldest_goes_first():
    shelf = Shelf(30_000)
    for number in range(100):
        shelf.put(b"%d" % number, bytes(1000))
    kept = [number for number in range(100) if shelf.get(b"%d" % number) is not None]
    assert 99 in kept
    assert len(kept) >= 10
    assert min(kept) > 60


def test_a_value_stays_what_it_was_when_its_place_is_taken():
    shelf = Shelf(10_000)
    shelf.put(b"key", b"a" * 1000)
    found = shelf.get(b"key")
    for _ in range(20):
        shelf.put(b"other", b"b" * 1000)
    assert shelf.get(b"key") is None
    assert found == b"a" * 1000


@pytest.mark.parametrize("at", [0, 5, 9, 12, 60, 1000])
def test_a_record_that_is_half_written_is_not_found(at):
    shelf = Shelf(10_000)
    shelf.put(b"key", b"v" * 1000)
    shelf._map[shelf._first + at] ^= 1
    assert shelf.get(b"key") is None


def test_what_is_too_large_a_part_is_not_kept():
    shelf = Shelf(10_000)
    assert not shelf.put(b"key", bytes(2000))
    assert shelf.get(b"key") is None


def test_nobody_waits_for_a_writer_and_a_writer_that_dies_holds_nobody_up():
    shelf = Shelf(10_000)
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        with shelf._locked():
            os.write(tell, b"!")
            signal.pause()
    os.read(told, 1)
    os.close(told)
    os.close(tell)
    assert not shelf.put(b"key", b"value")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert shelf.put(b"key", b"value")


def test_of_several_threads_one_writes():
    shelf = Shelf(10_000)
    with shelf._locked() as locked:
        assert locked
        assert not shelf.put(b"key", b"value")
    assert shelf.put(b"key", b"value")


def test_its_file_is_closed_with_it():
    before = descriptors()
    shelf = Shelf(10_000)
    del shelf
    assert descriptors() == before


def test_without_nameless_memory_a_temporary_file_is_locked(monkeypatch):
    monkeypatch.delattr(os, "memfd_create", raising=False)
    shelf = Shelf(10_000)
    assert shelf.put(b"key", b"value")
    assert shelf.get(b"key") == b"value"


def test_a_shelf_of_any_size_has_room_for_something():
    assert Shelf(1000).put(b"k", b"v")
    assert module.MOST < 1 << 32  # places note where records begin in 32 bits
