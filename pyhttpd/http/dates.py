"""Dates as HTTP writes them (RFC 9110, 5.6.7), to and from seconds since 1970.

Reading is as lenient and as strict as 2.2: the weekday and the zone are not looked at, the three classic
forms (and a day of one digit) are, impossible days are refused. Names are English whatever the locale says.
"""

from __future__ import annotations

import re
import time
from calendar import isleap, timegm
from functools import lru_cache

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_TIME = r"(?P<h>[0-9]{2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})"
_FORMS = tuple(
    re.compile(form.replace("TIME", _TIME).replace("MON", "(?P<mon>[A-Z][a-z]{2})").replace("DAY", "(?P<d>"))
    for form in (
        r"DAY[0-9]{1,2}) MON (?P<y>[0-9]{4}) TIME ",  # RFC 1123
        r"DAY[0-9]{2})-MON-(?P<y>[0-9]{2}) TIME ",  # RFC 850
        r"MON DAY[ 0-9][0-9]) TIME (?P<y>[0-9]{4})",  # asctime
    )
)


@lru_cache(maxsize=1024)
def http_date(seconds: int) -> str:
    """`Tue, 01 Jan 2013 00:26:40 GMT` for whole seconds since 1970, remembered per second."""
    year, month, day, hour, minute, second, weekday, *_ = time.gmtime(seconds)
    return f"{DAYS[weekday]}, {day:02} {MONTHS[month - 1]} {year} {hour:02}:{minute:02}:{second:02} GMT"


@lru_cache(maxsize=256)
def parse_http_date(text: str) -> int | None:
    """Seconds since 1970, or None for what is no date."""
    _, _, date = text.lstrip(" \t\n\v\f\r").partition(" ")  # the weekday may be anything
    for form in _FORMS:
        if found := form.match(date):
            return _seconds(*found.group("y", "mon", "d", "h", "m", "s"))
    return None


def _seconds(year_text: str, month: str, *rest: str) -> int | None:
    day, hour, minute, second = map(int, rest)
    year = int(year_text)
    if len(year_text) == 2:  # RFC 850: 70-99 are 19xx
        year += 1900 if year >= 70 else 2000
    if year < 1900 or month not in MONTHS or hour > 23 or minute > 59 or second > 61:
        return None
    index = MONTHS.index(month)
    if not 1 <= day <= _MONTH_DAYS[index] or (index == 1 and day == 29 and not isleap(year)):
        return None
    return timegm((year, index + 1, day, hour, minute, second))
