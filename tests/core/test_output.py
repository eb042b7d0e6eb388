"""What goes out: fields, framing, ranges, and whether the connection goes on."""

import gc
import itertools
import re
import weakref

import pytest

from pyhttpd.core.output import Outgoing, framed

TEXT = "0123456789" * 10
FILES = {"htdocs/x.txt": TEXT, "htdocs/empty.txt": "", "htdocs/x.html": "<p>", "htdocs/x.none": "?"}


def answers(site, *requests, conf=""):
    """What a connection answers to these requests."""
    made = site(conf, FILES)
    return made.talk(b"".join(requests))


def ask(target="/x.txt", version="1.1", method="GET", **fields):
    lines = [f"{method} {target} HTTP/{version}", "Host: www.example.com"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([*lines, "", ""]).encode()


KEEP = list(
    itertools.product(("1.0", "1.1"), (None, "close", "keep-alive", "Keep-Alive, x", "close, keep-alive"))
)


@pytest.mark.parametrize(("version", "asked"), KEEP)
def test_keep_alive(site, version, asked):
    made = site(files=FILES)
    answer = made.answer(made.talk(ask(version=version, Connection=asked) + ask(Connection="close")))
    said, kept = answer.headers.get("Connection"), answer.raw.count(b"HTTP/1.1 200") == 2
    words = (asked or "").lower()
    goes_on = "close" not in words and (version == "1.1" or "keep-alive" in words)
    assert kept is goes_on
    assert said == (("Keep-Alive" if "keep-alive" in words else None) if goes_on else "close")
    assert answer.headers.get("Keep-Alive") == ("timeout=5, max=100" if said == "Keep-Alive" else None)


@pytest.mark.parametrize("conf", ["KeepAlive Off", "KeepAliveTimeout 0"])
def test_keep_alive_can_be_turned_off(site, conf):
    assert answers(site, ask(Connection="keep-alive") * 2, conf=conf).count(b"HTTP/1.1 200") == 1


@pytest.mark.parametrize(("most", "served"), [(1, 2), (2, 3), (0, 9)])
def test_max_keep_alive_requests(site, most, served):
    """As 2.2 counts: so many requests after the first."""
    raw = answers(site, ask(Connection="keep-alive") * 9, conf=f"MaxKeepAliveRequests {most}")
    assert raw.count(b"HTTP/1.1 200") == served
    lefts = [int(left) for left in re.findall(rb"max=(\d+)", raw)]
    assert lefts == list(range(most, 0, -1))


@pytest.mark.parametrize("env", ["nokeepalive", "downgrade-1.0"])
def test_the_environment_can_end_a_connection(site, env):
    raw = answers(site, ask() * 2, conf=f"SetEnv {env} 1")
    assert raw.count(b"HTTP/1.1 200") == 1


def test_force_response_1_0(site):
    raw = answers(site, ask(version="1.0", Connection="keep-alive") * 2, conf="SetEnv force-response-1.0 1")
    assert raw.startswith(b"HTTP/1.0 200 OK")


def test_an_answer_to_http_0_9_is_the_body_alone(site):
    assert answers(site, b"GET /x.txt\r\n") == TEXT.encode()


def test_an_answer_to_http_1_0_says_1_1_and_is_never_chunked(site):
    raw = answers(site, b"GET /x.txt HTTP/1.0\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Transfer-Encoding" not in raw


def test_date_and_server_come_first_and_once(site):
    names = [line.partition(b":")[0] for line in answers(site, ask()).split(b"\r\n")[1:]]
    assert names[:2] == [b"Date", b"Server"]
    assert (names.count(b"Date"), names.count(b"Server")) == (1, 1)


def stream(made, pieces, length=None):
    def handle(request):
        request.content_type = "text/plain"
        if length is not None:
            request.notes["content-length"] = length
        return iter(pieces)

    made.server.handlers = {}
    made.server._hooks["handler"] = (handle,)
    return made


def test_a_stream_is_chunked_for_1_1_and_ends_with_the_connection_for_1_0(site):
    made = stream(site(files=FILES), [b"one", b"", b"two"])
    raw = made.talk(ask() + ask(Connection="close"))
    assert raw.count(b"Transfer-Encoding: chunked\r\n") == 2
    assert raw.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
    raw = made.talk(ask(version="1.0", Connection="keep-alive"))
    assert raw.endswith(b"\r\n\r\nonetwo")
    assert b"Connection: close" in raw
    assert b"chunked" not in raw


def test_a_stream_of_known_length_is_not_chunked(site):
    raw = stream(site(files=FILES), [b"one", b"two"], 6).talk(ask())
    assert b"Content-Length: 6\r\n" in raw
    assert raw.endswith(b"\r\n\r\nonetwo")


class Stream:
    """A body in two pieces that knows its request, as that of a program does."""

    def __init__(self, request=None, at_hand=False):
        self.request, self.at_hand = request, at_hand

    def __iter__(self):
        yield from (b"one", b"two")


@pytest.mark.parametrize(
    ("at_hand", "chunked", "packets"),
    [
        (True, True, [b"head3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"]),
        (True, False, [b"headone", b"two"]),
        (False, True, [b"head", b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"]),
    ],
)
def test_a_head_goes_out_with_a_piece_that_is_at_hand_and_waits_for_no_other(at_hand, chunked, packets):
    outgoing = Outgoing(b"head", Stream(at_hand=at_hand), chunked, keep=True)
    assert list(framed(outgoing)) == packets


def test_a_body_that_knows_its_request_is_gone_once_it_is_sent(site):
    made, bodies = site(files=FILES), []

    def handle(request):
        body = Stream(request)
        bodies.append(weakref.ref(body))
        return body

    made.server.handlers = {}
    made.server._hooks["handler"] = (handle,)
    gc.collect()
    gc.disable()
    try:
        assert made.talk(ask()).endswith(b"3\r\ntwo\r\n0\r\n\r\n")
        assert bodies[0]() is None
    finally:
        gc.enable()


def test_a_stream_that_fails_ends_the_connection_without_a_last_chunk(site):
    def pieces():
        yield b"one"
        raise RuntimeError("broken")

    made = stream(site(files=FILES), pieces())
    raw = made.talk(ask() * 2)
    assert raw.endswith(b"3\r\none\r\n")
    assert "RuntimeError: broken" in made.log


@pytest.mark.parametrize("target", ["/x.txt", "/empty.txt", "/none"])
def test_head_is_get_without_the_body(site, target):
    made = site(files=FILES)
    got, head = made.get(target), made.get(target, method="HEAD")
    assert head.body == b""
    gone = {"Content-Length"} if target == "/empty.txt" else set()  # as 2.2 has it
    assert {name for name, _ in got.headers.items()} - {name for name, _ in head.headers.items()} == gone


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(site, status):
    made = site(files=FILES)
    made.server._hooks["fixups"] = (lambda request: status,)
    raw = made.talk(ask() + ask(Connection="close"))
    assert raw.count(b"HTTP/1.1 ") == 2
    assert raw.endswith(b"\r\n\r\n")
    assert b"Content-Length" not in raw


def test_a_304_keeps_the_fields_it_may_and_no_others(site):
    conf = "FileETag Size\nHeader set Cache-Control max-age=1\nHeader set X-Other 1\nHeader set Vary x\n"
    made = site(conf, FILES)
    tag = made.get("/x.txt").headers.get("ETag")
    answer = made.get("/x.txt", headers={"If-None-Match": tag})
    assert (answer.status, answer.body) == (304, b"")
    names = [name for name, _ in answer.headers.items()]
    assert names == ["Date", "Server", "Connection", "ETag", "Cache-Control", "Vary"]


@pytest.mark.parametrize(
    ("lines", "vary"),
    [
        ("Header append Vary a\nHeader append Vary b", "a, b"),
        ("Header add Vary Accept\nHeader add Vary accept,Cookie", "Accept,Cookie"),
        ('Header set Vary "a, A, b"', "a,b"),
        ("SetEnv force-no-vary 1\nHeader set Vary a", None),
    ],
)
def test_vary_is_united(site, lines, vary):
    got = site(lines, FILES).get("/x.txt").headers.get("Vary")
    assert (got or "").replace(" ", "") == (vary or "").replace(" ", "")


@pytest.mark.parametrize(
    ("conf", "target", "kind"),
    [
        ("", "/x.none", "text/plain"),
        ("DefaultType None", "/x.none", None),
        ("DefaultType a/b", "/x.none", "a/b"),
        ("ForceType a/B", "/x.txt", "a/b"),
        ("ForceType None", "/x.txt", "text/plain"),
        ("AddDefaultCharset utf-8", "/x.html", "text/html; charset=utf-8"),
        ("AddDefaultCharset On", "/x.txt", "text/plain; charset=iso-8859-1"),
        ("AddDefaultCharset Off", "/x.txt", "text/plain"),
        ("AddDefaultCharset utf-8\nAddCharset latin1 .txt", "/x.txt", "text/plain; charset=latin1"),
        ("AddDefaultCharset utf-8\nForceType a/b", "/x.txt", "a/b"),
    ],
)
def test_content_type(site, conf, target, kind):
    assert site(conf, FILES).get(target).headers.get("Content-Type") == kind


@pytest.mark.parametrize(
    ("wanted", "status", "content_range", "body"),
    [
        ("bytes=0-9", 206, "bytes 0-9/100", TEXT[:10]),
        ("bytes=95-", 206, "bytes 95-99/100", TEXT[95:]),
        ("bytes=-3", 206, "bytes 97-99/100", TEXT[-3:]),
        ("bytes=90-1000", 206, "bytes 90-99/100", TEXT[90:]),
        ("bytes=0-99", 206, "bytes 0-99/100", TEXT),
        ("bytes=9-0", 200, None, TEXT),
        ("bytes=x", 200, None, TEXT),
        ("lines=0-9", 200, None, TEXT),
        ("bytes=0-99,0-99", 200, None, TEXT),
        ("bytes=100-", 416, None, None),
    ],
)
def test_a_range(site, wanted, status, content_range, body):
    answer = site(files=FILES).get("/x.txt", headers={"Range": wanted})
    assert (answer.status, answer.headers.get("Content-Range")) == (status, content_range)
    if body is not None:
        assert answer.text == body
        assert answer.headers.get("Content-Length") == str(len(body))


def test_several_ranges_come_in_parts_whose_length_is_known(site):
    answer = site(files=FILES).get("/x.txt", headers={"Range": "bytes=0-1,50-51"})
    assert answer.status == 206
    assert int(answer.headers.get("Content-Length")) == len(answer.body)
    boundary = answer.headers.get("Content-Type").partition("boundary=")[2]
    parts = answer.text.split(f"--{boundary}")
    assert parts[1] == "\r\nContent-type: text/plain\r\nContent-range: bytes 0-1/100\r\n\r\n01\r\n"
    assert parts[2] == "\r\nContent-type: text/plain\r\nContent-range: bytes 50-51/100\r\n\r\n01\r\n"
    assert parts[3] == "--\r\n"


def test_max_ranges(site):
    made = site("MaxRanges 2\n<Location /x.html>\nMaxRanges none\n</Location>\n", FILES)
    assert made.get("/x.txt", headers={"Range": "bytes=0-0,2-2"}).status == 206
    assert made.get("/x.txt", headers={"Range": "bytes=0-0,2-2,4-4"}).status == 200
    answer = made.get("/x.html", headers={"Range": "bytes=0-0"})
    assert (answer.status, answer.headers.get("Accept-Ranges")) == (200, "none")


def test_head_of_a_range(site):
    answer = site(files=FILES).get("/x.txt", headers={"Range": "bytes=0-9"}, method="HEAD")
    assert (answer.status, answer.body, answer.headers.get("Content-Length")) == (206, b"", "10")
