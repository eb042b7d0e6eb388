"""Which virtual host answers (reference: migration-tiers 8)."""

import pytest

from pyhttpd.core.core_module import PerServer
from pyhttpd.core.vhosts import resolve, split_host


def host(address, name, *more):
    """A virtual host whose page says who it is."""
    lines = [f"ServerName {name}"] if name else []
    body = "\n".join([*lines, f'DocumentRoot "@ROOT@/{name or "none"}"', *more])
    return f"<VirtualHost {address}>\n{body}\n</VirtualHost>\n"


NAMES = ("a.example", "b.example", "c.example", "d.example", "none", "htdocs")
FILES = {f"{name}/who": name for name in NAMES}


@pytest.fixture
def who(site):
    """Who answers: `ask(conf)(Host, local=...)`."""

    def ask(conf):
        made = site(conf, FILES)

        def of(name="any.example", local=("127.0.0.1", 80), target="/who"):
            answer = made.get(target, headers={"Host": name}, local=local)
            return answer.text if answer.status == 200 else answer.status

        of.site = made
        return of

    return ask


def warnings(made):
    return [notice.message for notice in made.server.site.warnings]


NAMED = (
    "NameVirtualHost *:80\n"
    + host("*:80", "a.example", "ServerAlias www.a.example *.a.test ?.a.example")
    + host("*:80", "b.example", "ServerAlias b")
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.example", "a.example"), ("b.example", "b.example"), ("B.EXAMPLE", "b.example"),
        ("b.example.", "b.example"), ("b.example:8080", "b.example"), ("b", "b.example"),
        ("x.a.test", "a.example"), ("x.y.a.test", "a.example"), ("x.a.example", "a.example"),
        ("other.example", "a.example"), ("www.example.com", "a.example"), ("127.0.0.1", "a.example"),
        ("[::1]:80", "a.example"),
    ],
)  # fmt: skip
def test_names_are_matched_in_file_order_and_the_first_host_takes_the_rest(who, name, found):
    assert who(NAMED)(name) == found


def test_without_a_host_field_the_first_one_answers(who):
    made = who(NAMED).site
    assert made.answer(made.talk(b"GET /who HTTP/1.0\r\n\r\n")).text == "a.example"


def test_the_name_in_an_absolute_target_counts_and_not_the_field(who):
    ask = who(NAMED)
    assert ask("a.example", target="http://b.example/who") == "b.example"
    assert ask("b.example", target="http://a.example:99/who") == "a.example"


def test_another_port_is_the_main_servers(who):
    assert who(NAMED)("a.example", local=("127.0.0.1", 81)) == "htdocs"


def test_without_name_virtual_host_the_first_has_precedence_and_a_warning_says_so(who):
    ask = who(host("*:80", "a.example") + host("*:80", "b.example"))
    assert ask("b.example") == "a.example"
    assert warnings(ask.site) == ["_default_ VirtualHost overlap on port 80, the first has precedence"]


def test_an_overlap_of_addresses_names_both(who):
    ask = who(host("127.0.0.1:80", "a.example") + host("127.0.0.1:80", "b.example"))
    assert warnings(ask.site) == [
        "VirtualHost 127.0.0.1:80 overlaps with VirtualHost 127.0.0.1:80, "
        "the first has precedence, perhaps you need a NameVirtualHost directive"
    ]


SPECIFIC = (
    "NameVirtualHost *:80\n"
    + host("*:80", "a.example")
    + host("*", "b.example")
    + host("127.0.0.2:*", "c.example")
    + host("127.0.0.2:80", "d.example")
)


@pytest.mark.parametrize(
    ("local", "found"),
    [
        (("127.0.0.2", 80), "d.example"),
        (("127.0.0.2", 81), "c.example"),
        (("127.0.0.1", 80), "a.example"),
        (("127.0.0.1", 81), "b.example"),
    ],
)
def test_the_address_is_matched_from_exact_to_any(who, local, found):
    assert who(SPECIFIC)(local=local) == found


def test_a_host_of_an_exact_address_hides_the_names_of_the_wildcard(who):
    ask = who(NAMED + host("127.0.0.1:80", "c.example"))
    assert ask("b.example") == "c.example"
    assert ask("b.example", local=("127.0.0.9", 80)) == "b.example"


def test_default_is_another_word_for_any_address(who):
    ask = who(host("_default_:80", "a.example") + host("_default_:*", "b.example"))
    assert (ask(), ask(local=("127.0.0.3", 99))) == ("a.example", "b.example")


def test_mixed_ports_work_and_are_told(who):
    ask = who("NameVirtualHost *\n" + host("*:80", "a.example") + host("*:80", "b.example"))
    assert ask("b.example") == "b.example"
    text = "-- mixing * ports and non-* ports with a NameVirtualHost address is not supported, "
    assert text + "proceeding with undefined results" in warnings(ask.site)[0]


def test_a_name_virtual_host_that_nobody_uses_is_told(who):
    ask = who("NameVirtualHost *:81\n")
    assert warnings(ask.site) == ["NameVirtualHost *:81 has no VirtualHosts"]
    assert ask() == "htdocs"


def test_a_name_that_does_not_resolve_is_ignored_with_an_error_line(who):
    ask = who(host("no.such.host.invalid:80", "a.example"))
    assert ask("a.example") == "htdocs"
    assert "Could not resolve host name no.such.host.invalid -- ignoring!" in warnings(ask.site)[0]


def test_a_host_without_a_name_has_the_main_servers(who):
    ask = who("NameVirtualHost *:80\n" + host("*:80", "a.example") + host("*:80", None))
    assert ask("www.example.com") == "none"
    assert ask("other") == "a.example"


def test_one_host_at_several_addresses(who):
    ask = who(host("127.0.0.1:80 127.0.0.2:81", "a.example"))
    assert ask(local=("127.0.0.2", 81)) == "a.example"
    assert ask(local=("127.0.0.2", 80)) == "htdocs"


BAD = ("bad/host", "a..b", ".a", "a b", "a\\b", "a:b", "a:80:80", "[::1", "a:99999")


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_host_is_refused(who, name):
    assert who(NAMED)(name) == 400


@pytest.mark.parametrize("target", ["http://a..b/who", "http://.a/who"])
def test_a_malformed_host_in_the_target_is_refused(who, target):
    assert who(NAMED)("a.example", target=target) == 400


def test_server_path_selects_a_host_for_clients_that_name_none(who):
    ask = who(
        "NameVirtualHost *:80\n" + host("*:80", "a.example") + host("*:80", "b.example", "ServerPath /b")
    )
    made = ask.site
    (made.root / "a.example/b").mkdir()
    assert made.answer(made.talk(b"GET /b/who HTTP/1.0\r\n\r\n")).text == "b.example"
    assert made.answer(made.talk(b"GET /bc/who HTTP/1.0\r\n\r\n")).status == 404
    assert ask("b.example", target="/b/who") == "b.example"


def test_a_host_inherits_what_it_does_not_say(who):
    ask = who("ServerAdmin me@a\n" + NAMED + host("*:80", "c.example", "ServerAdmin you@c"))
    assert [one.config(PerServer).admin for one in ask.site.server.virtual] == ["me@a", "me@a", "you@c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*:80", [("*", 80)]),
        ("*", [("*", 7)]),
        ("*:*", [("*", 0)]),
        ("_default_:443", [("*", 443)]),
        ("127.0.0.1", [("127.0.0.1", 7)]),
        ("[::1]:80", [("::1", 80)]),
        ("[::1]", [("::1", 7)]),
    ],
)
def test_addresses(text, expected):
    assert [(one.ip, one.port) for one in resolve(text, 7, lambda *_: None)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A.b", ("a.b", 0)), ("a.b.:80", ("a.b", 80)), ("[::1]:80", ("::1", 80)), ("", ("", 0)),
        ("a:", ("a", 0)), ("a:0", (None, 0)), ("a:65536", (None, 0)), ("a\x00b", (None, 0)),
    ],
)  # fmt: skip
def test_host_fields(text, expected):
    assert split_host(text) == expected
