"""Requests that two readers could understand differently: one answer, then the connection is closed."""

import pytest

EVIL = b"GET /evil.txt HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
FILES = {"htdocs/x.txt": "x\n", "htdocs/evil.txt": "evil\n"}


def post(*lines, body=b"", version=b"1.1"):
    head = [b"POST /x.txt HTTP/" + version, b"Host: www.example.com", *lines, b"", b""]
    return b"\r\n".join(head) + body


CHUNKED = b"Transfer-Encoding: chunked"
REFUSED = {
    "CL.TE": post(b"Content-Length: 4", CHUNKED, body=b"0\r\n\r\n"),
    "TE.CL": post(CHUNKED, b"Content-Length: 4", body=b"5c\r\nGPOST"),
    "TE.TE": post(CHUNKED, b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
    "TE twice": post(CHUNKED, CHUNKED, body=b"0\r\n\r\n"),
    "TE identity": post(b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
    "TE xchunked": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "TE chunked, identity": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "TE gzip, chunked": post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "TE quoted": post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"),
    "TE with vertical tab": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "TE with no-break space": post(b"Transfer-Encoding: \xa0chunked", body=b"0\r\n\r\n"),
    "TE empty": post(b"Transfer-Encoding:", body=b"0\r\n\r\n"),
    "TE in HTTP/1.0": post(CHUNKED, body=b"0\r\n\r\n", version=b"1.0"),
    "TE before a blank": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "TE after a blank": post(b"X: y", b" Transfer-Encoding : chunked", b"Content-Length : 5"),
    "TE by a bare LF": post(b"X: y\nTransfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "TE by a bare CR": post(b"X: y\rTransfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "CL twice": post(b"Content-Length: 5", b"Content-Length: 6"),
    "CL twice the same": post(b"Content-Length: 5", b"Content-Length: 5"),
    "CL list": post(b"Content-Length: 5, 5"),
    "CL +": post(b"Content-Length: +5"),
    "CL -": post(b"Content-Length: -5"),
    "CL hex": post(b"Content-Length: 0x5"),
    "CL underscore": post(b"Content-Length: 1_0"),
    "CL fraction": post(b"Content-Length: 5.0"),
    "CL huge": post(b"Content-Length: " + b"9" * 30),
    "CL other digits": post("Content-Length: \N{ARABIC-INDIC DIGIT FIVE}".encode()),
    "CL empty": post(b"Content-Length:"),
    "CL before a blank": post(b"Content-Length : 5"),
    "CL before a tab": post(b"Content-Length\t: 5"),
    "NUL in a value": post(b"X: a\0b"),
    "NUL in a name": post(b"X\0: ab"),
    "bell in a value": post(b"X: a\x07b"),
    "no colon": post(b"X"),
    "no name": post(b": x"),
    "name with a blank": post(b"X Y: z"),
    "name with a bracket": post(b"X[: z"),
    "first line folded": b"GET /x.txt HTTP/1.1\r\n Host: a\r\nHost: b\r\n\r\n",
    "Host twice": post(b"Host: other.example"),
    "Host twice the same": post(b"host: www.example.com"),
    "no Host": b"GET /x.txt HTTP/1.1\r\n\r\n",
    "bare LF as line end": b"GET /x.txt HTTP/1.1\nHost: a\n\n",
    "bare CR as line end": b"GET /x.txt HTTP/1.1\rHost: a\r\r",
    "two blanks": b"GET  /x.txt HTTP/1.1\r\nHost: a\r\n\r\n",
    "tab": b"GET\t/x.txt\tHTTP/1.1\r\nHost: a\r\n\r\n",
    "blank behind": b"GET /x.txt HTTP/1.1 \r\nHost: a\r\n\r\n",
    "lower case protocol": b"GET /x.txt http/1.1\r\nHost: a\r\n\r\n",
    "long version": b"GET /x.txt HTTP/1.10\r\nHost: a\r\n\r\n",
    "version 0": b"GET /x.txt HTTP/0.9\r\nHost: a\r\n\r\n",
    "bad method": b"G(T /x.txt HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + b"\r\n\r\n",
    "chunk size empty": post(CHUNKED, body=b"\r\n"),
    "chunk size 0x": post(CHUNKED, body=b"0x5\r\nabcde\r\n0\r\n\r\n"),
    "chunk size +": post(CHUNKED, body=b"+5\r\nabcde\r\n0\r\n\r\n"),
    "chunk size -": post(CHUNKED, body=b"-5\r\nabcde\r\n0\r\n\r\n"),
    "chunk size overflow": post(CHUNKED, body=b"10000000000000005\r\nabcde\r\n0\r\n\r\n"),
    "chunk size huge": post(CHUNKED, body=b"f" * 9000 + b"\r\n"),
    "chunk size with a bare LF": post(CHUNKED, body=b"5\nabcde\n0\n\n"),
    "chunk longer": post(CHUNKED, body=b"3\r\nabcdef\r\n0\r\n\r\n"),
    "chunk without line end": post(CHUNKED, body=b"3\r\nabc0\r\n\r\n"),
    "chunk extension with a bare CR": post(CHUNKED, body=b"3;a\rb\r\nabc\r\n0\r\n\r\n"),
    "trailer without colon": post(CHUNKED, body=b"0\r\nX\r\n\r\n"),
    "trailer with NUL": post(CHUNKED, body=b"0\r\nX: \0\r\n\r\n"),
}  # fmt: skip


@pytest.fixture
def made(site):
    return site("Timeout 2\n", FILES)


@pytest.mark.parametrize("name", REFUSED)
def test_a_doubtful_request_gets_one_answer_and_the_connection_is_closed(made, name):
    raw = made.talk(REFUSED[name] + EVIL * 2)
    assert raw.count(b"HTTP/1.1 ") <= 1
    assert b"evil\n" not in raw
    if raw:
        status = int(raw.split(b" ", 2)[1])
        assert 400 <= status < 600
        assert b"\r\nConnection: close\r\n" in raw
    assert " at " not in made.log


def test_a_body_above_the_limit_is_no_request(site):
    made = site("LimitRequestBody 10\nTimeout 2\n", FILES)
    for framing in (b"Content-Length: %d" % len(EVIL), CHUNKED):
        body = EVIL if framing != CHUNKED else b"%x\r\n%b\r\n0\r\n\r\n" % (len(EVIL), EVIL)
        raw = made.talk(post(framing, body=body) + EVIL)
        assert raw.startswith(b"HTTP/1.1 413 ")
        assert raw.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: %d" % len(EVIL),),
        (b"content-length:%d" % len(EVIL),),
        (b"Content-Length: \t %d \t" % len(EVIL),),
        (b"Content-Length: 000%d" % len(EVIL),),
    ],
)
def test_a_body_that_looks_like_a_request_is_a_body(made, lines):
    raw = made.talk(post(*lines, body=EVIL) + EVIL)
    assert raw.count(b"HTTP/1.1 200") == raw.count(b"HTTP/1.1 ") == 2
    assert raw.count(b"evil\n") == 1


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"DELETE", b"BREW", b"TRACE", b"CONNECT"])
def test_any_methods_body_is_a_body(made, method):
    request = post(b"Content-Length: %d" % len(EVIL), body=EVIL).replace(b"POST", method, 1)
    assert b"evil\n" not in made.talk(request)


@pytest.mark.parametrize("target", [b"/none", b"/x.txt/more", b"/%zz", b"/%00", b"http://a..b/"])
def test_a_body_of_a_request_that_fails_is_a_body(made, target):
    request = post(b"Content-Length: %d" % len(EVIL), body=EVIL).replace(b"/x.txt", target, 1)
    assert b"evil\n" not in made.talk(request)


def test_a_body_behind_an_unknown_expectation_is_a_body(made):
    raw = made.talk(post(b"Expect: tea", b"Content-Length: %d" % len(EVIL), body=EVIL))
    assert raw.startswith(b"HTTP/1.1 417 ")
    assert raw.count(b"HTTP/1.1 ") == 1


def test_a_folded_field_is_one_value(made):
    raw = made.talk(b"GET /x.txt HTTP/1.1\r\nHost: a\r\nX: y\r\n\tContent-Length: 50\r\n\r\n" + EVIL)
    assert raw.count(b"HTTP/1.1 200") == 2
