"""Settings in directories: read once, again when they change, and never ignored when they are broken."""

import os
import threading
import time

import pytest

from pyhttpd.core.journal import settled
from pyhttpd.core.request import stamp

FILES = {"htdocs/d/x.txt": "x"}
NO_ENTRY = "Order allow,deny\nDeny from all\n"


@pytest.fixture
def made(site):
    return site('<Directory "@ROOT@">\nAllowOverride All\n</Directory>\n', FILES)


def put(made, text, name=".htaccess"):
    """Write as editors do, a new file in the place of the old one."""
    path = made.root / "htdocs/d" / name
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)
    return path


def typed(made):
    return made.get("/d/x.txt").headers.get("Content-Type")


def test_a_file_is_read_again_when_it_was_created_changed_or_removed(made):
    assert typed(made) == "text/plain"
    path = put(made, "ForceType a/b\n")
    assert typed(made) == "a/b"
    put(made, "ForceType c/d\n")
    assert typed(made) == "c/d"
    path.unlink()
    assert typed(made) == "text/plain"


def test_a_change_of_the_same_length_in_place_is_seen(made):
    path = put(made, "ForceType a/b\n")
    assert typed(made) == "a/b"
    path.write_text("ForceType c/d\n")
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1))
    assert typed(made) == "c/d"


def test_an_unchanged_file_is_parsed_once(made, monkeypatch):
    from pyhttpd.core import htaccess

    loads = []
    original = htaccess.load
    monkeypatch.setattr(htaccess, "load", lambda *args: loads.append(1) or original(*args))
    path = put(made, "ForceType a/b\n")
    while not settled(stamp(path.stat()), time.time()):  # until then it may change unseen
        time.sleep(0.001)
    assert [typed(made) for _ in range(3)] == ["a/b"] * 3
    assert len(loads) == 1


def test_a_broken_file_is_an_error_and_an_alert_until_it_is_mended(made):
    path = put(made, "Nonsense\n")
    for _ in range(2):
        answer = made.get("/d/x.txt")
        assert answer.status == 500
    line = f"[alert] [client 127.0.0.1] {path}: Invalid command 'Nonsense', perhaps misspelled"
    assert answer.log.count(line) == 2
    put(made, "\n")
    assert made.get("/d/x.txt").status == 200


MISTAKES = (
    "<Files x>\n", "</Files>\n", "ServerName x\n", "<IfModule core.c\n", "Options Foo\n", "Options +\n",
    'Options ""\n', "AddType\n", "ErrorDocument 999 x\n", "<Files>\n</Files>\n", "\x00\n", "\xff\n",
)  # fmt: skip


@pytest.mark.parametrize("text", MISTAKES)
def test_any_mistake_refuses_the_directory(made, text):
    put(made, text)
    assert made.get("/d/x.txt").status == 500
    assert "[alert]" in made.log
    assert "[error]" not in made.log


def test_mistakes_are_told_of_where_they_are(site):
    conf = '<Directory "@ROOT@">\nAllowOverride FileInfo Options=Indexes\n</Directory>\n'
    made = site(conf, FILES)
    path = put(made, "Options All\n")
    assert made.get("/d/x.txt").status == 500
    assert f"{path}: Option All not allowed here" in made.log
    put(made, NO_ENTRY)
    assert made.get("/d/x.txt").status == 500
    assert f"{path}: order not allowed here" in made.log


def test_without_override_the_file_is_not_even_read(site):
    made = site('<Directory "@ROOT@">\nAllowOverride None\n</Directory>\n', FILES)
    put(made, "Nonsense\n")
    assert made.get("/d/x.txt").status == 200
    assert not made.server.htaccess


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_refuses_the_directory(made):
    put(made, "ForceType a/b\n").chmod(0)
    answer = made.get("/d/x.txt")
    assert answer.status == 403
    assert "pcfg_openfile: unable to check htaccess file, ensure it is readable" in answer.log


def test_a_folder_in_its_place_refuses_the_directory(made):
    (made.root / "htdocs/d/.htaccess").mkdir()
    assert made.get("/d/x.txt").status == 403


def test_a_fifo_in_its_place_blocks_nobody(made):
    os.mkfifo(made.root / "htdocs/d/.htaccess")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(made.get("/d/x.txt")), daemon=True)
    thread.start()
    thread.join(5)
    if not answers:  # let it go on, so that nothing is left behind
        os.close(os.open(made.root / "htdocs/d/.htaccess", os.O_RDWR))
        thread.join(5)
        pytest.fail("reading a FIFO blocked")
    assert answers[0].status == 403


def test_access_file_name_lists_names_and_the_first_that_is_there_counts(site):
    made = site('AccessFileName .one .two\n<Directory "@ROOT@">\nAllowOverride All\n</Directory>\n', FILES)
    put(made, "ForceType no/no\n")
    assert typed(made) == "text/plain"
    put(made, "ForceType two/two\n", ".two")
    assert typed(made) == "two/two"
    put(made, "ForceType one/one\n", ".one")
    assert typed(made) == "one/one"


def test_a_virtual_host_has_access_file_names_of_its_own(site):
    conf = '<Directory "@ROOT@">\nAllowOverride All\n</Directory>\n'
    conf += '<VirtualHost *:81>\nDocumentRoot "@ROOT@/htdocs"\nAccessFileName .acl\n</VirtualHost>\n'
    made = site(conf, FILES)
    put(made, NO_ENTRY, ".acl")
    assert made.get("/d/x.txt").status == 200
    assert made.get("/d/x.txt", local=("127.0.0.1", 81)).status == 403


def test_what_admits_a_file_is_part_of_how_it_is_known(site):
    """The same file below two hosts that admit different things."""
    conf = '<Directory "@ROOT@">\nAllowOverride All\n</Directory>\n<VirtualHost *:81>\n'
    conf += 'DocumentRoot "@ROOT@/htdocs"\n'
    conf += '<Directory "@ROOT@">\nAllowOverride Limit\n</Directory>\n</VirtualHost>\n'
    made = site(conf, FILES)
    put(made, "ForceType a/b\n")
    assert typed(made) == "a/b"
    assert made.get("/d/x.txt", local=("127.0.0.1", 81)).status == 500
    assert typed(made) == "a/b"


def test_files_on_the_whole_way_down_have_a_say(made):
    (made.root / "htdocs/.htaccess").write_text("ForceType a/b\nDefaultType x/y\n")
    put(made, "ForceType c/d\n")
    assert typed(made) == "c/d"


def test_a_request_that_was_refused_above_looks_no_further(made):
    (made.root / "htdocs/.htaccess").write_text("Nonsense\n")
    put(made, "More nonsense\n")
    assert made.get("/d/x.txt").log.count("[alert]") == 1
