"""mod_rewrite: what rules and their flags do to a request."""

import re

import pytest
from rewriting import CGI, ON, OPEN, SHOW


def location(get, rule, target="/a", **asked):
    """Where a rule of the server sends a request."""
    return get(target, conf=ON + rule, **asked).headers.get("Location")


@pytest.mark.parametrize(
    ("flags", "status"),
    [("[F]", 403), ("[forbidden]", 403), ("[G]", 410), ("[gone]", 410), ("[R=404]", 404), ("[R=503,L]", 503)],
)
def test_a_flag_can_be_the_answer(get, flags, status):
    assert get("/a", conf=f"{ON}RewriteRule ^/a - {flags}").status == status


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ("[R]", 302),
        ("[R=301]", 301),
        ("[redirect=permanent]", 301),
        ("[R=seeother,L]", 303),
        ("[R=temp]", 302),
    ],
)
def test_r_redirects_to_an_absolute_url(get, flags, status):
    answer = get("/a?q=1", conf=f"{ON}RewriteRule ^/a$ /b {flags}")
    assert (answer.status, answer.headers["Location"]) == (status, "http://www.example.com/b?q=1")


@pytest.mark.parametrize(
    ("rule", "target", "expected"),
    [
        ("RewriteRule ^/a/(.*)$ http://o.x/$1 [R]", "/a/x%20%22y", "http://o.x/x%20%22y"),
        ("RewriteRule ^/a/(.*)$ http://o.x/$1#f [R,NE]", "/a/x", "http://o.x/x#f"),
        ("RewriteRule ^/a/(.*)$ http://o.x/?v=$1 [R,B,NE]", "/a/x%26y%20z", "http://o.x/?v=x%26y+z"),
        ("RewriteRule ^/a$ http://o.x/", "/a?p=%20", "http://o.x/?p=%2520"),
        ("RewriteRule ^/a$ http://o.x/ [R,NE]", "/a?p=%20", "http://o.x/?p=%20"),
        ("RewriteRule ^/a$ http://o.x/? [R]", "/a?p=1", "http://o.x/"),
        ("RewriteRule ^/a$ http://o.x/ [R,QSD]", "/a?p=1", "http://o.x/"),
        ("RewriteRule ^/a$ http://o.x/?n=1 [R,QSA]", "/a?p=1", "http://o.x/?n=1&p=1"),
        ("RewriteRule ^/a$ http://o.x/?n=1 [R,QSA]", "/a", "http://o.x/?n=1"),
        ("RewriteRule ^/a$ http://o.x/? [R,QSA]", "/a", "http://o.x/?"),
        ("RewriteRule ^/a$ http://o.x/ [R]", "/a?", "http://o.x/?"),
        ("RewriteRule ^/a$ mailto:x@o.x [R]", "/a", "mailto:x@o.x"),
        ("RewriteRule ^/a$ ldap://o.x/a%20b?c?d [R]", "/a?lost", "ldap://o.x/a0b?c?d"),
        ("RewriteRule ^/a/((?s).*)$ http://o.x/$1 [R,NE]", "/a/%0d%0aA:b", "http://o.x/%0d%0aA:b"),
    ],
)  # fmt: skip
def test_what_becomes_of_characters_and_queries_in_a_redirect(get, rule, target, expected):
    assert location(get, rule, target) == expected


def test_a_url_of_our_own_host_is_done_inside(site):
    one = site(
        ON + "ServerName www.example.com:80\nRewriteRule ^/a$ http://www.example.com/b.txt",
        {"htdocs/b.txt": "b"},
    )
    assert one.get("/a").text == "b"


def test_rules_follow_each_other_until_last(site):
    rules = "RewriteRule ^/a$ /b\nRewriteRule ^/b$ /c.txt [L]\nRewriteRule ^/c.txt$ /d.txt"
    one = site(ON + rules, {"htdocs/c.txt": "c", "htdocs/d.txt": "d"})
    assert one.get("/a").text == "c"


def test_a_chain_that_breaks_skips_its_rest_and_s_skips_rules(site):
    rules = """
RewriteRule ^/no - [C]
RewriteRule ^/ - [F]
RewriteRule ^/skip - [S=1]
RewriteRule ^/(skip|other) - [G]
"""
    one = site(ON + rules, {"htdocs/a.txt": "a", "htdocs/skip.txt": "s"})
    assert [one.get(path).status for path in ("/a.txt", "/skip.txt", "/other")] == [200, 200, 410]


def test_next_begins_again_and_finds_an_end(site):
    one = site(ON + "RewriteRule ^(.*)_(.*)$ $1-$2 [N]", {"htdocs/a-b-c.txt": "dashes"})
    assert one.get("/a_b_c.txt").text == "dashes"


@pytest.mark.parametrize("rule", ["RewriteRule ^/(.*)$ /$1 [N]", "RewriteRule ^/(.*)$ /$1$1x [N]"])
def test_rules_without_an_end_are_a_logged_500(get, rule):
    answer = get("/a", conf=ON + rule)
    assert answer.status == 500
    assert "RewriteRule ^/(.*)$ at " in answer.log


def test_a_runaway_pattern_is_a_logged_500(get):
    answer = get("/" + "a" * 60, conf=ON + "RewriteRule ^/((a|aa)+)+\\d$ /b")
    assert answer.status == 500
    assert "takes too many steps" in answer.log


def test_end_is_last_as_well(site):
    one = site(ON + "RewriteRule ^/a$ /b.txt [END]\nRewriteRule .* - [F]", {"htdocs/b.txt": "b"})
    assert one.get("/a").text == "b"


def test_pass_through_hands_the_result_to_alias(site):
    rules = 'Alias /al "@ROOT@/share"\nRewriteRule ^/a/(.*)$ /al/$1 [PT]\nRewriteRule ^/n/(.*)$ /al/$1'
    one = site(ON + rules, {"share/x.txt": "x"})
    assert (one.get("/a/x.txt").text, one.get("/n/x.txt").status) == ("x", 404)


def test_a_result_that_exists_from_the_root_is_a_file(site):
    assert site(ON + "RewriteRule ^/a$ @ROOT@/share/x.txt", {"share/x.txt": "x"}).get("/a").text == "x"


@pytest.mark.parametrize(("result", "up"), [("/files/%1", "../.."), ("@ROOT@/htdocs/%1", "..")])
def test_dots_from_a_query_do_not_lead_past_the_sections(site, result, up):
    rules = f"""
RewriteCond %{{QUERY_STRING}} f=(.*)
RewriteRule ^/get$ {result}
<Directory "@ROOT@/secret">
    Order allow,deny
</Directory>
"""
    one = site(ON + rules, {"secret/x.txt": "secret", "htdocs/files/y.txt": "y", "htdocs/y.txt": "y"})
    assert one.get(f"/get?f={up}/secret/x.txt").status == 403
    assert one.get("/get?f=./y.txt").text == "y"


def test_pass_through_with_dots_does_not_leave_an_alias(site):
    rules = """
Alias /al "@ROOT@/share/deep"
RewriteCond %{QUERY_STRING} (.*)
RewriteRule ^/get$ /al/%1 [PT]
<Directory "@ROOT@/share">
    Order allow,deny
</Directory>
<Directory "@ROOT@/share/deep">
    Order allow,deny
    Allow from all
</Directory>
"""
    one = site(ON + rules, {"share/x.txt": "secret", "share/deep/y.txt": "y"})
    assert (one.get("/get?y.txt").text, one.get("/get?../x.txt").status) == ("y", 403)


def test_p_is_refused_where_there_is_no_proxy(get):
    answer = get("/a", conf=ON + "RewriteRule ^/a$ http://o.example/ [P]")
    assert answer.status == 403
    assert "attempt to make remote request from mod_rewrite without proxy enabled" in answer.log


def test_variables_cookies_type_and_handler(site):
    rules = """
RewriteRule ^/env$ /show.cgi [E=Q:1,L]
RewriteRule ^/cookie - [CO=n:v:.example.com,CO=n:w:.example.com,CO=m:v:.example.com:5:/p:1:1]
RewriteRule ^/t\\.txt$ - [T=TEXT/Css]
RewriteRule ^/run\\.txt$ - [H=cgi-script]
RewriteCond %{ENV:GONE} .
RewriteRule .* - [F]
"""
    files = {"htdocs/show.cgi": SHOW, "htdocs/cookie.txt": "c", "htdocs/t.txt": "t", "htdocs/run.txt": SHOW}
    one = site(CGI + ON + "SetEnv X 1\n" + rules, files)
    (one.root / "htdocs/run.txt").chmod(0o755)
    assert one.get("/env").text == "||/env"
    cookies = one.get("/cookie.txt").headers.get_all("Set-Cookie")
    assert cookies[0] == "n=v; path=/; domain=.example.com"
    assert re.fullmatch(
        r"m=v; path=/p; domain=.example.com; expires=\w{3}, \d\d-\w{3}-\d{4} [\d:]{8} GMT; secure; HttpOnly",
        cookies[1],
    )
    assert len(cookies) == 2
    assert one.get("/t.txt").headers["Content-Type"] == "text/css"
    assert one.get("/run.txt").text.startswith("|")


def test_a_cookie_is_set_once_also_where_the_rules_run_again(site):
    rules = "RewriteEngine On\nRewriteRule ^ - [CO=a:b:.example.com]\nRewriteRule ^x$ y.txt"
    one = site(OPEN, {"htdocs/c/.htaccess": rules, "htdocs/c/y.txt": "y"})
    assert one.get("/c/x").headers.get_all("Set-Cookie") == ("a=b; path=/; domain=.example.com",)


def test_a_variable_can_be_taken_away(get):
    rules = "SetEnvIf Host . A=1\nRewriteRule ^ - [E=!A]\nRewriteCond %{ENV:A} =1\nRewriteRule ^ - [F]"
    assert get("/", conf=ON + rules).status != 403
