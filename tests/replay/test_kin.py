"""Clients whose fields differ only where no answer looks share what is known; where one does, they do not."""

import pytest

from pyhttpd.core.replay import kin
from pyhttpd.core.replay.block import Block
from pyhttpd.core.replay.kin import Kinship
from pyhttpd.http.fields import Limits

FILES = {"htdocs/a.txt": "a text", "htdocs/b.txt": "b text"}
LINE = b"GET /a.txt HTTP/1.1"
LOOKS = "SetEnvIf User-Agent ^Nice nice\n"
SAYS = "Header set X-Nice yes env=nice\n"


class Answer:
    """All that is asked of an entry here."""

    def __init__(self):
        self.known = []


def block(**fields):
    text = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    made = Block(f"Host: x\r\n{text}\r\n".encode(), Limits())
    made.met = True
    return made


def searched(made):
    """Count the long ways to an answer from here on."""
    replay, count = made.on.server.replay, []
    search = replay._search

    def counted(*given):
        count.append(given)
        return search(*given)

    replay._search = counted
    return count


def test_what_one_client_was_told_is_known_for_another_with_other_cookies(twins):
    made = twins(files=FILES)
    for cookie in ("a", "b"):
        made.again("/b.txt", f"Cookie: {cookie}")
        made.again("/b.txt", f"Cookie: {cookie}")
    made.again("/a.txt", "Cookie: a")
    made.again("/a.txt", "Cookie: a")
    long_ways = searched(made)
    made.again("/a.txt", "Cookie: b")
    assert long_ways == []


@pytest.mark.parametrize("first", ["Nice", "Nasty"])
def test_clients_that_differ_where_an_answer_looks_get_their_own(twins, first):
    made = twins(LOOKS + SAYS, FILES)
    for agent in (first, "Nice", "Nasty", "Nice", "Nasty") * 3:
        assert (b"X-Nice" in made.ask("/a.txt", f"User-Agent: {agent}")) == (agent == "Nice")


def test_a_field_that_a_later_answer_is_the_first_to_read_parts_those_who_were_alike(twins):
    made = twins(f"<Location /b.txt>\n{LOOKS}</Location>\n{SAYS}", FILES)
    agents = ("User-Agent: Nice", "User-Agent: Nasty")
    for agent in agents * 3:
        made.ask("/a.txt", agent)
    for agent in agents * 4:
        assert (b"X-Nice" in made.ask("/b.txt", agent)) == ("Nice" in agent)


def test_an_answer_that_does_not_hold_any_more_is_known_to_nobody(twins):
    made = twins(files=FILES)
    for _ in range(3):
        made.again("/a.txt")
    replay = made.on.server.replay
    (entry,) = replay._entries.values()
    assert any(answers for answers in entry.known)
    replay.forget(entry)
    assert entry.known == []
    assert made.again("/a.txt").endswith(b"a text")


def test_a_block_is_noted_for_only_when_it_comes_again():
    kinship, answer, one = Kinship(), Answer(), block()
    one.met = False
    kinship.note(LINE, one, answer, ("host",))
    assert (one.answers, answer.known) == ({}, [])
    kinship.note(LINE, one, answer, ("host",))
    assert one.answers == {LINE: answer}


def test_only_so_many_are_known(monkeypatch):
    monkeypatch.setattr(kin, "MOST_KNOWN", 10)
    kinship, answers = Kinship(), [Answer() for _ in range(25)]
    one = block()
    for number, answer in enumerate(answers):
        kinship.note(b"GET /%d HTTP/1.1" % number, one, answer, ("host",))
        assert len(one.answers) <= 10
    assert sum(len(answer.known) for answer in answers) == len(one.answers)


def test_what_is_forgotten_makes_room():
    kinship, one = Kinship(), block()
    for number in range(3 * kin.MOST_KNOWN):
        answer, line = Answer(), b"GET /%d HTTP/1.1" % (number % 7)
        kinship.note(line, one, answer, ("host",))
        kinship.forget(line, answer)
    assert one.answers == {}
    assert kinship._known == 0
