"""Layers: what a section says again, what an inner one says over it, and which lines had a say."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.config.merge import (
    COLLECT,
    EXTEND,
    PREPEND,
    REPLACE,
    UPDATE,
    Layer,
    defaults,
    merge,
    merged,
    policies,
)
from pyhttpd.diagnostics import Location, Source

SOURCE = Source("httpd.conf", "")


@dataclass(frozen=True, slots=True)
class Each:
    """One field of every policy."""

    replaced: int = merged(7)
    collected: tuple[int, ...] = merged((), COLLECT)
    extended: tuple[int, ...] = merged((), EXTEND)
    prepended: tuple[int, ...] = merged((), PREPEND)
    updated: dict[str, int] = merged({}, UPDATE)


@dataclass(frozen=True, slots=True)
class Whole:
    """A schema without a merger."""

    merge_whole: ClassVar[bool] = True
    order: str = merged("deny,allow")
    allowed: tuple[str, ...] = merged((), EXTEND)


def at(line):
    return Location(SOURCE, line)


def layer(*written, schema=Each):
    """A section that says these (field, value) pairs, on lines 1, 2 ..."""
    made = Layer()
    for line, (name, value) in enumerate(written, 1):
        made.write(schema, name, value, at(line))
    return made


REPEATED = {
    "replaced": (1, 2, 2),
    "collected": ((1,), (2,), (1, 2)),
    "extended": ((1,), (2,), (1, 2)),
    "prepended": ((1,), (2,), (1, 2)),
    "updated": ({"a": 1, "b": 1}, {"b": 2}, {"a": 1, "b": 2}),
}
INHERITED = {**REPEATED, "collected": ((1,), (2,), (2,)), "prepended": ((1,), (2,), (2, 1))}


@pytest.mark.parametrize("name", REPEATED)
def test_a_section_that_says_it_again(name):
    first, second, both = REPEATED[name]
    assert getattr(layer((name, first), (name, second)).settings(Each), name) == both


@pytest.mark.parametrize("name", INHERITED)
def test_an_inner_section_that_says_it(name):
    outer, inner, both = INHERITED[name]
    assert getattr(merge(layer((name, outer)), layer((name, inner))).settings(Each), name) == both


@pytest.mark.parametrize("name", INHERITED)
def test_a_section_that_says_nothing_leaves_things_as_they_are(name):
    value = INHERITED[name][0]
    said, silent = layer((name, value)), layer()
    for both in (merge(said, silent), merge(silent, said)):
        assert getattr(both.settings(Each), name) == value
    assert not silent
    assert said


def test_defaults_fill_what_nobody_wrote_and_are_never_merged():
    assert layer().settings(Each) == Each()
    assert layer(("updated", {"a": 1})).settings(Each).replaced == 7
    assert defaults(Each) == {
        "replaced": 7, "collected": (), "extended": (), "prepended": (), "updated": {}
    }  # fmt: skip
    assert defaults(Each)["updated"] is not defaults(Each)["updated"]
    assert policies(Each)["replaced"] is REPLACE


def test_settings_are_built_once_until_something_is_written():
    made = layer(("replaced", 1))
    assert made.settings(Each) is made.settings(Each)
    made.write(Each, "replaced", 2, at(9))
    assert made.settings(Each).replaced == 2


def test_merging_changes_neither_layer():
    outer, inner = layer(("extended", (1,)), ("updated", {"a": 1})), layer(("extended", (2,)))
    merge(outer, inner)
    assert outer.settings(Each).extended == (1,)
    assert inner.settings(Each).extended == (2,)
    assert outer.origin(Each, "extended") == (at(1),)


def test_a_schema_without_a_merger_is_replaced_as_a_whole():
    outer = layer(("order", "allow,deny"), ("allowed", ("10.",)), schema=Whole)
    both = merge(outer, layer(("allowed", ("all",)), schema=Whole))
    assert both.settings(Whole) == Whole("deny,allow", ("all",))
    assert both.origin(Whole, "order") == ()
    assert len(both.origin(Whole, "allowed")) == 1


def test_a_schema_without_a_merger_is_kept_by_sections_that_do_not_use_it():
    outer = layer(("allowed", ("10.",)), schema=Whole)
    assert merge(outer, layer(("replaced", 1))).settings(Whole).allowed == ("10.",)


def test_origins_name_every_line_that_had_a_say_in_order():
    outer = layer(("extended", (1,)), ("replaced", 1), ("extended", (2,)))
    inner = layer(("replaced", 2))
    both = merge(outer, inner)
    assert both.origin(Each, "extended") == (at(1), at(3))
    assert both.origin(Each, "replaced") == (at(2), at(1))
    assert both.origin(Each, "updated") == ()


layers = st.lists(
    st.one_of(
        st.tuples(st.just("replaced"), st.integers(0, 3)),
        st.tuples(st.sampled_from(["collected", "extended", "prepended"]), st.tuples(st.integers(0, 3))),
        st.tuples(st.just("updated"), st.dictionaries(st.sampled_from("abc"), st.integers(0, 3))),
    ),
    max_size=6,
).map(lambda written: layer(*written))


@given(layers, layers, layers)
def test_it_does_not_matter_which_two_of_three_layers_are_merged_first(one, two, three):
    left, right = merge(merge(one, two), three), merge(one, merge(two, three))
    assert left.settings(Each) == right.settings(Each)
    assert left.origins == right.origins
