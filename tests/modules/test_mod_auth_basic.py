"""Basic authentication as a whole: challenge, providers, who may come in, and what the log says."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from pyhttpd.core.auth import escape_quotes
from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules.mod_auth_basic import decode

SECRET = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="
USERS = f"# users\n\nalice:{SECRET}\n  bob:{SECRET}:more\ncarol:plain\nzoë:{SECRET}\n"
PLACE = 'AuthType Basic\nAuthName "The \\"x\\""\nAuthUserFile users\n'
Place = Callable[[str], Any]


@pytest.fixture
def place(site: Callable[..., Any]) -> Callable[[str], Any]:
    """A site with these lines about /x."""

    def make(conf: str) -> Any:
        return site(f"<Location /x>\n{conf}\n</Location>\n", {"htdocs/x": "in\n", "users": USERS})

    return make


def status(site: Any, user: str = "alice", password: str = "secret") -> int:
    return int(site.get("/x", headers=login(user, password)).status)


def login(user: str, password: str = "secret") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_without_credentials_the_realm_is_asked_for(place: Place) -> None:
    answer = place(PLACE + "Require valid-user").get("/x")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="The \\"x\\""')


@pytest.mark.parametrize(
    ("user", "password", "expected", "logged"),
    [
        ("alice", "secret", 200, ""),
        ("bob", "secret", 200, ""),
        ("zoë", "secret", 200, ""),
        ("alice", "wrong", 401, 'user alice: authentication failure for "/x": Password Mismatch'),
        ("carol", "plain", 401, 'user carol: authentication failure for "/x": Password Mismatch'),
        ("dave", "secret", 401, "user dave not found: /x"),
        ("# users", "", 401, "user # users not found: /x"),
        ("", "", 401, "user  not found: /x"),
    ],
)
def test_a_login_is_checked_against_the_file(
    place: Place, user: str, password: str, expected: int, logged: str
) -> None:
    one = place(PLACE + "Require valid-user")
    assert status(one, user, password) == expected
    assert logged in one.log


def test_require_user_names_who_may_come_in(place: Place) -> None:
    one = place(PLACE + 'Require user alice "bob"')
    assert [status(one, user) for user in ("alice", "bob", "zoë")] == [200, 200, 401]
    assert (
        "access to /x failed, reason: user 'zo\\xc3\\xab' does not meet "
        "'require'ments for user/valid-user to be allowed access"
    ) in one.log


def test_who_is_not_named_falls_to_mod_authz_default(place: Place) -> None:
    one = place(PLACE + "AuthzUserAuthoritative Off\nRequire user alice")
    assert status(one, "bob") == 401
    text = "access to /x failed, reason: require directives present and no Authoritative handler."
    assert text in one.log


def test_require_lines_nobody_understands_let_nobody_in(place: Place) -> None:
    assert status(place(PLACE + "Require moon full"), "alice") == 401
    assert status(place(PLACE + "AuthzDefaultAuthoritative Off\nRequire moon"), "alice") == 500
    text = "[crit] [client 127.0.0.1] configuration error:  couldn't check access.  No groups file?: /x"
    assert text in place("").log


@pytest.mark.parametrize(
    ("conf", "logged"),
    [
        ("AuthType Basic\nAuthName a\nRequire valid-user", "Could not open password file: (null)"),
        ("AuthType Basic\nAuthName a\nAuthUserFile no\nRequire valid-user", "(2)No such file or directory:"),
        ("AuthType Basic\nAuthUserFile users\nRequire valid-user", "need AuthName: /x"),
        ("AuthName a\nRequire valid-user", "couldn't perform authentication. AuthType not set!: /x"),
    ],
)
def test_what_is_missing_is_a_500_that_the_log_explains(place: Place, conf: str, logged: str) -> None:
    one = place(conf)
    assert status(one, "nobody") == 500
    assert logged in one.log


def test_a_login_nobody_looks_at_is_a_500(site: Callable[..., Any]) -> None:
    conf = f"<Location /x>\n{PLACE}AuthBasicAuthoritative Off\nRequire valid-user\n</Location>\n"
    names = ("mime", "auth_basic", "authn_file", "authz_user")
    loads = "".join(f"LoadModule {name}_module modules/mod_{name}.so\n" for name in names)
    one = site(loads + conf, {"htdocs/x": "in\n", "users": USERS})
    assert status(one, "nobody") == 500
    text = "[crit] [client 127.0.0.1] configuration error:  couldn't check user.  No user file?: /x"
    assert text in one.log


def test_a_wrong_password_is_final_even_where_others_may_be_asked(place: Place) -> None:
    one = place(PLACE + "AuthBasicAuthoritative Off\nRequire valid-user")
    assert status(one, "alice", "no") == 401


def test_another_scheme_is_refused(place: Place) -> None:
    one = place(PLACE + "Require valid-user")
    assert one.get("/x", headers={"Authorization": "Bearer abc"}).status == 401
    assert "client used wrong authentication scheme: /x" in one.log


def test_an_inner_section_that_uses_the_module_replaces_all_it_had(place: Place) -> None:
    outer = f"{PLACE}AuthBasicAuthoritative Off\n</Location>\n"
    one = place(outer + "<Location /x>\nAuthBasicProvider file\nRequire valid-user")
    assert status(one, "nobody") == 401
    assert "user nobody not found: /x" in one.log


def test_providers_must_be_known(place: Place) -> None:
    with pytest.raises(ConfigError, match="Unknown Authn provider: nosuch"):
        place("AuthBasicProvider file nosuch")
    with pytest.raises(ConfigError, match="Invalid auth file type: dbm"):
        place("AuthUserFile users dbm")


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("YWxpY2U6c2VjcmV0", "alice:secret"),
        ("YTpi", "a:b"),
        ("YTo=", "a:"),
        ("YTo", "a:"),
        ("YTpi trailing", "a:b"),
        ("", ""),
        ("A", ""),
        ("YQA6Yg==", "a"),
    ],
)
def test_base64_is_read_as_leniently_as_apr_does(token: str, text: str) -> None:
    assert decode(token) == text


def test_quotes_in_a_realm_are_escaped_once() -> None:
    assert escape_quotes('a "b" \\"c\\\\') == 'a \\"b\\" \\"c\\\\'
