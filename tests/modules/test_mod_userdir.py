"""mod_userdir: where users have their pages, and whose are served."""

import pwd

import pytest

from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules.mod_userdir import place_of

FILES = {"homes/jane/www/a.txt": "jane", "homes/bob/www/a.txt": "bob", "web/bob/a.txt": "web bob"}


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("/home/*/www", ("/home/jane/www", None)),
        ("/web", ("/web/jane", None)),
        ("http://x.example/~*", (None, "http://x.example/~jane")),
        ("http://x.example/~*/", (None, "http://x.example/~jane")),
        ("public_html", (None, None)),
    ],
)
def test_a_pattern_stands_for_a_folder_or_a_url(monkeypatch, pattern, place):
    def nobody(name: str) -> object:
        raise KeyError(name)

    monkeypatch.setattr(pwd, "getpwnam", nobody)
    assert place_of(pattern, "jane") == place


def test_a_name_is_looked_for_in_the_users_home():
    me = pwd.getpwuid(0)
    assert place_of("public_html", me.pw_name) == (f"{me.pw_dir}/public_html", None)


def test_the_first_folder_that_exists_is_taken(site):
    one = site('UserDir "@ROOT@/web" "@ROOT@/homes/*/www"', FILES)
    assert one.get("/~bob/a.txt").text == "web bob"
    assert one.get("/~jane/a.txt").text == "jane"


def test_a_url_redirects(get):
    answer = get("/~jane/a", conf="UserDir http://people.example/~*/")
    assert (answer.status, answer.headers["Location"]) == (302, "http://people.example/~jane/a")


@pytest.mark.parametrize(
    ("lines", "jane", "bob"),
    [
        ("UserDir disabled jane", 404, 200),
        ("UserDir disabled\nUserDir enabled bob", 404, 200),
        ("UserDir disabled JANE", 404, 200),
        ("UserDir disabled\nUserDir enabled", 200, 200),
        ("UserDir enabled\nUserDir disabled bob jane", 404, 404),
    ],
)
def test_users_can_be_enabled_and_disabled(site, lines, jane, bob):
    one = site(f'UserDir "@ROOT@/homes/*/www"\n{lines}', FILES)
    assert (one.get("/~jane/a.txt").status, one.get("/~bob/a.txt").status) == (jane, bob)


def test_a_virtual_host_that_says_anything_has_lists_of_its_own(site):
    conf = (
        'UserDir "@ROOT@/homes/*/www"\nUserDir disabled jane\nNameVirtualHost *:80\n'
        "<VirtualHost *:80>\nServerName www.example.com\nUserDir disabled bob\n</VirtualHost>"
    )
    one = site(conf, FILES)
    assert (one.get("/~jane/a.txt").status, one.get("/~bob/a.txt").status) == (200, 404)


@pytest.mark.parametrize("user", ["", ".", ".."])
def test_dots_are_no_users(get, user):
    assert get(f"/~{user}/a.txt", conf='UserDir "@ROOT@/homes"', files={"a.txt": "no"}).status == 404


def test_a_line_without_words_is_refused(site):
    with pytest.raises(ConfigError, match="UserDir requires an argument"):
        site("UserDir")
