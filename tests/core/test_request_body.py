"""A request's body as handlers read it."""

import pytest

from pyhttpd.core.body import CONTINUE, RequestBody
from pyhttpd.http.body import ChunkedBody, LengthBody, NoBody
from pyhttpd.http.status import HTTPError


def body(framing, buffered=b"", *pieces, expected=False, limit=0):
    """A body whose connection gives these pieces and then ends; what was said is in `said`."""
    coming, said = list(pieces), []

    def receive():
        piece = coming.pop(0) if coming else b""
        if piece is None:
            raise TimeoutError
        return piece

    made = RequestBody(framing, buffered, receive, said.append, expected)
    made.limit = limit
    made.said = said
    return made


def all_of(made, size=65536):
    return b"".join(iter(lambda: made.read(size), b""))


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_body_of_known_length(size):
    made = body(LengthBody(5), b"ab", b"cdeGET")
    assert (made.length, made.chunked, made.remaining) == (5, False, True)
    assert all_of(made, size) == b"abcde"
    assert (made.remaining, made.rest, made.length) == (False, b"GET", 0)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_body_in_chunks(size):
    made = body(ChunkedBody(), b"2\r\nab\r\n", b"3\r\ncde\r\n0\r\n\r\nGET")
    assert (made.length, made.chunked) == (None, True)
    assert all_of(made, size) == b"abcde"
    assert made.rest == b"GET"


def test_no_body_leaves_the_connection_alone():
    made = body(NoBody(), b"GET", b"never")
    assert not made.remaining
    assert made.read() == b""
    assert made.rest == b"GET"


def test_continue_is_said_once_before_waiting():
    made = body(LengthBody(4), b"", b"ab", b"cd", expected=True)
    assert made.said == []
    assert all_of(made) == b"abcd"
    assert made.said == [CONTINUE]


@pytest.mark.parametrize("buffered", [b"a", b"abcd"])
def test_continue_is_said_to_one_who_began_as_well(buffered):
    made = body(LengthBody(4), buffered, b"abcd"[len(buffered) :], expected=True)
    assert all_of(made) == b"abcd"
    assert made.said == [CONTINUE]


@pytest.mark.parametrize(
    ("framing", "pieces", "status"),
    [
        (LengthBody(4), [b"ab"], 400),
        (LengthBody(4), [b"ab", None], 408),
        (ChunkedBody(), [b"2\r\na"], 400),
        (ChunkedBody(), [None], 408),
        (ChunkedBody(), [b"x\r\n"], 400),
    ],
)
def test_a_body_that_does_not_come_to_its_end(framing, pieces, status):
    with pytest.raises(HTTPError) as caught:
        all_of(body(framing, b"", *pieces))
    assert caught.value.status == status


def test_a_length_above_the_limit_is_refused_before_anything_is_said_or_read():
    made = body(LengthBody(5), b"", b"abcde", expected=True, limit=4)
    with pytest.raises(HTTPError) as caught:
        made.read()
    assert (caught.value.status, made.said) == (413, [])


def test_chunks_above_the_limit_are_refused_when_they_come():
    made = body(ChunkedBody(), b"", b"3\r\nabc\r\n", b"2\r\nde\r\n", limit=4)
    assert made.read() == b"abc"
    with pytest.raises(HTTPError) as caught:
        made.read()
    assert caught.value.status == 413


def test_a_limit_is_what_may_come():
    assert all_of(body(LengthBody(4), b"abcd", limit=4)) == b"abcd"
    assert all_of(body(ChunkedBody(), b"4\r\nabcd\r\n0\r\n\r\n", limit=4)) == b"abcd"
    assert all_of(body(LengthBody(6), b"ab", b"cd", b"ef", limit=6)) == b"abcdef"


def test_discarding_reads_to_the_end():
    made = body(LengthBody(5), b"ab", b"cde", b"GET")
    made.discard()
    assert (made.remaining, made.rest) == (False, b"")
