"""mod_rewrite: maps of every kind, and programs that die or say nothing."""

import os
import stat
import time

import pytest

from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules.mod_rewrite import programs
from pyhttpd.modules.mod_rewrite.dbm_files import read_dbm
from pyhttpd.modules.mod_rewrite.maps import read_text
from pyhttpd.modules.mod_rewrite.programs import Program

ASK = 'RewriteEngine On\nRewriteRule ^/(.*)$ "http://o.example/[${m:$1|none}]" [R,NE]\n'
ECHO = """#!/bin/sh
while read key; do
    case $key in
        null) echo nUlL;;
        die) exit 1;;
        hang) sleep 60;;
        *) echo "<$key>";;
    esac
done
"""


def answers(site, source, *keys, files=None):
    """What a map makes of keys, by way of redirects."""
    one = site(f"RewriteMap m {source}\n{ASK}", files)
    return [one.get(f"/{key}").headers["Location"].removeprefix("http://o.example/") for key in keys]


def test_a_text_map_and_its_default(site):
    text = "# x no\na 1 # rest\nb\t2\na 3\n c 4\nd\ne  5\n"
    got = answers(site, "txt:conf/m.txt", "a", "b", "c", "d", "e", "x", files={"conf/m.txt": text})
    assert got == ["[1]", "[2]", "[none]", "[none]", "[5]", "[none]"]


def test_a_text_map_is_read_again_when_it_changes(site):
    one = site(f"RewriteMap m txt:conf/m.txt\n{ASK}", {"conf/m.txt": "a 1\n"})
    assert "[1]" in one.get("/a").headers["Location"]
    (one.root / "conf/m.txt").write_text("a 22\n")
    assert "[22]" in one.get("/a").headers["Location"]
    (one.root / "conf/m.txt").unlink()
    answer = one.get("/a")
    assert "[none]" in answer.headers["Location"]
    assert "can't access text RewriteMap file" in answer.log


def test_a_random_map_gives_each_of_its_values(site):
    assert set(answers(site, "rnd:conf/m.txt", *["a"] * 40, files={"conf/m.txt": "a 1|2\n"})) == {
        "[1]",
        "[2]",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [("toupper", "[AB%C3]"), ("tolower", "[ab%c3]"), ("escape", "[aB%25C3]"), ("unescape", "[aB\udcc3]")],
)
def test_functions(site, name, expected):
    (got,) = answers(site, f"int:{name}", "aB%25C3")
    assert got.encode("latin-1").decode("utf-8", "surrogateescape") == expected


def test_maps_in_maps(site):
    conf = "RewriteMap low int:tolower\nRewriteMap m txt:conf/m.txt\nRewriteEngine On\n"
    rule = "RewriteRule ^/(.*)$ http://o.example/${m:${low:$1}|${low:%{REQUEST_METHOD}}} [R]"
    one = site(conf + rule, {"conf/m.txt": "a 1\n"})
    assert one.get("/A").headers["Location"] == "http://o.example/1"
    assert one.get("/B").headers["Location"] == "http://o.example/get"


def test_a_dbm_file_of_the_library(tmp_path):
    gnu = pytest.importorskip("dbm.gnu", exc_type=ImportError)
    with gnu.open(str(tmp_path / "m"), "n") as file:
        file["a"] = "1"
    assert read_dbm("gdbm", str(tmp_path / "m")) == {"a": "1"}


def test_an_sdbm_file(tmp_path):
    page = bytearray(1024)
    page[1019:1024], page[1016:1019] = b"apple", b"red"
    page[:6] = (2).to_bytes(2, "little") + (1019).to_bytes(2, "little") + (1016).to_bytes(2, "little")
    (tmp_path / "m.pag").write_bytes(bytes(page) + b"\xff" * 1024 + b"short")
    assert read_dbm("sdbm", str(tmp_path / "m")) == {"apple": "red"}


def test_text_maps_keep_any_byte(tmp_path):
    (tmp_path / "m").write_bytes(b"\xff \xfe\x85x\n")
    assert read_text(str(tmp_path / "m")) == {"\udcff": "\udcfe\udc85x"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("int:none", "RewriteMap: internal map not found:none"),
        ("txt:/none", "RewriteMap: file for map m not found:/none"),
        ("/none", "RewriteMap: file for map m not found:/none"),
        ("prg:/none x", "RewriteMap: file for map m not found:/none"),
        ("dbm=what:/none", "RewriteMap: dbm type what is invalid"),
        ("dbm/none", "RewriteMap: bad map:dbm/none"),
    ],
)
def test_mistakes(site, source, message):
    with pytest.raises(ConfigError) as error:
        site(f"RewriteMap m '{source}'")
    assert error.value.diagnostics[0].message == message


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program that runs, and is ended."""
    monkeypatch.setattr(programs, "PATIENCE", 0.5)
    path = tmp_path / "ask.sh"
    path.write_text(ECHO)
    path.chmod(stat.S_IRWXU)
    made = Program([str(path)])
    made.start()
    yield made
    made.close()
    os.killpg(made.pid, 9)
    os.waitpid(made.pid, 0)


def restarted(program):
    """Tend the program until it has been replaced; what was said of that."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if said := program.tend():
            return said
        time.sleep(0.01)
    raise AssertionError("nobody noticed")


def test_a_program_answers_says_null_and_is_asked_by_forked_children(program):
    heard = []
    assert program.ask("x y", heard.append) == "<x y>"
    assert program.ask("null", heard.append) is None
    assert program.ask("two\nlines", heard.append) is None
    if (child := os.fork()) == 0:
        good = all(program.ask(f"c{n}", heard.append) == f"<c{n}>" for n in range(200))
        os._exit(0 if good else 1)
    assert all(program.ask(f"p{n}", heard.append) == f"<p{n}>" for n in range(200))
    assert os.waitpid(child, 0)[1] == 0
    assert program.tend() is None
    assert heard == []


@pytest.mark.parametrize("key", ["die", "hang"])
def test_a_program_that_gives_no_answer_is_replaced_and_holds_nobody_up(program, key):
    heard, first = [], program.pid
    assert program.ask(key, heard.append) is None
    assert "gives no answer" in heard[0]
    began = time.monotonic()
    assert program.ask("x", heard.append) is None
    assert time.monotonic() - began < 0.2
    assert "failed unexpectedly" in restarted(program)
    assert program.pid != first
    assert program.ask("x", heard.append) == "<x>"


def test_nobody_gets_the_answer_to_the_question_of_one_who_died(program):
    if (child := os.fork()) == 0:
        program._exchange = lambda key, until: os._exit(os.write(program._pipes[1], b"dead\n") - 5)
        program.ask("dead", print)
    assert os.waitpid(child, 0)[1] == 0
    assert program.ask("x", print) is None
    assert "failed unexpectedly" in restarted(program)
    assert program.ask("x", print) == "<x>"


def test_the_server_starts_programs_where_the_engine_is_on(site):
    files = {"conf/ask.sh": ECHO}
    one = site(f"RewriteMap m int:tolower\n{ASK}", files)
    (one.root / "conf/ask.sh").chmod(0o755)
    two = site(f"RewriteMap m prg:conf/ask.sh\n{ASK}")
    assert two.get("/a").headers["Location"] == "http://o.example/[<a>]"
    assert len(two.server.state["rewrite_module"].logs) == 1


def test_a_program_of_a_server_without_rules_is_not_started(site):
    one = site("RewriteMap m prg:conf/httpd.conf\n")
    assert one.server.state["rewrite_module"].logs == []
