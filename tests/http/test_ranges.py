"""Range: what is sent, what is ignored, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.http.headers import Headers
from pyhttpd.http.ranges import Multipart, Range, parse_ranges, wanted_range
from pyhttpd.http.status import HTTPError


@pytest.mark.parametrize(
    ("value", "ranges"),
    [
        ("bytes=0-9", [(0, 9)]),
        ("Bytes=99-99", [(99, 99)]),
        ("bytes=90-", [(90, 99)]),
        ("bytes=-5", [(95, 99)]),
        ("bytes=-500", [(0, 99)]),
        ("bytes=95-500", [(95, 99)]),
        ("bytes= 0-4", [(0, 4)]),
        ("bytes=50-54,0-4", [(50, 54), (0, 4)]),
        ("bytes=0-9,5-14", [(0, 9), (5, 14)]),
        ("bytes=0-4,500-600", [(0, 4)]),
        ("bytes=0-1,,4-5", [(0, 1), (4, 5)]),
    ],
)
def test_ranges_that_are_sent(value: str, ranges: list[tuple[int, int]]) -> None:
    assert parse_ranges(value, 100) == [Range(*pair) for pair in ranges]


@pytest.mark.parametrize(
    "value",
    [
        "bytes=-0",
        "bytes=9-5",
        "bytes=a-b",
        "bytes=",
        "lines=1-2",
        "0-5",
        "bytes=0-80,10-90,20-99",
        "bytes=0-1, bytes=4-5",
        "bytes=-",
        "bytes=5",
        "bytes=0-4 ",
        "bytes=0-1,x",
        "bytes=" + "9" * 30 + "-",
        "bytes=+1-2",
        "bytes=--1",
    ],
)
def test_sets_that_are_ignored(value: str) -> None:
    assert parse_ranges(value, 100) is None


@pytest.mark.parametrize("value", ["bytes=100-", "bytes=200-300", "bytes=500-600,700-"])
def test_sets_that_cannot_be_had(value: str) -> None:
    with pytest.raises(HTTPError) as error:
        parse_ranges(value, 100)
    assert error.value.status == 416


def test_max_ranges() -> None:
    value = "bytes=0-1,4-5,8-9"
    assert parse_ranges(value, 100, most=2) is None
    assert len(parse_ranges(value, 100, most=3) or ()) == 3
    assert len(parse_ranges(value, 100, most=None) or ()) == 3
    assert parse_ranges("bytes=0-1", 100, most=0) is None
    assert parse_ranges("bytes=" + "0-0," * 201, 1000) is None


def test_an_empty_body_has_no_ranges() -> None:
    assert parse_ranges("bytes=0-4", 0) is None


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('"a"', True),
        ('"b"', False),
        ('W/"a"', False),
        ("Tue, 01 Jan 2013 00:26:40 GMT", True),
        ("x", False),
        (None, True),
    ],
)
def test_if_range(condition: str | None, holds: bool) -> None:
    answer = Headers({"ETag": '"a"', "Last-Modified": "Tue, 01 Jan 2013 00:26:40 GMT"})
    request = Headers({"Range": "bytes=0-1"})
    if condition:
        request.set("If-Range", condition)
    assert (wanted_range(request, answer) is not None) == holds


def test_answers_that_are_parts_already_are_left_alone() -> None:
    request = Headers({"Request-Range": "bytes=0-1"})
    assert wanted_range(request, Headers()) == "bytes=0-1"
    assert wanted_range(request, Headers({"Content-Range": "bytes 0-1/2"})) is None
    assert wanted_range(request, Headers({"Content-Type": "multipart/byteranges; boundary=x"})) is None


def test_several_parts_stand_between_boundaries() -> None:
    parts = Multipart([Range(0, 1), Range(5, 9)], 100, "text/plain", "b")
    body = b"".join(lead + (b"x" * part.length if part else b"") for lead, part in parts.parts())
    assert body == (
        b"\r\n--b\r\nContent-type: text/plain\r\nContent-range: bytes 0-1/100\r\n\r\nxx"
        b"\r\n--b\r\nContent-type: text/plain\r\nContent-range: bytes 5-9/100\r\n\r\nxxxxx\r\n--b--\r\n"
    )
    assert parts.length == len(body)
    assert parts.media_type == "multipart/byteranges; boundary=b"


@given(st.text("0123456789-, ", max_size=40), st.integers(0, 60))
def test_ranges_never_leave_the_body(value: str, size: int) -> None:
    try:
        ranges = parse_ranges("bytes=" + value, size)
    except HTTPError:
        return
    for part in ranges or ():
        assert 0 <= part.start <= part.end < size
