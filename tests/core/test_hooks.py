"""The order in which modules are asked, and the phases there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.core.hooks import FIXUPS, HANDLER, PHASES, Hook, Order, ordered
from pyhttpd.core.module import Module


def hook(module, order=Order.MIDDLE, before=(), after=(), phase=FIXUPS):
    return Hook(phase, lambda request: None, module, order, before, after)


def names(*hooks):
    return [one.module for one in ordered(hooks)]


def test_of_equals_the_first_loaded_is_asked_first():
    assert names(hook("a"), hook("b"), hook("c")) == ["a", "b", "c"]


def test_first_middle_last():
    hooks = [hook(order.name, order) for order in reversed(Order)]
    assert names(*hooks) == ["REALLY_FIRST", "FIRST", "MIDDLE", "LAST", "REALLY_LAST"]


def test_before_and_after_name_modules():
    assert names(hook("a"), hook("b"), hook("c", before=("a",))) == ["b", "c", "a"]
    assert names(hook("a", after=("c",)), hook("b"), hook("c")) == ["b", "c", "a"]
    assert names(hook("a", Order.LAST, before=("b",)), hook("b", Order.FIRST)) == ["a", "b"]


def test_a_module_that_is_not_loaded_is_waited_for_by_nobody():
    assert names(hook("a", before=("none",), after=("nobody",)), hook("b")) == ["a", "b"]


def test_two_hooks_of_one_module_keep_their_order():
    first, second = hook("a"), hook("a")
    assert ordered([first, second, hook("b", after=("a",))])[:2] == [first, second]


def test_hooks_that_wait_for_each_other_are_a_mistake_that_names_them():
    with pytest.raises(ValueError, match=r"hooks of phase fixups wait for each other: .*a -> .*b"):
        ordered([hook("a", before=("b",)), hook("b", before=("a",))])


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(Order)), max_size=8))
def test_without_wishes_it_is_a_stable_sort(pairs):
    hooks = [hook(name, order) for name, order in pairs]
    assert ordered(hooks) == sorted(hooks, key=lambda one: one.order)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8))
def test_wishes_without_contradiction_are_all_fulfilled(wishes):
    before = {number: [f"{second}" for first, second in wishes if first == number < second]
              for number in range(6)}  # fmt: skip
    result = names(*[hook(f"{number}", before=tuple(before[number])) for number in reversed(range(6))])
    assert sorted(result) == list("012345")
    for first, later in before.items():
        assert all(result.index(str(first)) < result.index(second) for second in later)


def test_phases_have_names_of_their_own_and_a_known_way_to_run():
    assert len({phase.name for phase in PHASES}) == len(PHASES)
    assert {phase.run for phase in PHASES} == {"all", "first", "void"}


def test_a_module_declares_hooks_without_side_effects():
    module = Module("my_module")

    @module.hook(HANDLER, Order.LAST, before=("a_module",))
    def answer(request):
        return 204

    (declared,) = module.hooks
    assert (declared.phase, declared.module, declared.order) == (HANDLER, "my_module", Order.LAST)
    assert declared.before == ("a_module",)
    assert answer(None) == 204


def test_a_contradiction_stops_the_start(site, monkeypatch):
    from pyhttpd.modules import mod_alias, mod_dir

    for module, other in ((mod_alias.module, "dir_module"), (mod_dir.module, "alias_module")):
        monkeypatch.setattr(module, "hooks", [hook(module.name, before=(other,))])
    with pytest.raises(ValueError, match="wait for each other"):
        site()
