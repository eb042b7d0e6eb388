"""Every kind of line, and every habit of Apache's words, as the parser hands them over."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyhttpd.config.parser import (
    LINE_LIMIT,
    BlankLine,
    CloseLine,
    CommentLine,
    DirectiveLine,
    Line,
    OpenLine,
    parse,
    reparse,
)
from pyhttpd.diagnostics import Source


def lines_of(text: str) -> list[Line]:
    return parse(Source("conf", text))


def words_of(text: str) -> list[str]:
    (line,) = lines_of(text)
    assert isinstance(line, DirectiveLine)
    return [str(word) for word in (line.name, *line.words)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Name one two", ["Name", "one", "two"]),
        ("  \t Name\tone \v two \r", ["Name", "one", "two"]),
        ('Name "one two" three', ["Name", "one two", "three"]),
        ("Name 'one \"two\"' three", ["Name", 'one "two"', "three"]),
        (r'Name "a \"b\" c"', ["Name", 'a "b" c']),
        (r"Name 'a \' b'", ["Name", "a ' b"]),
        (r'''Name "a\'b"''', ["Name", r"a\'b"]),
        (r'Name "c:\dir\file"', ["Name", r"c:\dir\file"]),
        (r'Name "end\\"', ["Name", "end\\"]),
        (r"Name a\b", ["Name", r"a\b"]),
        (r"Name a\\b", ["Name", r"a\b"]),
        ('Name "missing end', ["Name", "missing end"]),
        (r'Name "missing\"', ["Name", 'missing"']),
        ('Name "ab"cd', ["Name", "ab", "cd"]),
        ('Name half"quoted" x', ["Name", 'half"quoted"', "x"]),
        ('Name ""', ["Name", ""]),
        ('Name "', ["Name", ""]),
        ("Name on # not a comment", ["Name", "on", "#", "not", "a", "comment"]),
        ("Name <a> > b", ["Name", "<a>", ">", "b"]),
        ('"Name" x', ["Name", "x"]),
        ("Name a\u00a0b \x1c \udcff", ["Name", "a\u00a0b", "\x1c", "\udcff"]),
    ],
)
def test_words_follow_apaches_habits(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "name", "words", "raw", "terminated"),
    [
        ("<Directory /a>", "Directory", ["/a"], "/a", True),
        ('<Directory "/a b"> junk', "Directory", ["/a b"], '"/a b"', True),
        ("<Directory>", "Directory", [], "", True),
        ("<Directory", "Directory", [], "", True),
        ("<Directory /a", "Directory", ["/a"], "/a", False),
        ("<Directory> /a>", "Directory", ["/a"], "/a", True),
        ("< Directory /a>", "", ["Directory", "/a"], "Directory /a", True),
        ("<IfVersion >= 2.4>", "IfVersion", [">=", "2.4"], ">= 2.4", True),
        ("<IfVersion > 2.4 >", "IfVersion", [">", "2.4"], "> 2.4", True),
        (r'<Files ~ "^(a|b)>$">', "Files", ["~", "^(a|b)>$"], '~ "^(a|b)>$"', True),
        ('<Files "x>', "Files", ["x"], '"x', True),
        ('<Files "a> b" c', "Files", ["a"], '"a', True),
        ("<a>b>", "a>b", [], "", True),
        ("<>", "", [], "", True),
    ],
)
def test_an_opening_line_ends_at_its_last_bracket(text, name, words, raw, terminated):
    (line,) = lines_of(text)
    assert isinstance(line, OpenLine)
    assert (line.name, line.words, line.raw, line.terminated) == (name, words, raw, terminated)


@pytest.mark.parametrize("text", ["</Directory>", "  </Directory>", "</Directory> junk"])
def test_a_closing_line_is_known_by_its_first_word(text):
    (line,) = lines_of(text)
    assert isinstance(line, CloseLine)
    assert line.word == "</Directory>"


def test_lines_are_told_apart():
    kinds = [type(line) for line in lines_of("# one\n\n  # two\nName\n \t\n<A b>\n</A>")]
    assert kinds == [CommentLine, BlankLine, CommentLine, DirectiveLine, BlankLine, OpenLine, CloseLine]


def test_an_empty_text_has_no_lines():
    assert lines_of("") == []


def test_a_continued_line_keeps_the_next_lines_indentation():
    (line,) = lines_of('Name "one \\\n    two \\\nthree"\n')
    assert line.words == ["one     two three"]


def test_a_continued_line_has_its_last_number_and_its_words_their_own_rows():
    first, second = lines_of("Name \\\n  one \\\n  two\nNext\n")
    assert isinstance(first, DirectiveLine)
    assert first.location.line == 3
    places = [(word.location.row, word.location.column, word.location.end_column) for word in first.words]
    assert places == [(2, 3, 6), (3, 3, 6)]
    assert second.location.line == 4


def test_a_comment_is_continued_as_well():
    kinds = [type(line) for line in lines_of("# comment \\\nName\nOther\n")]
    assert kinds == [CommentLine, DirectiveLine]


def test_a_backslash_and_a_blank_continue_nothing():
    assert [line.words for line in lines_of("Name a \\ \nNext b\n")] == [["a", "\\"], ["b"]]


def test_a_doubled_backslash_at_the_end_is_one_and_continues_nothing():
    assert [line.words for line in lines_of("Name a\\\\\nNext b\n")] == [["a\\"], ["b"]]


def test_a_backslash_at_the_end_of_the_text_is_a_word_without_a_line_end_and_nothing_with_one():
    assert words_of("Name a \\") == ["Name", "a", "\\"]
    assert words_of("Name a \\\n") == ["Name", "a"]


def test_carriage_returns_before_line_ends_go_continuations_included():
    assert [line.words for line in lines_of('Name "a \\\r\nb"\r\nNext c\r\n')] == [["a b"], ["c"]]


def test_the_remainder_of_a_line_that_is_too_long_is_a_line_of_its_own():
    first, rest, after = lines_of("Name " + "a" * 9000 + "\nNext\n")
    assert len(first.logical.text) == LINE_LIMIT
    assert rest.name == "a" * (9005 - LINE_LIMIT)
    assert (rest.location.line, after.location.line) == (2, 3)


def test_the_limit_counts_bytes():
    first, rest = lines_of("Name " + "\u00e4" * 5000)
    assert len(first.logical.text.encode("utf-8", "surrogateescape")) == LINE_LIMIT
    assert isinstance(rest, DirectiveLine)


def test_columns_bound_a_word_quotes_included():
    (line,) = lines_of('  Name "one two" x')
    assert [line.name.location[2:4], *(word.location[2:4] for word in line.words)] == [
        (3, 7),
        (8, 17),
        (18, 19),
    ]


def test_the_raw_text_keeps_quotes_and_blanks():
    (line,) = lines_of('Name   "a  b"   c  \n')
    assert line.raw == '"a  b"   c'


def test_a_line_read_again_points_at_all_its_arguments():
    (line,) = lines_of("Name  ${TWO} x  \n")
    again = reparse(line, "Name  a b x")
    assert again.words == ["a", "b", "x"]
    assert {word.location[2:4] for word in again.words} == {(7, 15)}


def test_every_line_gives_its_text_back():
    text = "# a \\\r\n b\r\n\nName \\\n  x\n<A>\n</A>"
    assert "".join(line.original for line in lines_of(text)) == text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab \t\r\n\v\\\"'<>/#${}\u00e4\udcff\x00\x85"), max_size=60))
def test_any_text_is_read_and_can_be_given_back(text):
    assert "".join(line.original for line in lines_of(text)) == text


def test_threads_may_parse_at_once():
    text = 'Name "a b"\n<A x>\n</A>\n' * 50
    expected = [type(line) for line in lines_of(text)]
    found: list[bool] = []

    def work() -> None:
        found.extend([type(line) for line in lines_of(text)] == expected for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [True] * 20
