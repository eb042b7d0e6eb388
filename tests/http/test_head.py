"""Request heads: a corpus of raw bytes fed whole and in pieces, the limits, and any bytes at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.http.head import Head, HeadReader, Limits, split_target
from pyhttpd.http.status import HTTPError

LIMITS = Limits()
DATA = Path(__file__).parent / "data" / "heads"


def read(data: bytes, step: int, limits: Limits = LIMITS) -> tuple[Head | None, bytes]:
    reader = HeadReader(limits)
    for at in range(0, len(data), step):
        if head := reader.feed(data[at : at + step]):
            return head, reader.rest + data[at + step :]
    return None, b""


def status_of(data: bytes, limits: Limits = LIMITS, step: int = 100000) -> int:
    with pytest.raises(HTTPError) as error:
        read(data, step, limits)
    return error.value.status


@pytest.mark.parametrize("step", [1, 7, 100000])
@pytest.mark.parametrize("case", sorted(DATA.glob("good-*.http")), ids=lambda path: path.stem)
def test_good_heads_are_read_in_any_pieces(case: Path, step: int) -> None:
    head, rest = read(case.read_bytes(), step)
    line, *fields = case.with_suffix(".txt").read_text().splitlines()
    assert head is not None
    assert head.line == line
    for name, _, value in (field.partition("=") for field in fields):
        assert (rest.decode() if name == "rest" else head.headers.get(name)) == value


@pytest.mark.parametrize("step", [1, 7, 100000])
@pytest.mark.parametrize("case", sorted(DATA.glob("bad-*.http")), ids=lambda path: path.stem)
def test_bad_heads_are_refused_in_any_pieces(case: Path, step: int) -> None:
    with pytest.raises(HTTPError) as error:
        read(case.read_bytes(), step)
    assert error.value.status == 400
    assert error.value.head is not None


def test_the_error_tells_the_request_line() -> None:
    with pytest.raises(HTTPError) as error:
        read(b"GET   /x   HTTP/1.1 more\r\nHost: h\r\n\r\n", 100)
    assert error.value.head
    assert error.value.head.line == "GET /x HTTP/1.1"


@pytest.mark.parametrize("step", [1, 100000])
def test_limits(step: int) -> None:
    limits = Limits(line=20, field_size=12, fields=2)
    assert status_of(b"GET /aaaaaa HTTP/1.0X\r\n\r\n", limits, step) == 414
    assert status_of(b"GET /" + b"a" * 30, limits, step) == 414
    start = b"GET / HTTP/1.0\r\n"
    assert read(start + b"X: 123456789\r\nY: 1\r\n\r\n", step, limits)[0]
    assert status_of(start + b"X: 1234567890\r\n\r\n", limits, step) == 400
    assert status_of(start + b"X: 12345\r\nX: 678901\r\n\r\n", limits, step) == 400
    assert status_of(start + b"X: 12345\r\n  67890\r\n\r\n", limits, step) == 400
    assert status_of(start + b"X: 1\r\nX: 2\r\nX: 3\r\n\r\n", limits, step) == 400


@pytest.mark.parametrize("flood", [b"a" * 100000, b"A: b\r\n" * 200000])
def test_floods_are_refused_before_they_end(flood: bytes) -> None:
    assert status_of(b"GET / HTTP/1.0\r\n" + flood, step=65536) == 400


def test_unsafe_mode_takes_what_strict_refuses() -> None:
    limits = Limits(strict=False)
    for raw in (
        b"GET / HTTP/1.1\nHost: h\n\n",
        b"GET   /   http/1.1 \r\nHost: h\n\r\n",
        b"GET /#x HTTP/1.1\nHost: h\n\n",
    ):
        for step in (1, 1000):
            head, _ = read(raw, step, limits)
            assert head
            assert head.protocol == "HTTP/1.1"
    assert status_of(b"GET / HTTP/1.1\nHost : h\n\n", limits) == 400
    assert status_of(b"GET /\n", Limits(strict=False, simple=False)) == 400


def test_unsafe_mode_leaves_the_body_alone() -> None:
    assert read(b"GET / HTTP/1.0\n\na\nb\r\nc", 1000, Limits(strict=False))[1] == b"a\nb\r\nc"


def test_too_many_empty_lines_are_refused() -> None:
    assert status_of(b"\r\n" * 101) == 400


def test_started_and_partial_tell_how_far_a_request_is() -> None:
    reader = HeadReader()
    reader.feed(b"\r\n")
    assert not reader.started
    reader.feed(b"GET / HT")
    assert reader.started
    assert reader.partial is None
    reader.feed(b"TP/1.1\r\nHost:")
    assert reader.partial
    assert reader.partial.line == "GET / HTTP/1.1"


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("/a?b?c", ("/a", "b?c", None, None)),
        ("/a?", ("/a", "", None, None)),
        ("*", ("*", None, None, None)),
        ("//a/b", ("//a/b", None, None, None)),
        ("HTTP://H:81?q", ("/", "q", "HTTP", "H:81")),
        ("http://h/a", ("/a", None, "http", "h")),
        ("/a#b?c", ("/a", None, None, None)),
    ],
)
def test_targets_are_split(target: str, parts: tuple[str | None, ...]) -> None:
    assert split_target(target) == parts


def test_connect_has_an_authority_only() -> None:
    assert split_target("h:443", "CONNECT") == ("", None, None, "h:443")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_head_or_refused(data: bytes) -> None:
    for step in (1, 1000):
        try:
            head, _ = read(b"GET / HTTP/1.1\r\nHost: h\r\n" + data, step)
        except HTTPError as error:
            refused = error.status
        else:
            refused = 400
            for name, value in head.headers.items() if head else ():
                assert name
                assert not set("\r\n\0") & set(value)
        assert refused == 400
