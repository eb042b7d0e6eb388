"""What one process of a server has answered, another gives without computing it."""

import os

import pytest
from replay_files import descriptors, put, settle
from replay_world import Ask, Talk

from pyhttpd.core.replay.record import answer, record

FILES = {
    "htdocs/a.txt": "some text",
    "htdocs/big.html": "b" * 300_000,
    "htdocs/d/index.html": "in d",
    "cgi-bin/say.cgi": "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhi'\n",
}
CONF = """\
ScriptAlias /cgi-bin/ "@ROOT@/cgi-bin/"
Redirect /old http://www.example.com/a.txt
ErrorDocument 404 /d/index.html
SetEnvIf X-Who (.*) who=$1
LogFormat "%h %l %u %t \\"%r\\" %s %>s %b %f %U %{who}e %v %X %O %{Last-Modified}o" more
CustomLog logs/more-@SIDE@ more
<Directory "@ROOT@/htdocs/d">
Order deny,allow
Deny from 127.0.0.9
</Directory>
"""


@pytest.fixture
def pair(twins):
    """A server with two processes, beside one that remembers nothing."""
    return twins(CONF, FILES, processes=2)


def told(made, ask):
    """Have the first process answer, and nobody look at the logs of that."""
    made.processes[0].talk(Talk((ask,)))
    for kind in ("access", "error", "more"):
        made.processes[0].logged(kind)


SINCE = ("If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT",)


@pytest.mark.parametrize(
    "ask",
    [
        Ask("/a.txt"), Ask("/a.txt", "HEAD"), Ask("/old"), Ask("/d"), Ask("/d/"), Ask("/none"),
        Ask("/big.html"), Ask("/a.txt", lines=("Range: bytes=2-4",)),
        Ask("/big.html", lines=("Range: bytes=5-250000",)),
        Ask("/a.txt", lines=SINCE), Ask("/a.txt", lines=("X-Who: me",)), Ask("/a.txt", version="1.0"),
    ],
    ids=repr,
)  # fmt: skip
def test_the_second_process_has_it_from_the_first(pair, ask):
    told(pair, ask)
    first, second = pair.processes
    pair.agree(Talk((ask,)))
    assert (first.hits, second.hits) == (0, 1)
    pair.agree(Talk((ask, ask)))
    pair.agree(Talk((ask, ask)))


@pytest.mark.parametrize("line", [*SINCE, "If-None-Match: *", 'If-None-Match: "x"', "Range: bytes=1-2"])
def test_conditions_are_tried_against_what_was_borrowed(pair, line):
    told(pair, Ask("/a.txt"))
    asked = Ask("/a.txt", lines=(line,))
    for _ in range(4):
        pair.agree(Talk((asked, asked)))


def test_lines_of_all_logs_are_those_of_an_answer_computed(pair):
    for _ in range(4):
        for ask in (Ask("/a.txt", lines=("X-Who: me",)), Ask("/none"), Ask("/d/", lines=("X-Who: you",))):
            pair.agree(Talk((ask,)))
            wanted, found = pair.off.logged("more"), pair.on.logged("more")
            assert found == wanted
    assert pair.hits >= 9


def test_what_has_changed_is_not_borrowed(pair):
    pair.processes[0].talk(Talk((Ask("/a.txt"), Ask("/big.html"))))
    put(pair.root / "htdocs/a.txt", "other text")
    put(pair.root / "htdocs/new", "n" * 300_000)
    (pair.root / "htdocs/new").replace(pair.root / "htdocs/big.html")
    settle()
    before = pair.hits
    assert pair.processes[1].talk(Talk((Ask("/a.txt"),))).endswith(b"other text")
    assert pair.processes[1].talk(Talk((Ask("/big.html"),))).endswith(b"nnn")
    assert pair.hits == before


def test_a_newer_answer_takes_the_place_of_the_old(pair):
    first, second = pair.processes
    first.talk(Talk((Ask("/a.txt"),)))
    put(pair.root / "htdocs/a.txt", "other text")
    settle()
    second.talk(Talk((Ask("/a.txt"),)))
    before = first.hits
    assert first.talk(Talk((Ask("/a.txt"),))).endswith(b"other text")
    assert first.hits == before + 1


def test_whom_an_answer_is_for_counts_as_at_home(pair):
    told(pair, Ask("/d/"))
    for client in ("127.0.0.9", "127.0.0.1", "127.0.0.9", "127.0.0.1"):
        pair.agree(Talk((Ask("/d/"),), client=client))
    assert b" 403 " in pair.processes[0].talk(Talk((Ask("/d/"),), client="127.0.0.9"))


def test_what_is_computed_each_time_is_not_lent(pair):
    for _ in range(4):
        pair.agree(Talk((Ask("/cgi-bin/say.cgi"),)))
    assert pair.hits == 0


def test_an_answer_with_something_that_is_no_plain_value_is_not_told(pair):
    process = pair.processes[0]
    process.talk(Talk((Ask("/a.txt"),)))
    (entry,) = process.server.replay._entries.values()
    assert record(entry) is not None
    entry.prototype.notes["thing"] = object()
    assert record(entry) is None


def test_a_large_file_is_opened_by_each_process_and_closed_with_its_answer(pair):
    ours, theirs = pair.processes
    ours.talk(Talk((Ask("/big.html"),)))
    before = descriptors()
    assert len(theirs.talk(Talk((Ask("/big.html"),)))) > 300_000
    assert theirs.hits == 1
    assert descriptors() == before + 1
    for entry in list(theirs.server.replay._entries.values()):
        theirs.server.replay.forget(entry)
    del entry
    assert descriptors() == before


@pytest.mark.parametrize("happens", [lambda path: path.unlink(), lambda path: put(path, "c" * 300_000)])
def test_a_large_file_that_is_another_now_is_not_opened_for_an_old_answer(pair, happens):
    process = pair.processes[0]
    process.talk(Talk((Ask("/big.html"),)))
    (entry,) = process.server.replay._entries.values()
    told = record(entry)
    again = answer(told, process.server)
    assert again is not None
    assert os.path.sameopenfile(again.fd, entry.fd)
    happens(pair.root / "htdocs/big.html")
    assert answer(told, process.server) is None
