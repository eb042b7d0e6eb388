"""A connection from its first byte to its last: pieces, pipelines, silence, leftovers, counters."""

import socket
import time

import pytest

from pyhttpd.core.core_module import PerServer
from pyhttpd.core.hooks import DECLINED
from pyhttpd.core.reading import limits
from pyhttpd.core.reporter import KEEPALIVE, LOGGING, READING, WRITING

FILES = {"htdocs/x.txt": "x\n", "htdocs/big.bin": b"." * 3_000_000}
GET = b"GET /x.txt HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
LAST = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


def post(body, *lines):
    head = ["POST /x.txt HTTP/1.1", "Host: www.example.com", *lines, "", ""]
    return "\r\n".join(head).encode() + body


@pytest.fixture
def made(site):
    return site("Timeout 1\nKeepAliveTimeout 1\n", FILES)


def watched(made):
    """The dictionary of notes of each request that was logged."""
    seen = []
    made.server._hooks["log_transaction"] = (lambda request: seen.append(dict(request.notes)) or DECLINED,)
    made.server._hooks["post_read_request"] = (once_only,)
    return seen


def once_only(request):
    if request.journal is not None:
        request.journal.never_again("somebody looks on")


def test_requests_in_one_piece_are_answered_in_order(made):
    raw = made.talk(GET + GET.replace(b"x.txt", b"none") + GET + LAST + GET)
    statuses = [raw[at + 9 : at + 12] for at in range(len(raw)) if raw.startswith(b"HTTP/1.1 ", at)]
    assert statuses == [b"200", b"404", b"200", b"200"]


def test_a_head_may_come_byte_by_byte(made, dialogue):
    talk = dialogue(made)
    for byte in LAST:
        talk.send(bytes([byte]))
    assert talk.rest().startswith(b"HTTP/1.1 200 OK")


def test_empty_lines_between_requests_are_passed_over(made):
    assert made.talk(b"\r\n\r\n" + GET + b"\r\n" + LAST).count(b"HTTP/1.1 200") == 2


def test_a_client_that_says_nothing_is_not_answered(made):
    assert made.talk(b"") == b""


def test_a_client_that_leaves_in_the_middle_of_a_head_is_not_answered(made):
    assert made.talk(GET[:30]) == b""


def test_one_that_falls_silent_in_its_request_line_is_left_without_a_word(made, dialogue):
    talk = dialogue(made)
    talk.send(b"GET /x.t")
    assert talk.rest() == b""


def test_one_that_falls_silent_in_its_fields_gets_a_408(made, dialogue):
    talk = dialogue(made)
    talk.send(GET[:-10])
    began = time.monotonic()
    assert talk.rest().startswith(b"HTTP/1.1 408 Request Time-out\r\n")
    assert 0.8 < time.monotonic() - began < 4


def test_one_that_falls_silent_in_its_body_gets_a_408(made, dialogue):
    talk = dialogue(made)
    talk.send(post(b"abc", "Content-Length: 10"))
    assert talk.rest().startswith(b"HTTP/1.1 408 ")


def test_keep_alive_ends_after_its_timeout(made, dialogue):
    talk = dialogue(made)
    talk.send(GET)
    assert talk.until(b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert talk.rest() == b"x\n"


def test_100_continue_is_said_when_the_body_is_wanted(made, dialogue):
    talk = dialogue(made)
    talk.send(post(b"", "Content-Length: 3", "Expect: 100-continue", "Connection: close"))
    assert talk.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    talk.send(b"abc")
    assert talk.rest().startswith(b"HTTP/1.1 200 OK")


def test_100_continue_is_said_to_one_who_did_not_wait_as_well(made):
    """As 2.2 does; RFC 9110, 10.1.1 lets a server leave it out."""
    raw = made.talk(post(b"abc", "Content-Length: 3", "Expect: 100-continue", "Connection: close"))
    assert raw.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_100_continue_is_not_said_where_the_body_is_refused(site, dialogue):
    made = site("LimitRequestBody 2\nTimeout 1\n", FILES)
    talk = dialogue(made)
    talk.send(post(b"", "Content-Length: 3", "Expect: 100-continue"))
    raw = talk.rest()
    assert raw.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in raw


def test_another_expectation_is_a_417(made):
    assert made.talk(post(b"abc", "Content-Length: 3", "Expect: tea")).startswith(b"HTTP/1.1 417 ")


def leaving(made):
    """Let the handler not look at the body."""
    made.server.handlers = {}
    made.server._hooks["handler"] = (lambda request: b"unread",)
    return made


@pytest.mark.parametrize(
    "body",
    [
        post(b"GET /evil HTTP/1.1\r\n\r\n", "Content-Length: 22"),
        post(b"5\r\nGET /\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
        post(b"0\r\nX: y\r\n\r\n", "Transfer-Encoding: chunked"),
    ],
)
def test_a_body_that_nobody_read_is_no_request(made, body):
    leaving(made)
    raw = made.talk(body + LAST)
    assert raw.count(b"HTTP/1.1 ") == raw.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize(
    "body", [post(b"abc", "Content-Length: 10"), post(b"5\r\nabc", "Transfer-Encoding: chunked")]
)
def test_a_body_that_ends_early_ends_the_connection(made, body):
    leaving(made)
    assert made.talk(body).count(b"HTTP/1.1 ") == 1


def test_a_broken_body_ends_the_connection_after_the_answer(made):
    leaving(made)
    raw = made.talk(post(b"xyz\r\n" + GET, "Transfer-Encoding: chunked"))
    assert raw.count(b"HTTP/1.1 ") == 1


def test_bytes_are_counted_as_they_were_on_the_wire(made):
    seen = watched(made)
    body = post(b"3\r\nabc\r\n0\r\n\r\n", "Transfer-Encoding: chunked")
    raw = made.talk(GET + body + LAST)
    assert [notes["bytes_in"] for notes in seen] == [len(GET), len(body), len(LAST)]
    assert sum(notes["bytes_out"] for notes in seen) == len(raw)
    assert all(notes["nanoseconds"] > 0 for notes in seen)


def test_100_continue_is_counted(made, dialogue):
    seen = watched(made)
    talk = dialogue(made)
    talk.send(post(b"", "Content-Length: 3", "Expect: 100-continue", "Connection: close"))
    first = talk.until(b"\r\n\r\n")
    talk.send(b"abc")
    raw = first + talk.rest()
    talk.end()
    assert seen[0]["bytes_out"] in (len(raw), len(raw) - len(first))


def test_the_board_is_told_what_is_going_on(made, dialogue):
    talk = dialogue(made)
    talk.send(GET.replace(b"GET", b"POST") + LAST.replace(b"GET", b"POST"))
    talk.rest()
    talk.end()
    assert talk.reporter.reports == [READING, WRITING, LOGGING] * 2
    assert talk.reporter.served == 2


def test_waiting_for_a_next_request_is_told(made, dialogue):
    talk = dialogue(made)
    talk.send(GET)
    talk.until(b"\r\n\r\nx\n")
    talk.send(LAST)
    talk.rest()
    talk.end()
    assert KEEPALIVE in talk.reporter.reports


def test_a_child_that_is_to_finish_says_so_with_each_answer(made, dialogue):
    talk = dialogue(made)
    talk.reporter.stopping = True
    talk.send(GET)
    assert b"\r\nConnection: close\r\n" in talk.rest()


def test_a_client_that_leaves_while_it_is_sent_to_ends_the_connection(made, dialogue):
    seen = watched(made)
    talk = dialogue(made)
    talk.send(GET.replace(b"x.txt", b"big.bin"))
    talk.until(b"\r\n\r\n")
    talk.end()
    assert len(seen) == 1
    assert "Error" not in made.log


def test_a_client_that_stops_reading_is_given_up_after_timeout(made, dialogue):
    talk = dialogue(made)
    talk.send(GET.replace(b"x.txt", b"big.bin") * 4)
    talk.thread.join(10)
    assert not talk.thread.is_alive()


def test_a_module_may_refuse_a_connection(made):
    made.server._hooks["pre_connection"] = (lambda connection: 403,)
    with socket.socket() as sock:
        assert made.server.connect(sock, ("1.2.3.4", 5), ("127.0.0.1", 80), made.reporter) is None


def test_a_log_that_fails_costs_nobody_the_connection(made):
    def broken(request):
        raise RuntimeError("disk full")

    made.server._hooks["log_transaction"] = (broken,)
    assert made.talk(GET + LAST).count(b"HTTP/1.1 200") == 2
    assert "RuntimeError: disk full" in made.log


def test_limits_are_those_of_the_address(site):
    lines = ("LimitRequestLine 40", "LimitRequestFields 2", "LimitRequestFieldSize 50")
    made = site("\n".join(["<VirtualHost *:81>", *lines, "</VirtualHost>\n"]), FILES)
    assert made.get("/x.txt?" + "a" * 40).status == 200
    assert made.get("/x.txt?" + "a" * 40, local=("127.0.0.1", 81)).status == 414
    assert made.get("/x.txt", headers={"X": "y"}, local=("127.0.0.1", 81)).status == 400
    assert made.get("/x.txt", headers={"Host": "w" * 60}, local=("127.0.0.1", 81)).status == 400


def test_protocol_options_become_limits():
    assert limits(PerServer()).strict
    assert limits(PerServer()).simple
    loose = limits(PerServer(protocol_options={"syntax": "unsafe", "least": "1.0"}))
    assert (loose.strict, loose.simple) == (False, False)


def test_only_registered_methods_if_so_configured(site):
    made = site("HttpProtocolOptions RegisteredMethods\nRegisterHttpMethod BREW\n", FILES)
    assert made.get("/x.txt", method="BREW").status == 405
    assert "unknown method" not in made.log
    assert made.get("/x.txt", method="STEW").status == 501
    assert "unknown method STEW" in made.log
