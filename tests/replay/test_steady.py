"""A connection with a thread of its own: what is known is answered in one go, and nobody can tell."""

import pytest
from replay_files import put, settle
from replay_world import COMMON_LOG, Ask, Talk

FILES = {"htdocs/a.txt": "some text", "htdocs/b.html": "b" * 5000, "htdocs/big.txt": "c" * 300_000}
SINCE = ("If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT",)
A, B = Ask("/a.txt"), Ask("/b.html")


def talk(*asks):
    return Talk(asks, how="thread")


@pytest.mark.parametrize(
    "other",
    [
        B, Ask("/a.txt", lines=SINCE), Ask("/none.txt"), Ask("/a.txt", "HEAD"), Ask("/big.txt"),
        Ask("/a.txt", "POST"),
        Ask("/a.txt", lines=("Connection: keep-alive",)), Ask("/a.txt", lines=("Range: bytes=2-3",)),
        Ask("/a.txt", lines=("Connection: close",)), Ask("/a.txt", version="1.0"),
        Ask("/a.txt", lines=('If-None-Match: "x"',)),
    ],
    ids=repr,
)  # fmt: skip
def test_conversations_are_the_same(twins, other):
    made = twins(COMMON_LOG, FILES)
    made.again("/a.txt")
    before = made.hits
    for _ in range(2):
        made.agree(talk(A, A, A, other, other, other, other, A))
    made.agree(talk(other))
    assert made.hits >= before + 6


def test_a_connection_ends_after_so_many_requests(twins):
    made = twins(COMMON_LOG + "MaxKeepAliveRequests 4\n", FILES)
    made.again("/a.txt")
    said = made.agree(talk(*[A] * 6))
    assert said.count(b"HTTP/1.1 200") == 5  # the first of them keeps the connection without counting
    assert said.count(b"Connection: close") == 1


class Then(Ask):
    """A request before which something happens."""

    happens = staticmethod(lambda: None)

    def __bytes__(self):
        self.happens()
        return super().__bytes__()


def test_a_connection_ends_when_its_child_is_told_to_finish(twins):
    made = twins(COMMON_LOG, FILES)
    made.again("/a.txt")

    class Finishing(Then):
        happens = staticmethod(lambda: setattr(made.on.board, "stopping", True))

    said = made.on.talk(talk(A, A, A, Finishing("/a.txt"), A))
    assert said.count(b"HTTP/1.1 200") == 4
    assert said.count(b"Connection: close\r\n") == 1


def test_a_file_that_changes_between_two_requests_is_the_new_one(twins):
    made = twins(COMMON_LOG, FILES)
    made.again("/a.txt")

    class Changing(Then):
        @staticmethod
        def happens():
            put(made.root / "htdocs/a.txt", "other text")
            settle()

    said = made.on.talk(talk(A, A, A, Changing("/a.txt"), A, A))
    assert said.count(b"some text") == said.count(b"other text") == 3


def test_files_are_not_looked_at_as_long_as_they_are_trusted(twins):
    made = twins(COMMON_LOG + "ReplayTrust 60\n", FILES)
    made.on.talk(talk(A, A))
    put(made.root / "htdocs/a.txt", "other text")
    settle()
    assert made.on.talk(talk(A, A)).count(b"some text") == 2


def test_a_client_that_leaves_ends_it(twins):
    made = twins(COMMON_LOG, FILES)
    made.again("/a.txt")
    assert made.on.talk(talk(A)).count(b"HTTP/1.1 200") == 1
    assert made.on.talk(talk()) == b""
