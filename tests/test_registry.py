"""Every directive we implement agrees with 2.2's: where it may stand, what admits it, how many words.

The table is config/apache22.tsv, drawn from 2.2's own command tables; what differs is listed with its reason.
"""

import pytest

from pyhttpd.config.directive import ANY_NUMBER, Arguments, Directive, Override, Where
from pyhttpd.config.registry import Known, apache22
from pyhttpd.core import core_module
from pyhttpd.core.site import shipped
from pyhttpd.modules import STANDARD
from pyhttpd.mpm.common import mpm_module

FORMS = {
    "NO_ARGS": Arguments(0, 0),
    "TAKE1": Arguments(1, 1),
    "TAKE2": Arguments(2, 2),
    "TAKE12": Arguments(1, 2),
    "TAKE23": Arguments(2, 3),
    "TAKE123": Arguments(1, 3),
    "ITERATE": ANY_NUMBER,
    "ITERATE2": Arguments(2, None),
    "FLAG": Arguments(1, 1),
    "RAW_ARGS": ANY_NUMBER,
    "TAKE_ARGV": ANY_NUMBER,
}
OVERRIDES = {
    "OR_LIMIT": Override.LIMIT,
    "OR_OPTIONS": Override.OPTIONS,
    "OR_FILEINFO": Override.FILEINFO,
    "OR_AUTHCFG": Override.AUTHCONFIG,
    "OR_INDEXES": Override.INDEXES,
    "OR_ALL": Override.ALL,
}
OUTSIDE = {"RSRC_CONF", "OR_OPTIONS", "OR_FILEINFO", "OR_INDEXES", "OR_ALL"}  # admit a line at top level
INSIDE = {"ACCESS_CONF", *OVERRIDES}

OTHER_PLACES: dict[str, str] = {}
OTHER_FORMS = {"EnableExceptionHook": "2.2 takes a word and checks by itself that it is On or Off"}
OF_24 = {"Protocols", "Mutex"}  # spellings of 2.4 that 2.2's table has no row for
OUR_OWN = "pyhttpd_module"  # our own directives belong to it


def implemented() -> list[tuple[str, Directive]]:
    """(module, directive) of all that we have."""
    modules = [core_module.module, *filter(None, map(shipped, ("http_core", "mod_so", *STANDARD)))]
    modules += [mpm_module(name) for name in ("prefork", "worker", "event")]
    found = [(module.name, directive) for module in modules for directive in module.directives]
    return [(module, directive) for module, directive in found if module != OUR_OWN]


ALL = implemented()
TABLE = apache22()
KNOWN = [(found, TABLE[found.name.lower()]) for _, found in ALL if found.name.lower() in TABLE]


def flags(known: Known) -> set[str]:
    return set(known.flags.strip("()").split("|"))


def test_only_spellings_of_2_4_are_not_in_the_table():
    assert {d.name for _, d in ALL if d.name.lower() not in TABLE} <= OF_24


@pytest.mark.parametrize(("directive", "known"), KNOWN, ids=[directive.name for directive, _ in KNOWN])
class TestAgainstTheTable:
    def test_it_may_stand_where_2_2_lets_it(self, directive, known):
        where = Where(0)
        if flags(known) & OUTSIDE:
            where |= Where.SERVER
        if flags(known) & INSIDE:
            where |= Where.DIRECTORY
        assert (directive.where == where) is (directive.name not in OTHER_PLACES)

    def test_allow_override_admits_it_by_the_same_class(self, directive, known):
        override = Override.NONE
        for flag in flags(known) & OVERRIDES.keys():
            override |= OVERRIDES[flag]
        assert (directive.override == override) is (directive.name not in OTHER_PLACES)

    def test_it_takes_as_many_words(self, directive, known):
        if directive.raw or directive.section:
            return
        same = directive.arguments == FORMS[known.arguments] and directive.flag == (known.arguments == "FLAG")
        assert same is (directive.name not in OTHER_FORMS)

    def test_its_name_is_spelt_alike(self, directive, known):
        assert directive.name == known.name


def test_the_lists_of_exceptions_name_directives_that_there_are():
    assert (OTHER_PLACES.keys() | OTHER_FORMS.keys()) <= {directive.name for directive, _ in KNOWN}
