"""What requests cost: a head, an answer that memory holds, and all the phases for one that it does not."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from pyhttpd.http.head import HeadReader

PATIENCE = 10.0  # seconds after which an answer ought to be remembered
COLD = "<IfModule pyhttpd_module>\nReplay Off\n</IfModule>\n"
CONF = (
    COLD
    + """\
RedirectMatch permanent "^/old/(.*)" /$1
<Directory @ROOT@/htdocs/a>
    AllowOverride All
</Directory>
"""
)
HTACCESS = "Options -Indexes\nDefaultType text/html\n"
PAGE = b"GET /page.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: one\r\n\r\n"
Asked = Callable[..., Any]


def remembered(client: Any, request: bytes) -> None:
    """Ask until the answer comes from memory: not as long as its file has only just changed."""
    replay, end = client.site.server.replay, time.monotonic() + PATIENCE
    while not replay.hits:
        assert time.monotonic() < end
        client.ask(request)
        time.sleep(0.01)


def test_reading_a_head(benchmark: Any) -> None:
    head = benchmark(lambda: HeadReader().feed(PAGE))
    assert head.target == "/page.html"


def test_an_answer_from_memory(benchmark: Any, asked: Asked) -> None:
    client = asked()
    remembered(client, PAGE)
    assert benchmark(lambda: client.ask(PAGE)).startswith(b"HTTP/1.1 200 OK\r\n")


def test_an_answer_from_memory_for_fields_never_seen_before(benchmark: Any, asked: Asked) -> None:
    client, number = asked(), count()
    remembered(client, PAGE)
    before = client.site.server.replay.hits
    answer = benchmark(lambda: client.ask(PAGE.replace(b"one", b"%d" % next(number))))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert client.site.server.replay.hits > before


@pytest.mark.parametrize(
    ("target", "status"),
    [("page.html", 200), ("missing.html", 404), ("old/page.html", 301), ("a/b/c/page.html", 200)],
    ids=["file", "missing", "redirect", "htaccess"],
)
def test_a_request_through_all_phases(benchmark: Any, asked: Asked, target: str, status: int) -> None:
    files = {f"htdocs/{folder}/.htaccess": HTACCESS for folder in ("a", "a/b", "a/b/c")}
    client = asked(CONF, files | {"htdocs/a/b/c/page.html": "x" * 1024})
    request = PAGE.replace(b"page.html", target.encode())
    assert benchmark(lambda: client.ask(request)).startswith(b"HTTP/1.1 %d " % status)
