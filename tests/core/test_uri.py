"""Paths: decoding, cleaning, escaping, wildcards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.core.uri import (
    BadPath,
    EncodedSlashes,
    escape_html,
    escape_log_item,
    escape_path,
    escape_path_segment,
    escape_uri,
    match_name,
    no2slash,
    normalise,
    unescape,
    unescape_text,
)
from pyhttpd.http.status import HTTPError

BYTES = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
PATHS = st.lists(st.sampled_from(["a", "..", ".", "", "...", "b.c", ".d"]), max_size=8).map(
    lambda segments: "/" + "/".join(segments)
)


@pytest.mark.parametrize(
    ("path", "decoded"),
    [
        ("/%78.txt", "/x.txt"),
        ("/a+b%20c", "/a+b c"),
        ("/50%25", "/50%"),
        ("/%C3%A4", "/ä"),
        ("/%E4", "/\udce4"),
        ("/q%3f%09", "/q?\t"),
    ],
)
def test_escapes_are_decoded(path: str, decoded: str) -> None:
    assert unescape(path) == decoded


@pytest.mark.parametrize(
    ("path", "status", "decoded"),
    [
        ("/x%7", 400, "/x%7"),
        ("/x%zz.txt", 400, "/x%zz.txt"),
        ("/%", 400, "/%"),
        ("/%2f%zz", 400, "//%zz"),
        ("/x.txt%00a", 404, "/x.txt"),
        ("/dir%2fy.txt", 404, "/dir/y.txt"),
    ],
)
def test_escapes_that_are_refused_tell_the_path(path: str, status: int, decoded: str) -> None:
    with pytest.raises(BadPath) as error:
        unescape(path)
    assert (error.value.status, error.value.path) == (status, decoded)


@pytest.mark.parametrize(("slashes", "decoded"), [("on", "/a/b c"), ("nodecode", "/a%2Fb c")])
def test_encoded_slashes_can_be_allowed(slashes: EncodedSlashes, decoded: str) -> None:
    assert unescape("/a%2Fb%20c", slashes) == decoded
    with pytest.raises(BadPath):
        unescape("/%00", slashes)


def test_text_is_decoded_without_complaint() -> None:
    assert unescape_text("a%20%zz%2f%") == "a %zz/%"


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("/", "/"),
        ("*", "*"),
        ("/./dir/./y", "/dir/y"),
        ("/dir/../x", "/x"),
        ("/dir/..", "/"),
        ("/dir/.", "/dir/"),
        ("/a//../b", "/a/b"),
        ("/dir/...", "/dir/..."),
        ("/.hidden", "/.hidden"),
        ("//a///b", "//a///b"),
    ],
)
def test_dot_segments_are_resolved(path: str, clean: str) -> None:
    assert normalise(path) == clean


@pytest.mark.parametrize("path", ["/..", "/../x", "/a/../../x", "x.txt", "", "a/../b"])
def test_paths_that_leave_the_root_are_refused(path: str) -> None:
    with pytest.raises(HTTPError) as error:
        normalise(path)
    assert error.value.status == 400


@given(PATHS)
def test_a_clean_path_stays_within_the_root(path: str) -> None:
    try:
        clean = normalise(path)
    except HTTPError:
        return
    assert clean.startswith("/")
    assert not {".", ".."} & set(clean.split("/"))
    assert normalise(clean) == clean


def test_double_slashes_merge() -> None:
    assert no2slash("//a///b/") == "/a/b/"


def test_paths_are_escaped() -> None:
    assert escape_path("/a b/ä?#%") == "/a%20b/%c3%a4%3f%23%25"
    assert escape_path("a:b", partial=False) == "./a:b"
    assert escape_path("x/a:b", partial=False) == "x/a:b"
    assert escape_uri("a:b") == "a:b"
    assert escape_path_segment("a/b") == "a%2fb"


@given(BYTES)
def test_what_is_escaped_can_be_decoded(text: str) -> None:
    assert unescape_text(escape_path(text)) == text
    assert unescape_text(escape_path_segment(text)) == text
    assert escape_path(text).isascii()


def test_html() -> None:
    assert escape_html('<a href="x">&\'') == "&lt;a href=&quot;x&quot;&gt;&amp;'"


@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("GET / HTTP/1.1", "GET / HTTP/1.1"),
        ('a "q" \\', 'a \\"q\\" \\\\'),
        ("caf\udce9", "caf\\xe9"),
        ("\x1b[31m\x7f", "\\x1b[31m\\x7f"),
        ("\b\n\r\t\v\0", "\\b\\n\\r\\t\\v\\x00"),
        ("ä", "\\xc3\\xa4"),
    ],
)
def test_log_items(text: str, logged: str) -> None:
    assert escape_log_item(text) == logged


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*.html", "a/b.html", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[a-c]x", "bx", True),
        ("[!a-c]x", "bx", False),
        ("[^a-c]x", "dx", True),
        ("[]a]", "]", True),
        ("[a\\]b]", "]", True),
        ("[a-]", "-", True),
        ("[c-a]", "b", False),
        ("[", "[", True),
        ("a\\*", "a*", True),
        ("a\\*", "ab", False),
        ("*", "a\nb", True),
        ("", "", True),
        ("A*", "ab", False),
    ],
)
def test_wildcards(pattern: str, name: str, matches: bool) -> None:
    assert match_name(pattern, name) == matches


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("/home/*/www", "/home/a/www", True),
        ("/home/*/www", "/home/a/b/www", False),
        ("/a?b", "/a/b", False),
        ("/a[!x]b", "/a/b", False),
        ("/a[/]b", "/a/b", False),
    ],
)
def test_no_wildcard_matches_a_slash_in_a_path(pattern: str, name: str, matches: bool) -> None:
    assert match_name(pattern, name, pathname=True) == matches


def test_letter_case_can_be_ignored() -> None:
    assert match_name("*.TXT", "a.txt", ignore_case=True)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_pattern_can_be_tried(pattern: str, name: str) -> None:
    assert match_name(pattern, name) in (True, False)
