"""mod_headers: actions, formats, conditions, and which answers they reach."""

import pytest

from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules.mod_headers.rules import tokens

FILES = {"htdocs/x.txt": "x"}


def values(answer, name="X"):
    return list(answer.headers.get_all(name))


@pytest.mark.parametrize(
    ("lines", "sent"),
    [
        (["set X a", "set X b"], ["b"]),
        (["set X: a"], ["a"]),
        (["append X a", "append X b"], ["a, b"]),
        (["add X a", "add X b"], ["a", "b"]),
        (['set X "a, b"', "merge X b", "merge X c"], ["a, b, c"]),
        (["set X a", "unset x"], []),
        (["add X aa", "add X ba", "edit X a &&"], ["aaa", "baa"]),
        (["set X aab", "edit* X a c"], ["ccb"]),
        (["set X aab", "edit* X ^a c"], ["ccb"]),
        (["set X abc", "edit* X z* -"], ["-a-b-c-"]),
        (["set X abc", "edit X (.)(.) $2$1"], ["bac"]),
        (["edit X a b"], []),
        ([r'set X "100%% \t 5%"'], ["100% \t 5%"]),
        ([r'set X "a\r\nY: b"'], ["a Y: b"]),
        (['set X "%{NONE}e %{HTTPS}s"'], ["(null) (null)"]),
        (["onsuccess set X a"], ["a"]),
        (["set X a env=!NONE", "set X b env=NONE"], ["a"]),
    ],
)
def test_actions_change_the_fields_of_an_answer(get, lines, sent):
    conf = "\n".join(f"Header {line}" for line in lines)
    assert values(get("/x.txt", conf=conf, files=FILES)) == sent


def test_time_formats_tell_microseconds(get):
    answer = get("/x.txt", conf='Header set X "%t %D"', files=FILES)
    received, took = values(answer)[0].split()
    assert received.startswith("t=")
    assert took.startswith("D=")
    assert int(received[2:]) > 10**15
    assert 0 <= int(took[2:]) < 10**8


def test_echo_repeats_matching_fields_of_the_request(get):
    answer = get("/x.txt", conf="Header echo ^X", files=FILES, headers={"X": "1", "X-Y": "2", "Z": "3"})
    assert (values(answer), values(answer, "X-Y"), values(answer, "Z")) == (["1"], ["2"], [])


def test_the_content_type_can_be_set_and_edited(site):
    one = site('Header set Content-Type text/x\nHeader edit Content-Type /x "/y; charset=z"', FILES)
    assert one.get("/x.txt").headers["Content-Type"] == "text/y; charset=z"


def test_errors_keep_the_always_list_only(get):
    answer = get("/none", conf="Header set X plain\nHeader always set X always\nHeader set Y early early")
    assert answer.status == 404
    assert (values(answer), values(answer, "Y")) == (["always"], [])


def test_both_lists_reach_a_success(get):
    answer = get("/x.txt", conf="Header set X plain\nHeader always set X always", files=FILES)
    assert sorted(values(answer)) == ["always", "plain"]


def test_sections_come_after_the_server(get):
    conf = "<Location /x.txt>\nHeader append X inner\n</Location>\nHeader append X outer"
    assert values(get("/x.txt", conf=conf, files=FILES)) == ["outer, inner"]


def test_early_lines_change_what_set_env_if_sees_and_late_ones_do_not(get):
    conf = (
        "RequestHeader set Early yes early\nRequestHeader set Late yes\n"
        'SetEnvIf Early yes A\nSetEnvIf Late yes B\nHeader set X "%{A}e %{B}e"'
    )
    assert values(get("/x.txt", conf=conf, files=FILES)) == ["1 (null)"]


@pytest.mark.parametrize(
    ("listed", "parts"),
    [("a, b", ["a", "b"]), ('"a, b",c', ['"a, b"', "c"]), ("", []), ("a ,b", ["a ", "b"])],
)
def test_commas_in_quotes_divide_nothing(listed, parts):
    assert tokens(listed) == parts


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Header", "first argument must be 'add', 'set', 'append', 'merge', 'unset', 'echo', 'edit', or"),
        ("Header set X", "Header requires three arguments"),
        ("Header edit X y", "Header edit requires a match and a substitution"),
        ("Header edit X ( y", "Header edit regex could not be compiled"),
        ("Header echo (", "Header echo regex could not be compiled"),
        ("RequestHeader echo X", "Header echo only valid on Header directives"),
        ("Header unset X y", "error: envclause should be in the form env=envar"),
        ("Header unset X y z", "header unset takes two arguments"),
        ("Header set X y env=", "error: missing environment variable name."),
        ("Header set X a b c", "Header has too many arguments"),
        ("RequestHeader set X a b c d", "RequestHeader has too many arguments"),
        ("Header set X %Q", "Unrecognized header format %Q"),
    ],
)
def test_wrong_lines_are_refused_in_apaches_words(site, line, message):
    with pytest.raises(ConfigError) as error:
        site(line)
    assert message in str(error.value)
