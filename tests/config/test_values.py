"""Converters: one word in, a typed value or a ValueError with 2.2's text out."""

from typing import Annotated

import pytest

from pyhttpd.config import values
from pyhttpd.config.values import Atoi, Flag, Pattern, ServerPath, converter_of


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("80", 80), ("80 ", 80), (" \t80", 80), ("+5", 5), ("-3", -3), ("12abc", 12), ("abc", 0), ("", 0),
        ("0x10", 0), ("1_000", 1), ("٣", 0), ("1e3", 1), ("--1", 0),
        ("9" * 5000, 2**31 - 1), ("-" + "9" * 30, -(2**31)),
    ],
)  # fmt: skip
def test_numbers_are_read_as_c_does(word, number):
    assert values.atoi(word) == number


@pytest.mark.parametrize(("word", "on"), [("On", True), ("on", True), ("OFF", False), ("Off", False)])
def test_on_and_off_in_any_case(word, on):
    assert values.flag(word) is on
    assert values.on_off("no").function(word) is on


@pytest.mark.parametrize("word", ["yes", "1", "", "on ", "0n"])
def test_nothing_else_is_a_flag(word):
    with pytest.raises(ValueError, match=r"\{name\} must be On or Off"):
        values.flag(word)
    with pytest.raises(ValueError, match="own words"):
        values.on_off("own words").function(word)


def test_a_choice_knows_its_words_in_any_case():
    convert = values.choice(("On", "EMail"), "one of on, email, not {word}").function
    assert convert("EMAIL") == "email"
    with pytest.raises(ValueError, match="not maybe"):
        convert("maybe")
    assert values.choice({"a": 1}, "").function("A") == 1


@pytest.mark.parametrize(("word", "number"), [("0", 0), ("10", 10), ("007", 7)])
def test_at_least(word, number):
    assert values.at_least(0, "").function(word) == number


@pytest.mark.parametrize("word", ["-1", "1a", "", " 1", "+1", "1.0", "9" * 19, "٣"])
def test_less_or_no_number_is_refused(word):
    with pytest.raises(ValueError, match="needs a number"):
        values.at_least(0, "needs a number").function(word)


def test_a_pattern_is_compiled_or_refused():
    assert converter_of(Pattern).function("^a+$").matches("aaa")
    with pytest.raises(ValueError, match="Regular expression could not be compiled"):
        converter_of(Pattern).function("(")
    assert values.regex("own", ignore_case=True).function("a").matches("A")


class Root:
    """A context that knows where ServerRoot is."""

    def server_path(self, path):
        return f"/root/{path}"


def test_annotations_carry_their_converters():
    assert converter_of(Flag).flag
    assert converter_of(Atoi).function("3x") == 3
    assert converter_of(int).function("3x") == 3
    assert converter_of(str).function("3x") == "3x"
    assert converter_of(Annotated[str, "a remark"]).function("3x") == "3x"
    path = converter_of(ServerPath)
    assert path.contextual
    assert path.function("logs/x", Root()) == "/root/logs/x"
