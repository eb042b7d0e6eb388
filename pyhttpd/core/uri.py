"""Paths and the ways to write them: decode, clean up, escape, compare with wildcards.

All on text by the project's rule (UTF-8 with `surrogateescape`), so that any byte survives the way in and
out. The sets of characters are 2.2's (server/util.c): they show in redirects, listings and logs, and
escapes are lower case.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from pyhttpd.http.head import split_target
from pyhttpd.http.status import HTTPError

__all__ = [
    "BadPath",
    "escape_html",
    "escape_log_item",
    "escape_path",
    "escape_path_segment",
    "escape_uri",
    "match_name",
    "name_pattern",
    "no2slash",
    "normalise",
    "split_target",
    "unescape",
    "unescape_text",
]

EncodedSlashes = Literal["off", "on", "nodecode"]

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})?")
_SLASHES = re.compile("//+")
_NOT_IN_PATH = re.compile(rb"[^A-Za-z0-9$\-_.+!*'(),:@&=/~]")
_NOT_IN_SEGMENT = re.compile(rb"[^A-Za-z0-9$\-_.+!*'(),:@&=~]")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9$\-_.+!*'(),@&=/~]*")  # no colon: the first segment may need care
_NOT_IN_LOG = re.compile(rb"[^ !#-\[\]-~]")
_LOG_LETTERS = {8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
_HTML = {ord("<"): "&lt;", ord(">"): "&gt;", ord("&"): "&amp;", ord('"'): "&quot;"}


class BadPath(HTTPError):
    """A path refused while it was decoded; `path` is what it decodes to, for the error page and the log."""

    def __init__(self, status: int, log: str, path: str) -> None:
        super().__init__(status, log)
        self.path = path


def unescape(path: str, encoded_slashes: EncodedSlashes = "off") -> str:
    """Decode %xx. Raises BadPath 400 for an escape that is none, else 404 for %00, and %2f unless allowed.

    `encoded_slashes` is AllowEncodedSlashes: `on` decodes %2f like any other, `nodecode` leaves it as it is.
    """
    if "%" not in path:
        return path
    faults: set[int] = set()

    def decoded(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            faults.add(400)
            return found[0]
        byte = bytes((int(found[1], 16),))
        if byte == b"\0" or (byte == b"/" and encoded_slashes == "off"):
            faults.add(404)
        return found[0] if byte == b"/" and encoded_slashes == "nodecode" else byte

    text = _ESCAPE.sub(decoded, _bytes(path)).decode("utf-8", "surrogateescape")
    if 400 in faults:
        raise BadPath(400, "bad escape in URI", text)
    if faults:
        text = text.partition("\0")[0]
        raise BadPath(404, f"found %2f (encoded '/') in URI (decoded='{text}'), returning 404", text)
    return text


def unescape_text(text: str) -> str:
    """Decode what is a %xx and leave everything else: for queries and cookies, where nothing is refused."""
    if "%" not in text:
        return text
    raw = _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)) if found[1] else found[0], _bytes(text))
    return raw.decode("utf-8", "surrogateescape")


def normalise(path: str) -> str:
    """Resolve `.` and `..` segments (RFC 3986, 5.2.4); double slashes stay (see `no2slash`).

    Raises HTTPError 400 for a path that does not begin with a slash (`*` aside) or leaves the root.
    """
    if path[:1] != "/" and path != "*":
        raise HTTPError(400, f"Invalid URI in request: {path[:256]!r}")
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            kept.pop()
            if not kept:
                raise HTTPError(400, f"Invalid URI in request: {path[:256]!r}")
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def no2slash(path: str) -> str:
    """Several slashes become one, as where a path is mapped to files."""
    return _SLASHES.sub("/", path) if "//" in path else path


def escape_path(path: str, partial: bool = True) -> str:
    """A path as it stands in a URL, slashes kept (ap_os_escape_path).

    Unless `partial`, a path whose first segment has a colon gets `./` before it, so that nobody takes it
    for a scheme.
    """
    if _PLAIN_PATH.fullmatch(path):
        return path
    colon, slash = path.find(":"), path.find("/")
    lead = "./" if not partial and colon >= 0 and (slash < 0 or colon < slash) else ""
    return lead + _NOT_IN_PATH.sub(_percent, _bytes(path)).decode("ascii")


def escape_path_segment(segment: str) -> str:
    """One segment, its slashes escaped as well (ap_escape_path_segment)."""
    return _NOT_IN_SEGMENT.sub(_percent, _bytes(segment)).decode("ascii")


def escape_uri(path: str) -> str:
    """ap_escape_uri."""
    return escape_path(path, partial=True)


def escape_html(text: str) -> str:
    """For HTML, in text and in quoted attributes."""
    return text.translate(_HTML)


def escape_log_item(text: str) -> str:
    """For a log line (ap_escape_logitem): spells out quotes, backslashes, control bytes, bytes above 126."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return _NOT_IN_LOG.sub(_log_escape, _bytes(text)).decode("ascii")


def match_name(pattern: str, name: str, *, pathname: bool = False, ignore_case: bool = False) -> bool:
    """Whether a wildcard pattern matches all of `name` (apr_fnmatch).

    `*` is anything, `?` one character, `[a-z]` one of a set, `[!a-z]` one outside it, a backslash takes the
    next character as it is. With `pathname` none of them matches a slash.
    """
    return name_pattern(pattern, pathname, ignore_case).fullmatch(name) is not None


@lru_cache(maxsize=512)
def name_pattern(pattern: str, pathname: bool = False, ignore_case: bool = False) -> re.Pattern[str]:
    """The regular expression of a wildcard pattern, for callers that match it often; use `fullmatch`."""
    any_char = "[^/]" if pathname else "."
    parts = [_wildcard(found, any_char) for found in _WILDCARD.finditer(pattern)]
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


_WILDCARD = re.compile(
    r"(?P<many>\*+)|(?P<one>\?)|\[(?P<not>[!^]?)(?P<set>\]?(?:\\.|[^\]\\])*)\]|\\(?P<plain>.)|.", re.DOTALL
)
_MEMBER = re.compile(r"\\?(?P<low>.)(?:-\\?(?P<high>[^\]]))?", re.DOTALL)


def _wildcard(found: re.Match[str], any_char: str) -> str:
    if found["many"]:
        return any_char + "*"
    if found["one"]:
        return any_char
    if found["set"] is not None:
        return _set(found["set"], negated=bool(found["not"]), guard="(?!/)" if any_char != "." else "")
    return re.escape(found["plain"] or found[0])


def _set(members: str, negated: bool, guard: str) -> str:
    """A bracket's members; a range the wrong way round has none."""
    parts = [
        re.escape(low) + (f"-{re.escape(high)}" if high else "")
        for low, high in _MEMBER.findall(members)
        if not high or low <= high
    ]
    if not parts:
        return guard + "." if negated else "(?!)"
    return f"{guard}[{'^' if negated else ''}{''.join(parts)}]"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _percent(found: re.Match[bytes]) -> bytes:
    return b"%%%02x" % found[0][0]


def _log_escape(found: re.Match[bytes]) -> bytes:
    byte = found[0][0]
    return _LOG_LETTERS.get(byte) or b"\\x%02x" % byte
