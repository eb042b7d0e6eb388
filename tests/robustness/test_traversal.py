"""No path leaves the document root, however it is written."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SECRET = b"top secret"
FILES = {
    "secret.txt": SECRET, "htdocs/x.txt": b"x", "htdocs/a/b/c.txt": b"c", "icons/i.gif": b"i",
    "htdocs-old/secret.txt": SECRET, "iconsecret.txt": SECRET, "htdocs/.htpasswd": SECRET,
}  # fmt: skip
CONF = """\
Alias /icons "@ROOT@/icons"
Alias /slash/ "@ROOT@/icons/"
AliasMatch ^/match/(.*) "@ROOT@/icons/$1"
ScriptAlias /cgi-bin/ "@ROOT@/cgi-bin/"
<FilesMatch "^\\.ht">
Order allow,deny
Deny from all
</FilesMatch>
"""
SPELLINGS = r"""
    .. .%2e %2e. %2e%2e %2E%2E ..%2f ..%2F %2e%2e%2f ..%5c ..\ ..; ..%00 ..%20 %252e%252e
    ..%252f %c0%ae%c0%ae %c0%2e%c0%2e ..%c0%af %e0%80%ae%e0%80%ae %uff0e%uff0e ....// ..../
    ./.. ../. ..%2f.. //.. ..// ..%0d ..%0a ..%09 %ef%bc%8e%ef%bc%8e ..%ff
"""
UP = tuple(SPELLINGS.split())
PREFIXES = (
    "/",
    "/a/",
    "/a/b/",
    "/icons/",
    "/icons",
    "/slash/",
    "/match/",
    "/cgi-bin/",
    "//",
    "/./",
    "/x.txt/",
)


@pytest.fixture
def made(site):
    built = site(CONF, FILES)
    (built.root / "cgi-bin").mkdir(exist_ok=True)
    return built


def kept_in(made, target):
    raw = made.talk(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert SECRET not in raw
    assert b"root:" not in raw
    assert " at /" not in made.log, made.log


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_spelling_of_dots_leads_out(made, prefix):
    for up in UP:
        for depth in (1, 3):
            steps = (up if up.endswith("/") else up + "/") * depth
            for goal in ("secret.txt", "etc/passwd"):
                kept_in(made, f"{prefix}{steps}{goal}")


@pytest.mark.parametrize(
    "target",
    [
        "/icons../secret.txt", "/icons..%2fsecret.txt", "/iconsecret.txt", "/slash../secret.txt",
        "/match/../secret.txt", "/match/..%2fsecret.txt", "/match//../../secret.txt", "//secret.txt",
        "http://a/../secret.txt", "http://a/icons/../../secret.txt", "http://a", "http:///etc/passwd",
        "file:///etc/passwd", "/.htpasswd", "/.%68tpasswd", "/.htpasswd/", "/.htpasswd/x",
        "/.htpasswd%00.txt", "/a/../.htpasswd", "//.htpasswd", "/./.htpasswd", "*", "../secret.txt",
        "secret.txt", "\\..\\secret.txt",
        "/~root/.profile", "/%7eroot/.profile", "/x.txt%00", "/x.txt%00.html",
    ],
)  # fmt: skip
def test_special_spellings(made, target):
    kept_in(made, target)


@pytest.mark.parametrize("slashes", ["Off", "On", "NoDecode"])
def test_with_encoded_slashes_allowed_nothing_leads_out_either(site, slashes):
    made = site(CONF + f"AllowEncodedSlashes {slashes}\n", FILES)
    for up in UP:
        for prefix in PREFIXES:
            for slash in ("%2f", "/"):
                kept_in(made, prefix + (up + slash) * 2 + "secret.txt")


def test_a_server_path_does_not_lead_out(site):
    conf = (
        'NameVirtualHost *\n<VirtualHost *>\nServerPath /vh\nDocumentRoot "@ROOT@/htdocs"\n</VirtualHost>\n'
    )
    made = site(conf, FILES)
    for target in ("/vh../secret.txt", "/vh/../secret.txt", "/vh..%2fsecret.txt", "/vhsecret.txt"):
        raw = made.talk(f"GET {target} HTTP/1.0\r\n\r\n".encode())
        assert SECRET not in raw


def test_any_mixture(made):
    parts = st.sampled_from(
        (*UP, *PREFIXES, "/", "%2f", "a", "htdocs", "secret.txt", "icons", ".", ";", "?", "~root")
    )

    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(parts, max_size=12).map("".join))
    def check(path):
        kept_in(made, "/" + path.replace(" ", ""))

    check()


def test_names_that_are_not_utf_8_are_served_and_listed_as_they_are(site):
    made = site('<Directory "@ROOT@/htdocs">\nOptions Indexes\n</Directory>\n', FILES)
    (made.root / "htdocs" / "n\udcffm").write_bytes(b"odd")
    assert made.talk(b"GET /n%ffm HTTP/1.0\r\n\r\n").endswith(b"odd")
    assert made.talk(b"GET /n\xffm HTTP/1.0\r\n\r\n").endswith(b"odd")
    assert b"n%ffm" in made.talk(b"GET / HTTP/1.0\r\n\r\n")
