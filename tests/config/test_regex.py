"""Apache's expressions on text: bytes inside, groups, limits, replacement, threads."""

import threading

import pytest

from pyhttpd.config import regex
from pyhttpd.config.regex import MatchLimit, Regex, expand


def found(pattern: str, text: str, ignore_case: bool = False) -> regex.Match:
    match = regex.compile(pattern, ignore_case).search(text)
    assert match is not None
    return match


def test_groups_are_text():
    match = found("^/(.*)/(.*)$", "/a/b/c")
    assert (match.group(0), match.groups) == ("/a/b/c", ("a/b", "c"))


def test_a_group_that_took_no_part_or_does_not_exist_is_empty():
    match = found("(a)|(b)", "b")
    assert (match.group(1), match.group(2), match.group(9)) == ("", "b", "")


def test_named_groups_count_like_others():
    assert found("(?<first>a)(?P<second>b)", "ab").groups == ("a", "b")


def test_text_round_the_match():
    match = found("b+", "abbc")
    assert (match.before, match.group(), match.after) == ("a", "bb", "c")


@pytest.mark.parametrize("text", ["x\u00e4y", "x\udcffy", "\u65e5b\u672c"])
def test_every_byte_comes_back(text):
    match = found("^(.*)$", text)
    assert match.group(1) == text


def test_a_dot_is_one_byte():
    assert regex.compile("^..$").matches("\u00e4")
    assert not regex.compile("^.$").matches("\u00e4")


def test_only_ascii_letters_fold_their_case():
    assert regex.compile("ABC", ignore_case=True).matches("xabcx")
    assert not regex.compile("\u00c4", ignore_case=True).matches("\u00e4")


def test_letter_case_counts_unless_told():
    assert not regex.compile("ABC").matches("abc")
    assert regex.compile("(?i)ABC").matches("abc")


def test_a_dollar_also_stands_before_a_final_newline():
    assert regex.compile("a$").matches("a\n")
    assert not regex.compile("a.b").matches("a\nb")


@pytest.mark.parametrize("pattern", ["(abc", "[", "*a", "a{2,1}", "(?<n"])
def test_a_wrong_pattern_is_a_value_error(pattern):
    with pytest.raises(ValueError):
        regex.compile(pattern)


def test_too_many_steps_are_no_mismatch():
    expression = regex.compile("(a+)+$")
    with pytest.raises(MatchLimit):
        expression.search("a" * 60 + "b")
    with pytest.raises(MatchLimit):
        expression.matches("a" * 60 + "b")
    with pytest.raises(MatchLimit):
        expression.sub(lambda match: "", "a" * 60 + "b")


def test_a_long_subject_outgrows_the_small_stack_and_still_matches():
    subject = "a" * 200_000 + "x"
    assert regex.compile("^(?:.|\\n)*x$").matches(subject)


def test_the_same_pattern_is_one_object():
    assert regex.compile("a") is regex.compile("a")
    assert regex.Regex("a") == regex.Regex("a")
    assert regex.Regex("a") != regex.Regex("a", ignore_case=True)


@pytest.mark.parametrize(
    ("pattern", "count", "expected"),
    [("a", 0, "[a]b[a]\u00e4"), ("a", 1, "[a]ba\u00e4"), ("^a", 0, "[a]ba\u00e4"), ("z", 0, "aba\u00e4")],
)
def test_replacement(pattern, count, expected):
    assert regex.compile(pattern).sub(lambda match: f"[{match.group()}]", "aba\u00e4", count) == expected


def test_empty_matches_are_replaced_and_end():
    assert regex.compile("x*").sub(lambda match: "-", "ab") == "-a-b-"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$0|$1|$2|$3", "a-b|a|b|"),
        ("&", "a-b"),
        (r"\$1 \& \x \\", r"$1 & \x \\"),
        ("$", "$"),
        ("$x $$1", "$x $a"),
        ("$12", "a2"),
        ("plain", "plain"),
    ],
)
def test_templates(template, expected):
    assert expand(template, found("(a)-(b)", "xa-by")) == expected


def test_threads_may_share_an_expression():
    expression = regex.compile("^(a+)(b+)$")
    results: list[bool] = []

    def work(letters: int) -> None:
        for _ in range(2000):
            match = expression.search("a" * letters + "b" * letters)
            results.append(match is not None and match.groups == ("a" * letters, "b" * letters))

    threads = [threading.Thread(target=work, args=(letters,)) for letters in (3, 30, 300, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [True] * 8000


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        ("^/blog/(\\d+)", "/blog/"),
        ("^/a\\.html$", "/a.html"),
        ("^/ab*", "/a"),
        ("^/ab?c", "/a"),
        ("^/(a|b)", "/"),
        ("^/x/(a|b)|^/y", ""),
        ("^/a|b", ""),
        ("^/a\\|b", "/a"),
        ("^/a[|]b", "/a"),
        ("^/\\Qa(b\\E", ""),
        ("/a", ""),
        ("(?i)^/a", ""),
        ("^/\\d", "/"),
        ("^/é*", "/"),
        ("^", ""),
        ("^/a(?#()|b", ""),
        ("^/a\\c(|b", ""),
        ("^/a(?x)# (\n|b", ""),
        ("^/a(*MARK:()|b", ""),
    ],
)
def test_a_word_that_every_match_begins_with_is_known_beforehand(pattern, prefix):
    assert Regex(pattern).begins == prefix
    searched = Regex(f"(?:){pattern}")  # the same, with its beginning hidden
    assert searched.begins == ""
    for subject in ("/blog/1", "/a.html", "/a", "/abbb", "/ac", "/x/a", "/y", "b", "/é", "/3"):
        assert Regex(pattern).matches(subject) == searched.matches(subject)
        assert (Regex(pattern).search(subject) is None) == (searched.search(subject) is None)


def test_letter_case_hides_the_beginning():
    assert Regex("^/a", ignore_case=True).begins == ""
    assert Regex("^/a", ignore_case=True).matches("/A")
