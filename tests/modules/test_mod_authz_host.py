"""Who is let in: every way to write an address, the whole truth table, and 2.4's Require lines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules.mod_authz_host import network, term

Place = Callable[[str], Any]


@pytest.fixture
def place(site: Callable[..., Any]) -> Callable[[str], Any]:
    """A site with these lines about /x."""

    def make(conf: str) -> Any:
        return site(f"<Location /x>\n{conf}\n</Location>\n", {"htdocs/x": "in\n"})

    return make


@pytest.mark.parametrize(
    ("text", "mask", "inside", "outside"),
    [
        ("10", None, "10.255.0.1", "11.0.0.1"),
        ("10.1.", None, "10.1.9.9", "10.2.0.1"),
        ("10.1.2.3", None, "10.1.2.3", "10.1.2.4"),
        ("10.1.0.0", "16", "10.1.255.255", "10.2.0.0"),
        ("10.1.0.0", "255.255.0.0", "10.1.0.1", "10.0.0.1"),
        ("10.0.5.0", "255.0.255.0", "10.77.5.1", "10.77.6.1"),
        ("2001:db8::", "32", "2001:db8:1::1", "2001:db9::1"),
        ("::1", None, "::1", "127.0.0.1"),
        ("fe80::", "10", "fe80::1%eth0", "::1"),
        ("127", None, "::ffff:127.0.0.1", "::1"),
    ],
)
def test_networks_hold_their_addresses(text: str, mask: str | None, inside: str, outside: str) -> None:
    assert network(text, mask).holds(inside)
    assert not network(text, mask).holds(outside)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("10.0.0.0/33", "The specified network mask is invalid."),
        ("10.0.0.0/0", "The specified network mask is invalid."),
        ("10.0.0.0/", "The specified network mask is invalid."),
        ("10.1/16", "The specified IP address is invalid."),
        ("10.256", "The specified IP address is invalid."),
        ("1.2.3.4.5", "The specified IP address is invalid."),
        ("", "The specified IP address is invalid."),
        ("a:b", "The specified IP address is invalid."),
        ("::ffff:10.0.0.1", "The specified IP address is invalid."),
        ("example.com/8", "An IP address was expected"),
    ],
)
def test_broken_addresses_are_refused_in_apaches_words(word: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        term(word)


def test_words_that_look_like_no_address_are_names() -> None:
    assert [term(word)[0] for word in ("all", "ALL", "env=x", "env=!x", "example.com", ".de", "10a")] == [
        *("all", "all", "env", "no env", "host", "host", "host")
    ]


ALLOWED, DENIED = "Allow from 127.0.0.1", "Deny from 127.0.0.1"


@pytest.mark.parametrize(
    ("order", "none", "allow", "deny", "both"),
    [
        ("deny,allow", 200, 200, 403, 200),
        ("allow,deny", 403, 200, 403, 403),
        ("mutual-failure", 403, 200, 403, 403),
    ],
)
def test_the_truth_table_of_order(
    place: Place, order: str, none: int, allow: int, deny: int, both: int
) -> None:
    for lines, expected in (((), none), ((ALLOWED,), allow), ((DENIED,), deny), ((ALLOWED, DENIED), both)):
        assert place("\n".join((f"Order {order}", *lines))).get("/x").status == expected


def test_deny_without_order_leaves_allow_the_last_word(place: Place) -> None:
    assert place("Deny from all").get("/x").status == 403
    assert place("Deny from all\nAllow from 127").get("/x").status == 200


def test_a_refusal_names_the_file_in_the_log(place: Place, tmp_path: Path) -> None:
    place("Deny from all").get("/x")
    text = f"[error] [client 127.0.0.1] client denied by server configuration: {tmp_path}/htdocs/x"
    assert text in place("").log


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Require all granted", 200),
        ("Require all denied", 403),
        ("Require ip 127.0.0", 200),
        ("Require ip 10 127.0.0.0/8", 200),
        ("Require ip 10.0.0.0/8", 403),
        ("Require ip nonsense", 403),
        ("Require local", 200),
        ("Require all denied\nRequire local", 200),
        ("Require all granted\nOrder allow,deny", 403),
        ("<Limit POST>\nRequire all denied\n</Limit>", 200),
    ],
)
def test_lines_of_24_about_addresses_need_no_login(place: Place, lines: str, expected: int) -> None:
    assert place(lines).get("/x").status == expected


def test_limit_restricts_order_and_its_lists_to_methods(place: Place) -> None:
    one = place("<Limit POST>\nOrder allow,deny\n</Limit>")
    assert one.get("/x").status == 200
    assert one.get("/x", method="POST", body=b"x").status == 403


def test_variables_of_the_request_open_doors(place: Place) -> None:
    one = place("Order allow,deny\nAllow from env=FRIEND\nSetEnvIf X-Friend . friend")
    assert one.get("/x").status == 403
    assert one.get("/x", headers={"X-Friend": "yes"}).status == 200


def test_satisfy_any_keeps_the_refusal_out_of_the_log_while_a_login_may_help(place: Place) -> None:
    one = place("Deny from all\nSatisfy any\nAuthType Basic\nAuthName a\nRequire valid-user")
    assert one.get("/x").status == 401
    assert "client denied" not in one.log


def test_mistakes_keep_apaches_words(place: Place) -> None:
    for line, message in (
        ("Order allow,deny x", "order takes one argument, 'allow,deny', 'deny,allow', or 'mutual-failure'"),
        ("Order sideways", "unknown order"),
        ("Allow all", "allow requires at least two arguments"),
        ("Deny form all", "allow and deny must be followed by 'from'"),
    ):
        with pytest.raises(ConfigError, match=message):
            place(line)
