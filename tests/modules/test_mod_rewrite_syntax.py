"""mod_rewrite: words, flags, templates, literal beginnings, without a server."""

import pytest

from pyhttpd.modules.mod_rewrite.syntax import (
    RULE_FLAGS,
    RuleSet,
    condition_of,
    rule_of,
    words_of,
)
from pyhttpd.modules.mod_rewrite.template import Group, Lookup, Value, parse
from pyhttpd.modules.mod_rewrite.urls import escape_all, escaped_url, scheme_length

NOWHERE = None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a b", ("a", "b", None)),
        ("  a\t b  [L]  more", ("a", "b", "[L]")),
        ('"a b" "c d" "[L, NC]"', ("a b", "c d", "[L, NC]")),
        ("'a \"b' c", ('a "b', "c", None)),
        (r"a\ b c\ d [L]", (r"a\ b", r"c\ d", "[L]")),
        ('a "b', ("a", "b", None)),
        ('a ""', ("a", "", None)),
    ],
)
def test_words_end_at_blanks_or_quotes(line, words):
    assert words_of("RewriteRule", line) == words


def test_every_flag_has_one_place_and_two_names_at_least():
    names = [name for group in RULE_FLAGS for name in group]
    assert len(names) == len(set(names))
    assert [group for group in RULE_FLAGS if len(group) < 2] == [("end",)]


def test_flags_add_up_and_ignore_case():
    flags = rule_of('^a b "[l,QSA , nc,E=A:1,env=B:2,S=3,CO=n:v:d,r=permanent]"', NOWHERE).flags
    assert (flags.last, flags.query_append, flags.ignore_case, flags.skip) == (True, True, True, 3)
    assert [template.text for template in flags.env] == ["A:1", "B:2"]
    assert (flags.redirect, flags.redirect_status, flags.main_only) == (True, 301, True)


def test_a_rule_that_answers_has_no_substitution():
    assert rule_of("a b [F]", NOWHERE).substitution is None
    assert rule_of("a - ", NOWHERE).substitution is None
    assert rule_of("a -- ", NOWHERE).substitution is not None


def test_conditions_wait_for_the_next_rule():
    conditions = RuleSet(waiting=(condition_of("a b", NOWHERE),)) + RuleSet(
        waiting=(condition_of("c d", NOWHERE),)
    )
    rules = conditions + RuleSet((rule_of("x y", NOWHERE),)) + RuleSet((rule_of("z -", NOWHERE),))
    assert [len(rule.conditions) for rule in rules.rules] == [2, 0]
    assert rules.waiting == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", ("plain",)),
        ("a$1b%2", ("a", Group("$", 1), "b", Group("%", 2))),
        (r"\$1\%{X}\\\ x", ("$1%{X}\\ x",)),
        ("end\\", ("end\\",)),
        ("$x %y $", ("$x %y $",)),
        ("%{open $1", ("%{open ", Group("$", 1))),
        ("${nocolon}$1", ("${nocolon}", Group("$", 1))),
        ("", ()),
    ],
)
def test_templates(text, parts):
    assert parse(text).parts == parts


def test_keys_and_defaults_are_templates_too():
    (part,) = parse("${a:${b:$1|x}|%{HTTP_HOST}}").parts
    assert isinstance(part, Lookup)
    assert (part.map, part.default and part.default.parts[0].__class__) == ("a", Value)
    (inner,) = part.key.parts
    assert (inner.map, inner.key.parts, inner.default.parts) == ("b", (Group("$", 1),), ("x",))


def test_what_counts_as_a_url():
    lengths = {"http://x": 7, "HTTPS://x": 8, "mailto:x": 7, "news:abc": 5, "ftp://x": 6, "ldap://x": 7}
    assert {url: scheme_length(url) for url in lengths} == lengths
    assert [scheme_length(path) for path in ("/http://x", "http:/x/y", "gone:x", "a", "")] == [0] * 5


def test_escapes():
    assert escape_all("a b&c/d_é") == "a+b%26c%2fd_%c3%a9"
    assert escaped_url("http://h:80/a b?", 7) == "http://h:80/a%20b%3f"
    assert escaped_url("http://h", 7) == "http://h"
