"""Log formats: what 2.2's letters, modifiers and escapes become."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from pyhttpd.http.headers import Headers
from pyhttpd.modules.mod_log_config.formats import Format
from pyhttpd.modules.mod_log_config.values import common_time


def request(**given: Any) -> Any:
    connection = SimpleNamespace(
        client=("192.0.2.1", 4000),
        local=("192.0.2.9", 80),
        notes={},
        aborted=False,
        keepalives=0,
        close_after=True,
    )
    usual = {
        "connection": connection,
        "headers_in": Headers({"User-Agent": 'a "b"', "Cookie": "x=1; Sid = abc ;==y=z; e="}),
        "headers_out": Headers(
            [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Late", "1"), ("X-Late", "2")]
        ),
        "body": None,
        "content_type": "text/html; charset=x",
        "line": "GET /a HTTP/1.1",
        "status": 200,
        "bytes_sent": 0,
        "uri": "/a",
        "query": None,
        "method": "GET",
        "protocol": "HTTP/1.1",
        "filename": None,
        "user": None,
        "handler": None,
        "env": {"V": "w"},
        "notes": {"n": "note", "odd": object()},
        "received": 1234567890.123456,
        "started_ns": 0,
        "prev": None,
        "next": None,
    }
    return SimpleNamespace(**{**usual, **given})


def line(text: str, about: Any = None) -> str:
    filled = Format(text, {"O": lambda _request, argument: f"<{argument}>"}.get).line(about or request())
    assert filled.endswith(b"\n")
    return filled[:-1].decode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%a %A %m %H %U %%", "192.0.2.1 192.0.2.9 GET HTTP/1.1 /a %"),
        ("%l %u %f %R %b", "- - - - -"),
        ("%B %q|", "0 |"),
        ('"%r" %s', '"GET /a HTTP/1.1" 200'),
        ("%{User-Agent}i %{none}i", 'a \\"b\\" -'),
        ("%{set-cookie}o %{X-Late}o %{Content-Type}o", "a=1, b=2 1 text/html"),
        ("%{x}C %{SID}C %{y}C %{e}C %{q}C", "1 abc z - -"),
        ("%{v}e %{W}e %{N}n %{odd}n %{m}n", "w - note - -"),
        ("%{remote}p %{LOCAL}p %{odd}p", "4000 80 odd"),
        ("%{what}P %{h}T", "what h"),
        ("%{sec}t %{msec}t %{msec_frac}t %{usec_frac}t", "1234567890 1234567890123 123 123456"),
        ("%{begin:sec}t %{%%}t %{so}t", "1234567890 % so"),
        ("%{x}^ti %{x}^to", "- -"),
        ("%{arg}O", "<arg>"),
        (r"a\tb\\n\q" + '"', 'a\tb\\n\\q"'),
        ("", ""),
    ],
)
def test_every_letter_has_its_value(text: str, expected: str) -> None:
    assert line(text) == expected


def test_empty_names_and_passwords_are_not_shown_as_they_are() -> None:
    assert line("%u", request(user="")) == '""'
    assert (
        line("%r", request(line="GET http://me:secret@h/ HTTP/1.1")) == "GET http://me:XXXXXXXX@h/ HTTP/1.1"
    )


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("%404U", 404, "/a"),
        ("%404U", 200, "-"),
        ("%!404U", 404, "-"),
        ("%!!404U", 404, "/a"),
        ("%400,501{V}e", 501, "w"),
        ("%400,501{V}e", 200, "-"),
    ],
)
def test_a_list_of_statuses_restricts_an_item(text: str, status: int, expected: str) -> None:
    assert line(text, request(status=status)) == expected


def test_modifiers_choose_between_the_first_and_the_last_request() -> None:
    first, last = request(status=404, uri="/first"), request(status=200, uri="/last")
    first.next, last.prev = last, first
    for given in (first, last):
        assert line("%s %>s %<s %U %>U %m", given) == "404 200 404 /first /last GET"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%Z", "Unrecognized LogFormat directive %Z"),
        ("%^xy", "Unrecognized LogFormat directive %^"),
        ("%{SSL_PROTOCOL}x", "Unrecognized LogFormat directive %x"),
        ("abc %", "Ran off end of LogFormat parsing args to some directive"),
        ("%{abc", "Ran off end of LogFormat parsing args to some directive"),
        ("%!200", "Ran off end of LogFormat parsing args to some directive"),
    ],
)
def test_what_is_no_format_is_refused_in_apaches_words(text: str, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        line(text)
    assert str(raised.value) == message


def test_a_closing_connection_is_not_counted_as_kept_alive() -> None:
    about = request()
    assert line("%X %k", about) == "- 0"
    about.connection.close_after, about.connection.keepalives = False, 2
    assert line("%X %k", about) == "+ 1"
    about.connection.aborted = True
    assert line("%X", about) == "X"


def test_the_common_time_has_brackets_and_an_offset() -> None:
    assert re.fullmatch(r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]", common_time(0))
    assert line("%t %{end}t").count("[") == 2
