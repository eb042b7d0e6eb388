"""Request bodies in any pieces, what is refused, and that what is written can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.http.body import LAST_CHUNK, BodyFraming, ChunkedBody, LengthBody, NoBody, chunk
from pyhttpd.http.head import Head, Limits
from pyhttpd.http.headers import Headers
from pyhttpd.http.status import HTTPError


def framing(version: tuple[int, int] = (1, 1), **fields: str) -> BodyFraming:
    headers = Headers({name.replace("_", "-"): value for name, value in fields.items()})
    return BodyFraming.from_head(Head("POST", "/", "HTTP/1.1", version, headers, ""))


def drink(reader: BodyFraming, data: bytes, step: int) -> bytes:
    return b"".join(reader.feed(data[at : at + step]) for at in range(0, len(data), step))


def test_the_fields_choose_the_reader() -> None:
    assert isinstance(framing(), NoBody)
    assert isinstance(framing(Content_Length="0"), NoBody)
    length = framing(Content_Length="005")
    assert isinstance(length, LengthBody)
    assert length.remaining == 5
    assert isinstance(framing(Transfer_Encoding="Chunked"), ChunkedBody)


@pytest.mark.parametrize("value", ["+5", "-1", "5, 5", "0x5", "abc", "", " ", "5 5", "1e3", "9" * 23, "٣"])
def test_lengths_that_are_none_are_refused(value: str) -> None:
    with pytest.raises(HTTPError) as error:
        framing(Content_Length=value)
    assert error.value.status == 400


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("gzip", 400),
        ("chunked, gzip", 400),
        ("gzip, chunked", 501),
        ("chunked, chunked", 501),
        ("xchunked", 400),
        ("\x0bchunked", 400),
        ("chunked;q=1", 400),
        ("identity", 400),
        ("", 400),
    ],
)
def test_other_transfer_codings_are_refused(value: str, status: int) -> None:
    with pytest.raises(HTTPError) as error:
        framing(Transfer_Encoding=value)
    assert error.value.status == status


def test_what_two_readers_could_understand_differently_is_refused() -> None:
    with pytest.raises(HTTPError):
        framing(Transfer_Encoding="chunked", Content_Length="5")
    with pytest.raises(HTTPError):
        framing((1, 0), Transfer_Encoding="chunked")


@pytest.mark.parametrize("step", [1, 3, 100])
def test_a_length_ends_the_body(step: int) -> None:
    reader = LengthBody(5)
    assert drink(reader, b"hello world", step) == b"hello"
    assert reader.done
    assert reader.rest == b" world"


@pytest.mark.parametrize("step", [1, 3, 100])
@pytest.mark.parametrize(
    ("data", "body"),
    [
        (b"5\r\nhello\r\n1 ; a=b\r\n!\r\n0\r\n\r\nrest", b"hello!"),
        (b"0005;x\r\nhel\r\n\r\n000\r\nX-A: b\r\nX-B: c\r\n\r\nrest", b"hel\r\n"),
        (b"a\r\n0123456789\r\n0\r\n\r\nrest", b"0123456789"),
    ],
)
def test_chunks_are_put_together(data: bytes, body: bytes, step: int) -> None:
    reader = ChunkedBody()
    assert drink(reader, data, step) == body
    assert reader.done
    assert reader.rest == b"rest"


def test_trailers_are_kept() -> None:
    reader = ChunkedBody()
    reader.feed(b"0\r\nX-A: b\r\n\r\n")
    assert reader.trailers.get("x-a") == "b"


@pytest.mark.parametrize("step", [1, 100])
@pytest.mark.parametrize(
    "data",
    [
        b"5\nhello\r\n",
        b"x\r\n",
        b"\r\n",
        b"-1\r\n",
        b"+5\r\n",
        b"0x5\r\n",
        b" 5\r\n",
        b"5\r\nhelloX",
        b"1" * 17 + b"\r\n",
        b"5;a\rb\r\n",
        b"5;a\nb\r\n",
        b"5;\x00\r\n",
        b"0\r\nX : a\r\n\r\n",
        b"0\r\nX: a\n\r\n\r\n",
        b"0\r\n y\r\n\r\n",
        b"1;" + b"a" * 9000,
        b"0\r\nX: " + b"a" * 9000,
        b"0\r\n" + b"X: a\r\n" * 101 + b"\r\n",
    ],
)
def test_bad_chunks_are_refused(data: bytes, step: int) -> None:
    with pytest.raises(HTTPError) as error:
        drink(ChunkedBody(), data, step)
    assert error.value.status == 400


def test_trailers_obey_the_limits() -> None:
    with pytest.raises(HTTPError):
        ChunkedBody(Limits(field_size=5)).feed(b"0\r\nX-Long: a\r\n\r\n")


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50), st.binary(max_size=5))
def test_what_is_written_can_be_read(parts: list[bytes], step: int, rest: bytes) -> None:
    reader = ChunkedBody()
    data = b"".join(map(chunk, parts)) + LAST_CHUNK + rest
    assert drink(reader, data, step) == b"".join(parts)
    assert reader.done
    assert reader.rest == rest
