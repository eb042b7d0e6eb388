"""Each thing that an answer may depend on without anybody noticing: what caches get wrong."""

import os
import sys
import time
from types import ModuleType

import pytest
from replay_files import link, put, remove, settle
from replay_world import Ask, Talk

from pyhttpd.core.auth import Login
from pyhttpd.core.filters import CONTENT_SET
from pyhttpd.core.hooks import FIXUPS
from pyhttpd.core.module import Module

FILES = {"htdocs/a.txt": "a text", "htdocs/b.txt": "b text", "htdocs/d/x.txt": "x in d"}
FUTURE = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.fixture
def made(twins):
    return twins(files=FILES)


def fields(said):
    return said.partition(b"\r\n\r\n")[0]


def test_an_unchanged_answer_is_given_again(made):
    assert made.again("/a.txt").endswith(b"\r\n\r\na text")


def test_a_files_text_of_the_same_length_and_time_is_new_text(made):
    made.again("/a.txt")
    put(made.root / "htdocs/a.txt", "A TEXT")
    assert made.ask("/a.txt").endswith(b"A TEXT")


def test_a_file_that_is_changed_twice_within_one_tick_is_not_mixed_up(made):
    path = made.root / "htdocs/a.txt"
    for number in range(200):
        put(path, f"text {number % 10}")
        assert made.ask("/a.txt").endswith(f"text {number % 10}".encode())


def test_a_fresh_files_weak_tag_is_not_given_again_when_it_has_become_strong(twins):
    made = twins(files=FILES)
    path = made.root / "htdocs/a.txt"
    now = time.time()
    os.utime(path, (now, now - 0.7))
    settle()
    asks, deadline = Talk((Ask("/a.txt"),)), now + 3
    assert b'ETag: W/"' in made.on.talk(asks)
    while b'ETag: W/"' in made.on.talk(asks) and time.time() < deadline:
        assert made.hits == 0
        time.sleep(0.01)
    assert b'ETag: "' in made.on.talk(asks)
    assert made.hits == 1


def test_a_date_in_the_future_is_capped_anew_each_time(made):
    os.utime(made.root / "htdocs/a.txt", (4e9, 4e9))
    settle()
    made.never("/a.txt")


def test_a_condition_on_the_future_is_looked_at_anew_each_time(made):
    assert made.never("/a.txt", FUTURE).startswith(b"HTTP/1.1 200")


def test_a_missing_file_that_comes_is_there(made):
    made.again("/none.txt")
    put(made.root / "htdocs/none.txt", "came")
    assert made.ask("/none.txt").endswith(b"came")


def test_a_htaccess_that_comes_and_goes_counts_at_once(made):
    path = made.root / "htdocs/d/.htaccess"
    made.again("/d/x.txt")
    put(path, "Deny from all\n")
    settle()
    assert made.again("/d/x.txt").startswith(b"HTTP/1.1 403")
    remove(path)
    assert made.ask("/d/x.txt").startswith(b"HTTP/1.1 200")


def test_a_htaccess_that_becomes_a_link_to_itself_refuses(made):
    made.again("/d/x.txt")
    link(made.root / "htdocs/d/.htaccess", ".htaccess")
    assert made.ask("/d/x.txt").startswith(b"HTTP/1.1 403")


def test_what_could_not_be_looked_at_is_looked_at_anew(made):
    path = made.root / "htdocs/d/.htaccess"
    link(path, ".htaccess")
    settle()
    assert made.never("/d/x.txt").startswith(b"HTTP/1.1 403")
    remove(path)
    assert made.ask("/d/x.txt").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("target", ["/here.txt", "/way/x.txt"])
def test_a_link_that_leads_elsewhere_leads_there(made, target):
    other = made.root / "htdocs/e"
    put(other / "x.txt", "x in e")
    link(made.root / "htdocs/here.txt", "a.txt")
    link(made.root / "htdocs/way", "d")
    settle()
    first = made.again(target)
    link(made.root / "htdocs/here.txt", "b.txt")
    link(made.root / "htdocs/way", "e")
    assert made.ask(target) != first


def test_a_listing_has_the_files_that_are_there(made):
    made.again("/d/")
    put(made.root / "htdocs/d/new.txt", "")
    assert b"new.txt" in made.ask("/d/")


def test_a_listing_has_the_sizes_of_its_files(twins):
    made = twins("IndexOptions FancyIndexing\n", FILES)
    made.again("/d/")
    put(made.root / "htdocs/d/x.txt", "x" * 3000)
    assert b"2.9K" in made.ask("/d/")


def test_a_password_that_was_changed_opens_nothing_any_more(twins):
    hashes = "joe:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\n", "joe:{SHA}pUqP5cyxm6YcTAhz05Hph5gvu9M=\n"
    lines = "AuthType Basic", "AuthName x", 'AuthUserFile "@ROOT@/users"', "Require valid-user"
    made = twins("\n".join(("<Location />", *lines, "</Location>\n")), {**FILES, "users": hashes[0]})
    login = "Authorization: Basic am9lOnRlc3Q="
    assert made.again("/a.txt", login).startswith(b"HTTP/1.1 200")
    assert made.again("/a.txt").startswith(b"HTTP/1.1 401")
    put(made.root / "users", hashes[1])
    assert made.ask("/a.txt", login).startswith(b"HTTP/1.1 401")


def test_answers_for_one_address_are_not_anothers(twins):
    made = twins("<Location />\nOrder allow,deny\nAllow from 127.0.0.1\n</Location>\n", FILES)
    assert made.again("/a.txt").startswith(b"HTTP/1.1 200")
    assert made.ask("/a.txt", client="127.0.0.2").startswith(b"HTTP/1.1 403")


def test_what_was_never_asked_about_the_client_makes_no_difference(made):
    made.again("/a.txt")
    before = made.hits
    made.ask("/a.txt", "User-Agent: other", client="127.0.0.2")
    assert made.hits == before + 1


def test_a_name_that_only_one_connection_knows_is_told_to_no_other(twins):
    made = twins(
        "SetEnvIf Remote_Host (.+) host=$1\nHeader set X-Host %{host}e\n"
        "<Location /d>\nOrder allow,deny\nAllow from example.com\n</Location>\n",
        FILES,
    )
    ask, denied = Ask("/a.txt"), Ask("/d/x.txt")
    for asks in ((ask,), (denied, ask), (ask,), (denied, ask), (ask, denied, ask)):
        made.agree(Talk(asks))


def test_a_name_known_later_is_logged_from_then_on(twins):
    made = twins("<Location /d>\nHostnameLookups On\n</Location>\n", FILES)
    one, other = Ask("/a.txt"), Ask("/d/x.txt")
    for asks in ((one,), (other,), (one, other, one, other), (other, one), (one, other, one)):
        made.agree(Talk(asks))


@pytest.mark.parametrize("value", ["bytes=0-1", "bytes=-2", "bytes=9999-"])
def test_one_range_is_given_again(made, value):
    made.again("/a.txt", f"Range: {value}")
    assert b"a text" in made.ask("/a.txt")


def test_a_range_by_its_old_name_is_one(made):
    made.again("/a.txt")
    assert made.ask("/a.txt", "Request-Range: bytes=0-1").startswith(b"HTTP/1.1 206")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_boundaries_between_ranges_are_new_each_time(made, method):
    before, boundaries = made.hits, set()
    for _ in range(3):
        said = made.on.talk(Talk((Ask("/a.txt", method, lines=("Range: bytes=0-0,2-2",)),)))
        boundaries.add(said.partition(b"boundary=")[2][:16])
    assert len(boundaries) == 3
    assert made.hits == before


@pytest.mark.parametrize("line", ["Content-Length: 2", "Expect: x", "Upgrade: x", "Content-Length: 0"])
def test_requests_with_more_than_a_head_take_the_long_way(made, line):
    asked = bytes(Ask("/a.txt", lines=(line,))) + b"hi" * line.endswith("2")
    for side in (made.off, made.on):
        for _ in range(3):
            side.talk(Talk((Raw(asked),)))  # type: ignore[arg-type]
    assert made.hits == 0


class Raw(bytes):
    """A request in so many bytes."""


def test_a_field_of_the_server_that_counts_down_is_counted_for_each_connection(twins):
    made = twins("MaxKeepAliveRequests 3\nKeepAliveTimeout 7\n", FILES)
    ask = Ask("/a.txt", lines=("Connection: keep-alive",))
    said = [made.agree(Talk((ask,) * 6)) for _ in range(2)][-1]
    assert [line for line in said.split(b"\r\n") if line.startswith(b"Keep-Alive")] == [
        b"Keep-Alive: timeout=7, max=3", b"Keep-Alive: timeout=7, max=2", b"Keep-Alive: timeout=7, max=1",
    ]  # fmt: skip
    assert said.count(b"Connection: close") == 1


def test_a_child_that_is_to_finish_says_so_in_remembered_answers(made):
    made.again("/a.txt")
    for side in (made.off, made.on):
        side.board.stopping = True
    assert b"Connection: close" in fields(made.ask("/a.txt"))
    assert made.hits >= 2


def test_an_error_page_elsewhere_ends_the_connection_as_it_did(twins):
    made = twins("ErrorDocument 400 http://elsewhere.example.com/\n", FILES)
    for _ in range(3):
        said = made.agree(Talk((Ask("/%zz"), Ask("/a.txt"))))
        assert b"Connection: close" in said


def test_every_refusal_is_logged(twins):
    made = twins("<Location /d>\nDeny from all\n</Location>\n", FILES)
    for number in range(1, 5):
        made.ask("/d/x.txt", f"Referer: http://{number}/")
    assert (made.root / "logs/error-on").read_text().count("denied by server configuration") == 4
    assert made.hits > 0


SILENT = {
    "a hook": lambda module: module.hook(FIXUPS)(lambda request: None),
    "a handler": lambda module: module.handler("silent")(lambda request: b"said"),
    "a filter": lambda module: module.filter("silent", CONTENT_SET)(lambda request, body: body),
    "a provider": lambda module: module.provider("authn", "silent")(Anybody),
}
SILENTLY = """\
LoadModule silent_module replay.silent
<Location /a.txt>
{}
</Location>
"""
USES = {
    "a handler": "SetHandler silent",
    "a filter": "SetOutputFilter silent",
    "a provider": "AuthType Basic\nAuthName x\nAuthBasicProvider silent\nRequire valid-user",
}


class Anybody:
    """Knows everybody."""

    realm_hash = None

    @staticmethod
    def check_password(request, user, password):
        return Login.GRANTED


@pytest.mark.parametrize("replayable", [False, True])
@pytest.mark.parametrize("kind", SILENT)
def test_what_a_silent_module_had_a_hand_in_is_not_given_again(twins, monkeypatch, kind, replayable):
    silent = ModuleType("silent")
    silent.module = Module("silent_module", replayable=replayable)
    SILENT[kind](silent.module)
    monkeypatch.setitem(sys.modules, "replay.silent", silent)
    made = twins(SILENTLY.format(USES.get(kind, "")), FILES)
    said = (made.again if replayable else made.never)("/a.txt", "Authorization: Basic am9lOnRlc3Q=")
    assert said.startswith(b"HTTP/1.1 200")
