"""What replay may hold: so many bytes, files, shapes and heads, and what was used longest ago goes first."""

import os

import pytest
from replay_files import descriptors, put, settle
from replay_world import Ask, Talk

from pyhttpd.core.replay import table
from pyhttpd.core.replay.block import Block, Blocks
from pyhttpd.http.fields import Limits

FILES = {f"htdocs/{letter}.txt": letter * 20_000 for letter in "abcdef"}
BIG = 200_000


def known(made):
    """The names of the files whose answers are remembered, in the order in which they are to go."""
    entries = made.on.server.replay._entries.values()
    return "".join(entry.prototype.uri[1] for entry in entries)


def fetch(made, *targets):
    for target in targets:
        made.on.talk(Talk((Ask(target),)))


def test_no_more_bytes_are_held_than_allowed(twins):
    made = twins("ReplayMemory 200k\n", FILES)
    fetch(made, *(f"/{letter}.txt?{number}" for letter in "abcdef" for number in range(5)))
    replay = made.on.server.replay
    assert 150_000 < replay._bytes <= 200 * 1024
    assert replay._bytes == sum(entry.size for entry in replay._entries.values())


def test_what_nobody_has_asked_for_again_goes_first(twins):
    made = twins("ReplayMemory 200k\n", FILES)
    fetch(made, "/a.txt", "/b.txt", "/c.txt", "/a.txt")
    for number in range(20):
        fetch(made, f"/e.txt?{number}", "/a.txt")
    assert "a" in known(made)
    assert not {"b", "c"} & set(known(made))


def test_what_was_asked_for_long_ago_goes_as_well(twins):
    made = twins("ReplayMemory 200k\n", FILES)
    fetch(made, "/a.txt", "/a.txt", *(f"/e.txt?{number}" for number in range(20)))
    assert "a" not in known(made)


def test_without_memory_nothing_is_remembered(twins):
    made = twins("ReplayMemory 0\n", FILES)
    made.never("/a.txt")


def test_an_answer_that_is_too_much_of_the_memory_is_not_remembered(twins):
    made = twins("ReplayMemory 100k\n", FILES)
    made.never("/a.txt")


@pytest.fixture
def big(twins):
    return twins(files={f"htdocs/{number}.txt": str(number) * BIG for number in range(8)})


def test_large_files_stay_files(big):
    assert len(big.again("/1.txt")) > BIG
    (entry,) = big.on.server.replay._entries.values()
    assert entry.fd >= 0
    assert entry.size < 10_000


@pytest.mark.parametrize("line", ["Range: bytes=10-150000", "Range: bytes=-100000", "Range: bytes=5-9"])
def test_a_stretch_of_a_large_file_is_that_stretch(big, line):
    big.again("/1.txt", line)


def test_a_large_file_that_is_replaced_is_the_new_one(big):
    big.again("/1.txt")
    put(big.root / "htdocs/new", "n" * BIG)
    (big.root / "htdocs/new").replace(big.root / "htdocs/1.txt")
    assert big.ask("/1.txt").endswith(b"nnn")


def test_no_more_files_are_held_open_than_allowed(big, monkeypatch):
    monkeypatch.setattr(table, "MOST_FILES", 3)
    before = descriptors()
    fetch(big, *(f"/{number}.txt" for number in range(8)))
    assert known(big) == "567"
    assert descriptors() == before + 3


def test_what_is_forgotten_is_closed(big):
    before = descriptors()
    fetch(big, *(f"/{number}.txt" for number in range(8)))
    assert descriptors() == before + 8
    replay = big.on.server.replay
    for entry in list(replay._entries.values()):
        replay.forget(entry)
    del entry
    assert descriptors() == before
    assert replay._files == replay._bytes == 0
    (room,) = replay._rooms.values()
    assert room.places == {}


def test_a_range_that_cannot_be_had_leaves_no_file_open(big):
    before = descriptors()
    for number in range(8):
        assert b" 416 " in big.on.talk(Talk((Ask(f"/{number}.txt", lines=("Range: bytes=999999-",)),)))
        big.on.talk(Talk((Ask(f"/{number}.txt", "HEAD", lines=("Range: bytes=0-1,5-6",)),)))
    assert descriptors() == before


def test_a_request_line_has_few_shapes(twins):
    many = "".join(f"SetEnvIf v{number} ^$ v{number + 1}=\nSetEnvIf X-{number} x x\n" for number in range(3))
    made = twins(many, FILES)
    (room,) = [made.on.server.replay.room(("127.0.0.1", 80), Limits())]
    room.places[b"GET /a.txt HTTP/1.1"] = [
        table.Shape((f"x-{number}",), False, False) for number in range(table.MOST_SHAPES)
    ]
    made.never("/a.txt")


def test_heads_are_held_up_to_so_many_bytes():
    blocks = Blocks(Limits(), most=20_000)
    texts = [b"Host: x\r\nX: %d\r\n\r\n" % number for number in range(500)]
    for text in texts:
        assert blocks.get(text).eligible
    assert len(blocks.young) + len(blocks._old) < 40
    assert blocks.get(texts[-1]) is blocks.get(texts[-1])


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n", b"Host: x\r\n", b"Host: x\r\nContent-Length: 0\r\n\r\n", b"Host: x\r\nUpgrade: h2c\r\n\r\n",
        b"Host: x\r\nExpect: 100-continue\r\n\r\n", b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Host: x\r\nno colon\r\n\r\n", b"Host: a b\r\n\r\n", b"Host: x\r\nX: \x01\r\n\r\n",
    ],
)  # fmt: skip
def test_fields_that_are_no_plain_requests_are_not_eligible(text):
    assert not Block(text, Limits()).eligible


def test_a_lenient_reader_takes_two_requests_for_one_no_more_than_a_strict_one():
    assert not Block(b"Host: x\n\nGET /c HTTP/1.1\r\n\r\n", Limits(strict=False)).eligible


def test_trust_looks_again_when_it_is_over(twins):
    made = twins("ReplayTrust 1\n", FILES)
    fetch(made, "/a.txt", "/a.txt")
    replay, clock = made.on.server.replay, 0.0
    for entry in replay._entries.values():
        entry.checked = clock
    put(made.root / "htdocs/a.txt", "changed")
    asked = bytes(Ask("/a.txt"))
    (room,) = replay._rooms.values()
    for _ in range(9):  # asking more often does not put it off
        clock += 0.11
        replay.next_turn(clock)
        assert replay.find(room, asked, "127.0.0.1") is not None
    replay.next_turn(clock + 0.11)
    assert replay.find(room, asked, "127.0.0.1") is None


def test_an_answer_is_looked_at_once_a_turn(twins):
    made = twins(files=FILES)
    made.again("/a.txt")
    replay = made.on.server.replay
    (room,) = replay._rooms.values()
    asked = bytes(Ask("/a.txt"))
    settle()
    replay.next_turn(replay.now + 1)
    assert replay.find(room, asked, "127.0.0.1") is not None
    put(made.root / "htdocs/a.txt", "changed")
    assert replay.find(room, asked, "127.0.0.1") is not None
    replay.next_turn(replay.now + 1)
    assert replay.find(room, asked, "127.0.0.1") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.chmod(0o640), lambda path: os.utime(path), lambda path: path.unlink(),
        lambda path: path.rename(path.with_name("other")), lambda path: path.write_text("x" * 20_000),
        lambda path: os.link(path, path.with_name("other")), lambda path: os.truncate(path, 5),
    ],
)  # fmt: skip
def test_any_change_of_a_stamp_ends_an_answer(twins, change):
    made = twins(files=FILES)
    made.again("/a.txt")
    change(made.root / "htdocs/a.txt")
    before = made.hits
    made.ask("/a.txt")
    assert made.hits == before


def test_heads_in_pieces_and_in_one_piece_are_answered(twins):
    made = twins(files=FILES)
    made.again("/a.txt")
    whole = bytes(Ask("/a.txt"))
    lone = made.on.talk(Talk((Ask("/a.txt"),)))
    assert made.on.talk(Talk((whole * 3,))).startswith(lone[:15])  # type: ignore[arg-type]
    assert made.on.talk(Talk((whole[:20] + whole[20:],)))[:15] == lone[:15]  # type: ignore[arg-type]


def test_the_date_is_that_of_each_answer(twins, monkeypatch):
    made = twins(files=FILES)
    made.again("/a.txt")
    monkeypatch.setattr("pyhttpd.core.replay.give.time.time", lambda: 1_700_000_000.0)
    assert b"Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n" in made.on.talk(Talk((Ask("/a.txt"),)))
