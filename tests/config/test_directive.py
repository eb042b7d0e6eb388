"""Directives: the signature is the usage, and its errors are Apache's phrases."""

from dataclasses import dataclass

import pytest

from pyhttpd.config.directive import (
    ACCEPTED,
    ANY_NUMBER,
    COUNT_PHRASES,
    PARTIAL,
    Arguments,
    Override,
    Progress,
    Where,
    Within,
    directives_of,
    from_function,
    setting,
)
from pyhttpd.config.merge import EXTEND, policies
from pyhttpd.config.registry import Registry
from pyhttpd.config.values import Converter, Flag
from pyhttpd.core.core_module import module as core


def none():
    """usage of it

    and more of the manual."""


def one(first): ...


def one_or_two(first, second=""): ...


def one_to_three(first, second="", third=""): ...


def two(first, second): ...


def two_or_three(first, second, third=""): ...


def three(first, second, third): ...


def two_at_least(first, *others): ...


def any_number(*words): ...


def four(first, second, third, fourth): ...


USAGES = {
    none: "takes no arguments",
    one: "takes one argument",
    one_or_two: "takes 1-2 arguments",
    one_to_three: "takes one, two or three arguments",
    two: "takes two arguments",
    two_or_three: "takes two or three arguments",
    three: "takes three arguments",
    two_at_least: "requires at least two arguments",
}


@pytest.mark.parametrize("function", USAGES, ids=lambda f: f.__name__)
def test_a_signature_says_how_many_words(function):
    arguments = from_function(function, "X", "x").arguments
    admitted = [count for count in range(6) if arguments.refuse(count) is None]
    most = 5 if arguments.most is None else arguments.most
    assert admitted == list(range(arguments.least, most + 1))
    assert {arguments.refuse(count) for count in range(6)} - {None} == {USAGES[function]}


def test_every_phrase_of_apaches_has_a_signature():
    assert sorted(USAGES.values()) == sorted(COUNT_PHRASES.values())


def test_any_number_is_never_refused():
    arguments = from_function(any_number, "X", "x").arguments
    assert arguments == ANY_NUMBER
    assert not [count for count in range(99) if arguments.refuse(count)]


def test_a_number_apache_has_no_phrase_for():
    assert from_function(four, "X", "x").arguments.refuse(3) == "takes 4 to 4 arguments"
    assert Arguments(1, 4).refuse(5) == "takes 1 to 4 arguments"


def test_the_docstrings_first_line_is_the_manual_line():
    assert from_function(none, "X", "x").doc == "usage of it"
    assert from_function(one, "X", "x").doc == ""


def test_a_context_is_no_word():
    def with_context(ctx, word: Flag, number: int, *more: int): ...

    made = from_function(with_context, "X", None)
    assert made.contextual
    assert made.arguments == Arguments(3, None)
    assert made.converters[0].flag
    assert [made.converter(index).function("5x") for index in (1, 2, 3, 9)] == [5, 5, 5, 5]


def test_a_raw_line_is_counted_by_nobody():
    assert from_function(one, "X", "x", raw=True).arguments == ANY_NUMBER


@dataclass
class Schema:
    """Settings of a module."""

    slash: Flag = setting("DirectorySlash", True, override=Override.INDEXES, doc="add a slash")
    index: str = setting("Index", "", where=Where.SERVER, aliases=("Indices",), not_in=Within.LIMIT)
    words: tuple[str, ...] = setting(
        "Words", (), merge=EXTEND, convert=Converter(lambda word: (word,)), status=PARTIAL("half of it")
    )
    other: int = 0


def test_a_setting_is_a_directive_of_one_word():
    slash, index, words = directives_of(Schema)
    assert (slash.name, slash.into, slash.flag, slash.doc) == ("DirectorySlash", "slash", True, "add a slash")
    assert slash.where is Where.ANYWHERE
    assert slash.override is Override.INDEXES
    assert slash.arguments == Arguments(1, 1)
    assert slash.build(False) is False
    assert (index.where, index.not_in, index.override) == (Where.SERVER, Within.LIMIT, Override.NONE)
    assert words.converter(0).function("a") == ("a",)
    assert words.status.note == "half of it"
    assert policies(Schema)["words"] is EXTEND


class Owner:
    """A module as the registry sees it."""

    name = "owner_module"
    directives = directives_of(Schema)

    def schema_for(self, into, inside_section):
        return Schema


def test_an_alias_is_another_way_to_write_the_name():
    registry = Registry([Owner()])
    assert registry.find("indices") is registry.find("index")
    assert [directive.name for _, directive in registry] == ["DirectorySlash", "Index", "Words"]


def test_a_section_is_shown_with_its_bracket():
    assert from_function(one, "Files", "x", section=True).shown == "<Files"
    assert from_function(one, "X", "x", spelling="x-y").shown == "x-y"


def test_how_far_a_directive_is():
    assert ACCEPTED("why").progress is Progress.ACCEPTED
    assert from_function(one, "X", "x").status.progress is Progress.IMPLEMENTED


@pytest.mark.parametrize("directive", core.directives, ids=lambda d: d.name)
def test_every_directive_of_the_core_describes_itself(directive):
    assert directive.doc
    assert directive.where
    if directive.status.progress is not Progress.IMPLEMENTED:
        assert directive.status.note
