"""mod_alias: which rule matches, what it makes of the URL, which lines are refused."""

import pytest

from pyhttpd.diagnostics import ConfigError

OPEN = '<Directory "@ROOT@">\nAllowOverride All\n</Directory>\n'


def test_an_alias_stands_for_whole_segments_and_any_number_of_slashes(site):
    one = site(OPEN + 'Alias /pics "@ROOT@/share"', {"share/a.txt": "a", "htdocs/picsx.txt": "x"})
    assert one.get("/pics/a.txt").text == "a"
    assert one.get("//pics///a.txt").text == "a"
    assert one.get("/picsx.txt").text == "x"
    assert one.get("/%70ics/a.txt").text == "a"


def test_an_alias_with_a_slash_at_its_end_wants_one(site):
    one = site(OPEN + 'Alias /pics/ "@ROOT@/share/"', {"share/a.txt": "a"})
    assert one.get("/pics/a.txt").text == "a"
    assert one.get("/pics").status == 404


def test_alias_match_fills_in_groups(site):
    one = site(OPEN + r'AliasMatch ^/v(\d)/(.*)$ "@ROOT@/share/$2.$1"', {"share/a.2": "two"})
    assert one.get("/v2/a").text == "two"


def test_the_first_alias_that_matches_counts_and_a_later_one_is_warned_of(site):
    one = site(OPEN + 'Alias /a "@ROOT@/x"\nAlias /a/b "@ROOT@/y"', {"x/b/f.txt": "x", "y/f.txt": "y"})
    assert one.get("/a/b/f.txt").text == "x"
    assert any("overlaps an earlier Alias." in notice.message for notice in one.server.site.warnings)


@pytest.mark.parametrize(
    ("line", "status", "location"),
    [
        ("Redirect /a http://o.example/b", 302, "http://o.example/b/c?q=1"),
        ("Redirect permanent /a http://o.example/b", 301, "http://o.example/b/c?q=1"),
        ("Redirect seeother /a http://o.example/b?own", 303, "http://o.example/b?own/c"),
        ("Redirect 307 /a /here", 307, "http://www.example.com/here/c?q=1"),
        ("RedirectPermanent /a http://o.example/b", 301, "http://o.example/b/c?q=1"),
        ("RedirectTemp /a http://o.example/b", 302, "http://o.example/b/c?q=1"),
        ("RedirectMatch ^/a/(.)$ http://o.example/x?$1#f", 302, "http://o.example/x?c#f"),
        ("RedirectMatch ^/a nonsense", 500, None),
        ("Redirect gone /a", 410, None),
        ("Redirect 404 /", 404, None),
    ],
)
def test_a_redirect_answers_with_its_status_and_target(get, line, status, location):
    answer = get("/a/c?q=1", conf=line)
    assert (answer.status, answer.headers.get("Location")) == (status, location)


def test_what_a_redirect_takes_from_the_path_is_escaped(get):
    answer = get("/a/x%20%22y", conf="Redirect /a http://o.example")
    assert answer.headers["Location"] == "http://o.example/x%20%22y"


def test_a_redirect_goes_before_an_alias_that_stands_earlier(get):
    conf = OPEN + 'Alias /a "@ROOT@/share"\nRedirect /a http://o.example/'
    assert get("/a/f.txt", conf=conf, files={"share/f.txt": "f"}).status == 302


def test_a_redirect_in_a_section_waits_for_access_control(get):
    section = "<Location /a>\nOrder allow,deny\nRedirect /a http://o.example/\n</Location>"
    assert get("/a", conf=section).status == 403


def test_a_virtual_host_asks_its_own_rules_first(site):
    conf = (
        "NameVirtualHost *:80\nRedirect /a http://main.example/\nRedirect /m http://main.example/\n"
        "<VirtualHost *:80>\nServerName www.example.com\nRedirect /a http://host.example/\n</VirtualHost>"
    )
    one = site(conf)
    assert one.get("/a").headers["Location"] == "http://host.example/"
    assert one.get("/m").headers["Location"] == "http://main.example/"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Redirect /a b", "Redirect to non-URL"),
        ("Redirect 200 /a http://b/", "Redirect URL not valid for this status"),
        ("Redirect 301 /a", "URL to redirect to is missing"),
        ("Redirect perm /a http://b/", "Redirect: invalid first argument (of three)"),
        ("Alias /a", "Alias takes two arguments"),
        ("AliasMatch ( /x", "Regular expression could not be compiled."),
        ("RedirectMatch ( http://x/", "Regular expression could not be compiled."),
        ("<Directory />\nAlias /a /b\n</Directory>", "Alias not allowed here"),
    ],
)
def test_wrong_lines_are_refused_in_apaches_words(site, line, message):
    with pytest.raises(ConfigError) as error:
        site(line)
    assert message in str(error.value)
