"""mod_rewrite: tests of conditions, their groups, OR, and what the answer varies with."""

import pytest
from rewriting import ON


def location(get, rule, target="/a", **asked):
    """Where a rule of the server sends a request."""
    return get(target, conf=ON + rule, **asked).headers.get("Location")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("%{QUERY_STRING} =abc", True),
        ('%{HTTP_REFERER} =""', True),
        ("%{QUERY_STRING} =ABC [NC]", True),
        ("%{QUERY_STRING} <abd", True),
        ("%{QUERY_STRING} <zz", False),
        ("%{QUERY_STRING} >zz", True),
        ("%{QUERY_STRING} !>zz", False),
        ("%{REQUEST_METHOD} ^(GET|HEAD)$", True),
        ("@ROOT@/htdocs/f.txt -f", True),
        ("@ROOT@/htdocs -f", False),
        ("@ROOT@/htdocs -d", True),
        ("@ROOT@/htdocs/f.txt -s", True),
        ("@ROOT@/htdocs/empty.txt -s", False),
        ("@ROOT@/htdocs/f.txt !-l", True),
        ("@ROOT@/htdocs/run.cgi -x", True),
        ("@ROOT@/htdocs/f.txt -x", False),
        ("/f.txt -U", True),
        ("/secret/f.txt -U", False),
        ("@ROOT@/htdocs/f.txt -F", True),
        ("@ROOT@/htdocs/none.txt -F", False),
        ("%{LA-U:REQUEST_FILENAME} /htdocs/a$", True),
        ("%{TIME_YEAR}%{TIME_MON}%{TIME_DAY}%{TIME_HOUR}%{TIME_MIN}%{TIME_SEC} ^\\d{14}$", True),
        ("%{TIME} ^20\\d{12}$", True),
        ("%{TIME_WDAY} ^[0-6]$", True),
        ("%{SERVER_PORT}%{HTTPS}%{IS_SUBREQ} ^80offfalse$", True),
        ("%{THE_REQUEST} ^GET\\ /a\\?abc\\ HTTP/1\\.1$", True),
        ("%{REMOTE_ADDR}%{REMOTE_HOST} ^127.0.0.1127.0.0.1$", True),
        ("%{http:x-y} ^z$", True),
        ("%{NOBODY}%{x}%{SSL:X}%{ENV:}%{HTTP:} ^$", True),
        ("%{API_VERSION}%{SERVER_PROTOCOL} ^20051115:\\d+HTTP/1.1$", True),
        ("%{SCRIPT_USER} .", True),
        ("%{DOCUMENT_ROOT} ^@ROOT@/htdocs$", True),
    ],
)
def test_conditions(get, condition, holds):
    rules = f"RewriteCond {condition}\nRewriteRule ^/a$ - [G]\n<Location /secret>\nDeny from all\n</Location>"
    files = {"htdocs/f.txt": "f", "htdocs/empty.txt": "", "htdocs/run.cgi": "x"}
    status = get("/a?abc", conf=ON + rules, files=files, headers={"X-Y": "z"}).status
    assert (status == 410) is holds


def test_groups_of_rules_and_conditions(get):
    rules = """
RewriteCond %{QUERY_STRING} ^k=(\\w+)
RewriteCond %1-$1 ^(v)-(x)
RewriteRule ^/a/(.)(.)?$ http://o.example/$1$2%2%1%9\\$1 [R,L]
"""
    assert location(get, rules, "/a/x?k=v") == "http://o.example/xxv$1?k=v"


def test_or_takes_the_first_that_holds_and_and_needs_all(site):
    rules = """
RewriteCond %{QUERY_STRING} ^a$ [OR]
RewriteCond %{QUERY_STRING} ^b$ [OR]
RewriteCond %{QUERY_STRING} ^c$
RewriteCond %{REQUEST_METHOD} =GET
RewriteRule ^/x$ - [G]
"""
    one = site(ON + rules)
    assert [one.get(f"/x?{letter}").status for letter in "abcd"] == [410, 410, 410, 404]
    assert one.get("/x?a", method="POST").status == 404


def test_an_or_at_the_end_need_not_hold(get):
    rules = "RewriteCond %{QUERY_STRING} ^a$ [OR]\nRewriteRule ^/x$ - [G]"
    assert get("/x?b", conf=ON + rules).status == 410


def test_fields_that_a_condition_depended_on_are_told(site):
    rules = """
RewriteCond %{HTTP_USER_AGENT} lynx
RewriteCond %{HTTP:X-A} a [NV]
RewriteRule ^/b.txt$ /a.txt
"""
    one = site(ON + rules, {"htdocs/a.txt": "a", "htdocs/b.txt": "b"})
    assert one.get("/b.txt", headers={"User-Agent": "lynx", "X-A": "a"}).headers["Vary"] == "User-Agent"
    assert "Vary" not in one.get("/b.txt", headers={"User-Agent": "other"}).headers
