"""Whatever bytes come, nobody hangs and nothing fails in a way that was not foreseen."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FILES = {"htdocs/x.txt": "x\n", "htdocs/d/index.html": "i\n"}
CONF = """\
Timeout 1
Alias /al "@ROOT@/htdocs/d"
SetEnvIf User-Agent x y
<Location /private>
AuthType Basic
AuthName x
AuthUserFile "@ROOT@/users"
Require valid-user
</Location>
<Directory "@ROOT@/htdocs">
Options Indexes
</Directory>
"""
HEAD = b"GET /x.txt HTTP/1.1\r\nHost: a\r\n\r\n"
PIECES = st.sampled_from(
    [
        *(b"GET", b"POST", b"HEAD", b"OPTIONS", b"TRACE", b" ", b"\t", b"\r\n", b"\n", b"\r", b"\0", b"\xff"),
        *(b"/", b"/x.txt", b"/d", b"/private", b"/al", b"..", b"%2e", b"%2f", b"%00", b"%", b"?", b"#", b"*"),
        *(b" HTTP/1.1", b" HTTP/1.0", b" HTTP/9.9", b"HTTP/", b"Host: a", b"Host:", b"host: b:99999", b":"),
        *(
            b"Content-Length: 5",
            b"Content-Length: -1",
            b"Transfer-Encoding: chunked",
            b"Expect: 100-continue",
        ),
        *(b"Range: bytes=0-", b"Range: bytes=-0,1-1,,", b"If-Range: x", b"If-None-Match: *", b"\r\n\r\n"),
        *(b"If-Modified-Since: Sun, 99 Foo 99999 99:99:99 GMT", b"Connection: close", b"Connection: ,,"),
        *(b"Authorization: Basic !!", b"Authorization: Basic AAAA", b"Authorization: x", b"User-Agent: x"),
        *(
            b"5\r\nabcde\r\n",
            b"0\r\n\r\n",
            b"ffffffffffffffff\r\n",
            "é".encode(),
            b"\xc0\xaf",
            b"abcde",
            HEAD,
        ),
    ]
)
NAMES = st.sampled_from(
    ["Host", "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since",
     "Accept-Language", "Authorization", "Connection", "Content-Length", "Cookie", "Expect", "TE", "Upgrade"]
)  # fmt: skip
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def made(site):
    return site(CONF, {**FILES, "users": "a:b\n"})


def answered(made, data):
    """Talk, and see that nothing failed; what came back, nothing where the server had heard enough."""
    try:
        raw = made.talk(data)
    except (ConnectionResetError, BrokenPipeError):
        raw = b""
    assert " at /" not in made.log, made.log  # the place of a mishap
    assert "Traceback" not in made.log
    return raw


def test_random_bytes(made):
    @QUICK
    @given(st.binary(max_size=300))
    def check(data):
        answered(made, data)

    check()


def test_bytes_that_look_like_requests(made):
    @QUICK
    @given(st.lists(PIECES, max_size=25).map(b"".join))
    def check(data):
        answered(made, data)

    check()


def test_any_target(made):
    @QUICK
    @given(st.binary(max_size=60))
    def check(target):
        target = target.translate(None, b"\r\n")
        raw = answered(made, b"GET /" + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert raw == b"" or raw.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4", b"HTTP/1.1 501"))

    check()


def test_any_value_of_a_field_that_means_something(made):
    values = st.one_of(
        st.text(st.characters(codec="latin-1"), max_size=40), st.from_regex("bytes=[-0-9,]{0,20}")
    )

    @QUICK
    @given(NAMES, values)
    def check(name, value):
        field = f"{name}: {value}".encode("latin-1", "replace").replace(b"\n", b"").replace(b"\r", b"")
        answered(made, b"GET /x.txt HTTP/1.1\r\n" + field + b"\r\nHost: a\r\nConnection: close\r\n\r\n")

    check()


def test_after_all_of_it_the_server_serves(made):
    for data in (
        b"\0" * 10000,
        b"\r\n" * 5000,
        b"A" * 100_000,
        HEAD[:-2] + b"X: y\r\n" * 5000,
        b"\x16\x03\x01",
    ):
        answered(made, data)
    assert answered(made, HEAD).endswith(b"x\n")
