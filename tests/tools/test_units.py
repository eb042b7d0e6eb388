"""Numbers for people."""

import pytest

from pyhttpd.tools.units import age, number, percent, printed, size


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (number, 0, "0"),
        (number, 0.01, "<0.1"),
        (number, 0.44, "0.4"),
        (number, 9999, "9999"),
        (number, 12345, "12.3k"),
        (number, 999_960, "1.0M"),
        (size, 999, "999"),
        (size, 1024, "1.0k"),
        (size, 150 << 20, "150M"),
        (percent, 0.034, "3.4%"),
        (percent, 1.5, "150%"),
        (age, 59, "59s"),
        (age, 192, "3m12s"),
        (age, 7500, "2h05m"),
        (age, 100 * 3600, "4d04h"),
        (printed, "a\x1b[2Jb\n", "a?[2Jb?"),
    ],
)
def test_numbers_are_short(function, value, text):
    assert function(value) == text


def test_young_requests_are_told_apart():
    assert age(0.25, fine=True) == "0.2s"
    assert age(12.5, fine=True) == "12s"
