"""In which order names stand: byte by byte, or as people count (VersionSort), letter case apart or not."""

import re

from pyhttpd.modules.mod_autoindex.options import Ix

DIGITS = re.compile(rb"[0-9]+")


def compare_names(one: str, other: str, options: Ix) -> int:
    """-1, 0 or 1. Names that differ in letter case only are still put in a fixed order."""
    a, b = (text.encode("utf-8", "surrogateescape") for text in (one, other))
    compare = compare_natural if Ix.VERSION_SORT in options else compare_bytes
    if Ix.IGNORE_CASE in options and (result := compare(a.upper(), b.upper())):
        return result
    return compare(a, b)


def compare_bytes(a: bytes, b: bytes) -> int:
    """Less, equal or greater than nothing, by the bytes as they are."""
    return (a > b) - (a < b)


def compare_natural(a: bytes, b: bytes) -> int:
    """Natural order: digits count as numbers, or with a leading zero as fractions; blanks are skipped."""
    i = j = 0
    while True:
        i, j = _past_blanks(a, i), _past_blanks(b, j)
        first, second = DIGITS.match(a, i), DIGITS.match(b, j)
        if first and second and (result := _compare_digits(first[0], second[0])):
            return result
        x, y = a[i : i + 1], b[j : j + 1]
        if x != y or not x:
            return compare_bytes(x, y)
        i, j = i + 1, j + 1


def _compare_digits(a: bytes, b: bytes) -> int:
    if not (a.startswith(b"0") or b.startswith(b"0")) and len(a) != len(b):
        return -1 if len(a) < len(b) else 1  # the longer number is the larger
    return compare_bytes(a, b)


def _past_blanks(text: bytes, position: int) -> int:
    while text[position : position + 1].isspace():
        position += 1
    return position
