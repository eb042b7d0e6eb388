"""Header lines to `Headers`: shared by request heads and the trailers of chunked bodies.

Strict as RFC 9112 and 2.2's `HttpProtocolOptions Strict`: names are tokens, no blank before the colon, no
control bytes. Two rules of 2.2 stay because they are safe: a folded line becomes one blank (RFC 9112, 5.2
allows it), and equal names are merged with a comma - except the two fields that decide where a request goes
and where it ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyhttpd.http.headers import Headers
from pyhttpd.http.status import HTTPError

CRLF = b"\r\n"
TEXT = bytes([9, *range(32, 127), *range(128, 256)])  # bytes that may stand in a line
TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
SINGLE = frozenset({"host", "content-length"})

TOO_LARGE = "Size of a request header field exceeds server limit."
TOO_MANY = "The number of request header fields exceeds this server's limit."

_token = re.compile(TOKEN)
_names: dict[str, str] = {}  # names found valid, to their lower case; the same few come with every request
_NAMES_KEPT = 1000
_FOLD = re.compile("[ \t]*\r\n[ \t]+")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request's head may measure, in bytes and lines (LimitRequestLine, ...FieldSize, ...Fields).

    `fields` 0 means any number. `strict` and `simple` are HttpProtocolOptions: Strict or Unsafe, Allow0.9
    or Require1.0.
    """

    line: int = 8190
    field_size: int = 8190
    fields: int = 100
    strict: bool = True
    simple: bool = True


def refuse(log: str, notes: str = "") -> HTTPError:
    """400, with what the error page adds."""
    return HTTPError(400, log, notes=notes)


def parse_fields(text: str, limits: Limits) -> Headers:
    """The fields of `text`, whose lines are divided by CRLF (none at the end).

    Control bytes are not looked for here: see `has_bad_bytes`. Raises HTTPError 400.
    """
    if "\r\n " in text or "\r\n\t" in text or text[0] in " \t":
        text = _unfold(text)
    lines = text.split("\r\n")
    if limits.fields and len(lines) > limits.fields:
        raise refuse(TOO_MANY, TOO_MANY)
    if len(text) > limits.field_size and max(map(len, lines)) > limits.field_size:
        raise refuse(TOO_LARGE, TOO_LARGE)
    fields: dict[str, tuple[str, ...]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        key = _names.get(name) or _known(name)
        if not colon:
            raise refuse("Request header field is missing ':' separator")
        if key in fields:
            value = _merged(key, fields[key][1], value, limits)
        fields[key] = (name, value.strip(" \t"))
    return Headers.of(fields)


def has_bad_bytes(lines: bytes) -> bool:
    """Whether there is a control byte, or a CR or LF outside a CRLF (counted, which is fastest)."""
    return len(lines.translate(None, TEXT)) != 2 * lines.count(CRLF)


def _known(name: str) -> str:
    if not _token.fullmatch(name):
        raise refuse("Request header field name is malformed: " + name[:80])
    key = name.lower()
    if len(_names) < _NAMES_KEPT:
        _names[name] = key
    return key


def _merged(key: str, first: str, more: str, limits: Limits) -> str:
    if key in SINGLE:
        raise refuse(f"client sent more than one {key} field")
    value = first + ", " + more.strip(" \t")
    if len(value) > limits.field_size:
        raise refuse(TOO_LARGE, TOO_LARGE)
    return value


def _unfold(text: str) -> str:
    if text[0] in " \t":
        raise refuse("Line folding encountered before first header line")
    if any(not line.strip(" \t") for line in text.split("\r\n")):
        raise refuse("Empty folded line encountered")
    return _FOLD.sub(" ", text)
