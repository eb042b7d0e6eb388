"""HTTP dates: three forms in, one out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.http.dates import http_date, parse_http_date


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 01 Jan 2013 00:26:40 GMT",
        "Tue, 1 Jan 2013 00:26:40 GMT",
        "Tuesday, 01-Jan-13 00:26:40 GMT",
        "Tue Jan  1 00:26:40 2013",
        "Tue Jan 01 00:26:40 2013",
        "Tue, 01 Jan 2013 00:26:40 GMT; length=100",
        "  xyz 01 Jan 2013 00:26:40 whatever",
    ],
)
def test_forms_that_are_read(text: str) -> None:
    assert parse_http_date(text) == 1357000000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Tue, 01 jan 2013 00:26:40 GMT",
        "Tue, 01 Foo 2013 00:26:40 GMT",
        "Tue, 31 Apr 2013 00:26:40 GMT",
        "Tue, 29 Feb 2013 00:26:40 GMT",
        "Tue, 00 Jan 2013 00:26:40 GMT",
        "Tue, 01 Jan 2013 24:00:00 GMT",
        "Tue, 01 Jan 2013 00:26:40",
        "Tue, 01 Jan 1899 00:26:40 GMT",
        "Tue, 01 Jan 2013 00:60:40 GMT",
        "1357000000",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert parse_http_date(text) is None


def test_two_digit_years_turn_at_70() -> None:
    assert parse_http_date("Thursday, 01-Jan-70 00:00:00 GMT") == 0
    assert parse_http_date("Tuesday, 01-Jan-69 00:00:00 GMT") == 3124224000


@given(st.integers(0, 250000000000))
def test_dates_come_back(seconds: int) -> None:
    assert parse_http_date(http_date(seconds)) == seconds
