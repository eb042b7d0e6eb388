"""If-Match and its kin: whether a request still wants the body (RFC 9110, 13; 2.2's ap_meets_conditions).

2.2's precedence differs from today's in one point, kept here: with both If-None-Match and
If-Modified-Since, both must say "not modified" before a 304 is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pyhttpd.http.dates import parse_http_date

CONDITIONS = frozenset(("if-match", "if-none-match", "if-modified-since", "if-unmodified-since"))
"""The fields that make a request conditional, in lower case."""

_ITEM = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+', re.DOTALL)


def list_items(value: str) -> list[str]:
    """The items of a comma separated field; commas in quoted strings do not divide."""
    return [item for found in _ITEM.findall(value) if (item := found.strip(" \t"))]


def meets_conditions(
    method: str, get: Callable[[str], str | None], etag: str | None, mtime: int | None, now: int
) -> int:
    """0 to go on, or 304 or 412.

    `get` reads request fields, `mtime` is the resource's (None: it has none, and counts as of `now`), `now`
    the time of the request; both in whole seconds, the resolution HTTP has.
    """
    modified = now if mtime is None else mtime
    if _precondition_fails(get, etag, modified):
        return 412
    reading = method in ("GET", "HEAD")
    none_match = get("If-None-Match")
    not_modified = False
    if none_match is not None:
        strong = reading and get("Range") is not None
        not_modified = none_match[:1] == "*" or _listed(etag, none_match, strong)
        if not_modified and not reading:
            return 412
    if reading and (not_modified or none_match is None) and (since := get("If-Modified-Since")) is not None:
        then = parse_http_date(since) or 0
        not_modified = modified <= then <= now  # a date in the future is no date
    return 304 if not_modified else 0


def _precondition_fails(get: Callable[[str], str | None], etag: str | None, modified: int) -> bool:
    match = get("If-Match")
    if match is not None:
        return match[:1] != "*" and not _listed(etag, match, strong=True)
    then = parse_http_date(get("If-Unmodified-Since") or "")
    return then is not None and modified > then


def _listed(etag: str | None, value: str, strong: bool) -> bool:
    """Whether the list has that very tag: to 2.2 W/"x" is not "x", and no weak tag matches strongly."""
    return etag is not None and not (strong and etag.startswith("W")) and etag in list_items(value)
