"""Conditional requests: one row per recorded conversation, and the combinations."""

from __future__ import annotations

import pytest

from pyhttpd.http.conditional import list_items, meets_conditions
from pyhttpd.http.headers import Headers

MTIME = 1357000000
NOW = 1700000000
SAME, LATER, EARLIER = (
    "Tue, 01 Jan 2013 00:26:40 GMT",
    "Wed, 02 Jan 2013 00:00:00 GMT",
    "Mon, 31 Dec 2012 00:00:00 GMT",
)
FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT"
TAG = '"64-4d22f2ef5d000"'


@pytest.mark.parametrize(
    ("fields", "get", "post"),
    [
        ({}, 0, 0),
        ({"If-Modified-Since": SAME}, 304, 0),
        ({"If-Modified-Since": LATER}, 304, 0),
        ({"If-Modified-Since": EARLIER}, 0, 0),
        ({"If-Modified-Since": FUTURE}, 0, 0),
        ({"If-Modified-Since": "yesterday"}, 0, 0),
        ({"If-None-Match": TAG}, 304, 412),
        ({"If-None-Match": '"x"'}, 0, 0),
        ({"If-None-Match": f'"x", {TAG}'}, 304, 412),
        ({"If-None-Match": "*"}, 304, 412),
        ({"If-None-Match": "W/" + TAG}, 0, 0),
        ({"If-None-Match": '"x"', "If-Modified-Since": LATER}, 0, 0),
        ({"If-None-Match": TAG, "If-Modified-Since": EARLIER}, 0, 412),
        ({"If-None-Match": TAG, "If-Modified-Since": LATER}, 304, 412),
        ({"If-Match": TAG}, 0, 0),
        ({"If-Match": '"x"'}, 412, 412),
        ({"If-Match": "*"}, 0, 0),
        ({"If-Unmodified-Since": LATER}, 0, 0),
        ({"If-Unmodified-Since": EARLIER}, 412, 412),
        ({"If-Unmodified-Since": "x"}, 0, 0),
        ({"If-Match": TAG, "If-Unmodified-Since": EARLIER}, 0, 0),
    ],
)
def test_conditions(fields: dict[str, str], get: int, post: int) -> None:
    for method, expected in (("GET", get), ("HEAD", get), ("POST", post)):
        assert meets_conditions(method, Headers(fields).get, TAG, MTIME, NOW) == expected


def test_a_weak_tag_matches_itself_but_neither_if_match_nor_a_range() -> None:
    weak = 'W/"a"'
    assert meets_conditions("GET", Headers({"If-None-Match": weak}).get, weak, MTIME, NOW) == 304
    assert meets_conditions("GET", Headers({"If-None-Match": weak, "Range": "x"}).get, weak, MTIME, NOW) == 0
    assert meets_conditions("GET", Headers({"If-Match": weak}).get, weak, MTIME, NOW) == 412


def test_without_a_tag_or_a_time() -> None:
    assert meets_conditions("GET", Headers({"If-None-Match": TAG}).get, None, MTIME, NOW) == 0
    assert meets_conditions("GET", Headers({"If-Match": TAG}).get, None, MTIME, NOW) == 412
    assert meets_conditions("GET", Headers({"If-Modified-Since": LATER}).get, None, None, NOW) == 0


def test_commas_in_quotes_do_not_divide() -> None:
    assert list_items('"a,b" , W/"c", , d') == ['"a,b"', 'W/"c"', "d"]
    assert list_items(r'"a\",b",c') == [r'"a\",b"', "c"]
    assert list_items('"open, x') == ['"open, x']
