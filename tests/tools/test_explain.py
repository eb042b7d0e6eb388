"""explain: the way of a request room by room, with the lines that decided it; nothing is done on the way."""

import json

import pytest

from pyhttpd.tools import explain
from pyhttpd.tools.explain.account import lines_of
from pyhttpd.tools.explain.asked import asked, login
from pyhttpd.tools.explain.show import plain, rooms

CONF = """\
ErrorDocument 403 /err/403.html
Alias /err/ "@ROOT@/err/"
ScriptAlias /cgi/ "@ROOT@/cgi-bin/"
NameVirtualHost *:80
<VirtualHost *:80>
ServerName first.example
</VirtualHost>
<VirtualHost *:80>
ServerName www.example.com
ServerAlias *.example.org
Redirect /moved http://other.example/
</VirtualHost>
<Directory />
AllowOverride All
Options FollowSymLinks
</Directory>
<Directory "@ROOT@/htdocs/shut">
Order deny,allow
Deny from all
Allow from 10.0.0.0/8
</Directory>
<Directory "@ROOT@/htdocs/login">
AuthType Basic
AuthName "Inner"
AuthUserFile "@ROOT@/users"
Require user joe
</Directory>
"""
BASE_LINES = 7  # of the fixture's own configuration
FILES = {
    "htdocs/index.html": "hello", "htdocs/shut/x.html": "x", "htdocs/login/x.html": "x", "err/403.html": "no",
    "htdocs/ht/.htaccess": "Header set X-Ht yes\n", "htdocs/ht/x.txt": "x", "htdocs/list/x.txt": "x",
    "htdocs/bad/.htaccess": "\nNonsense here\n", "htdocs/bad/x.txt": "x",
    "cgi-bin/run": '#!/bin/sh\ntouch "$0.ran"\nprintf "Content-Type: text/x\\n\\nx"\n',
    "users": "joe:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=\n",
}  # fmt: skip


@pytest.fixture
def made(site):
    return site(CONF, FILES)


@pytest.fixture
def told(made):
    """The account of one request: `told(url)`."""

    def ask(url, method="GET", fields=(), *, ip="127.0.0.1", to="", body=None, **how):
        return explain.explain(made.server, asked(made.server, url, method, fields, ip, to, body), **how)

    return ask


def decided(account):
    """The lines that decided, as written, in the main file counted behind the fixture's own."""
    return [step.location.text.strip() for step in account.deciding]


def test_a_page_is_found_and_its_lines_are_named(told):
    account = told("http://www.example.com/")
    assert account.head[0] == "200 OK"
    assert ("Content-Length", "5") in account.head[1]
    assert account.final.filename.endswith("/htdocs/index.html")
    assert {"ServerName www.example.com", "TypesConfig conf/mime.types"} <= set(decided(account))


def test_the_virtual_host_is_told_with_the_name_that_chose_it(told):
    account = told("http://w.example.org/")
    assert "ServerAlias *.example.org" in decided(account)
    assert any("first that answers to w.example.org" in step.text for step in account.steps)


def test_the_first_host_serves_a_name_that_nobody_has(told):
    account = told("http://nobody.example/")
    (why,) = [step for step in account.steps if "no host answers to nobody.example" in step.text]
    assert why.location.line == BASE_LINES + 5


def test_a_redirect_names_its_line_first(told):
    account = told("http://www.example.com/moved/x")
    assert account.status == 302
    assert decided(account)[0] == "Redirect /moved http://other.example/"
    assert account.verdict.text == "answers 302 Found"


def test_a_refusal_names_its_line_and_what_the_error_document_does(told):
    account = told("http://www.example.com/shut/x.html")
    assert account.status == 403
    assert decided(account)[0] == "Deny from all"
    assert "ErrorDocument 403 /err/403.html" in decided(account)
    assert any(step.depth and step.text.startswith("goes on as /err/403.html") for step in account.steps)
    assert account.outcome.final.filename.endswith("err/403.html")


def test_the_address_is_the_one_that_was_said(told):
    account = told("http://www.example.com/shut/x.html", ip="10.1.2.3")
    assert account.status == 200
    assert "Allow from 10.0.0.0/8" in decided(account)


def test_each_section_is_listed_with_its_lines(told):
    account = told("http://www.example.com/shut/x.html")
    merged = [step.layer for step in account.steps if step.layer and not step.depth]
    assert [len(lines_of(layer)) for layer in merged] == [2, 3]


def test_htaccess_files_that_were_read_are_sections(told):
    account = told("http://www.example.com/ht/x.txt")
    assert any(step.text.endswith("/ht/.htaccess") and step.layer for step in account.steps)
    assert "Header set X-Ht yes" in decided(account)


def test_folders_without_htaccess_files_are_told(told, made):
    missing = told("http://www.example.com/ht/x.txt").without_htaccess
    assert str(made.root / "htdocs") in missing
    assert str(made.root / "htdocs/ht") not in missing


def test_a_broken_htaccess_names_the_line_that_breaks_it(told):
    account = told("http://www.example.com/bad/x.txt")
    assert account.status == 500
    assert decided(account)[0] == "Nonsense here"


def test_options_that_forbid_a_listing_are_named(told):
    account = told("http://www.example.com/list/")
    assert account.status == 403
    assert decided(account)[0] == "Options FollowSymLinks"


@pytest.mark.parametrize(
    ("how", "fields", "status"),
    [
        ({}, (), 401),
        ({"user": "joe"}, (), 200),
        ({"user": "ann"}, (), 401),
        ({}, (login("joe:test"),), 401),
        ({}, (login("joe:secret"),), 401),
    ],
)
def test_a_login_may_be_given_or_taken_for_granted(told, how, fields, status):
    account = told("http://www.example.com/login/x.html", fields=fields, **how)
    assert account.status == status
    assert "Require user joe" in decided(account)


def test_a_program_is_not_run_unless_it_shall_be(told, made):
    account = told("http://www.example.com/cgi/run")
    assert account.stopped
    assert not account.as_json()["complete"]
    assert not (made.root / "cgi-bin/run.ran").exists()


def test_a_program_is_run_on_demand(told, made):
    account = told("http://www.example.com/cgi/run", run=True)
    assert (made.root / "cgi-bin/run.ran").exists()
    assert ("Content-Type", "text/x") in account.head[1]


def test_nothing_is_logged(told, made):
    told("http://www.example.com/none")
    made.server.close()
    written = [path.read_text() for path in (made.root / "logs").iterdir()]
    assert not any("/none" in text for text in written)


def test_a_subrequest_stands_within_and_the_rooms_go_on(told):
    account = told("http://www.example.com/")
    titles = [title for title, _ in rooms(account.steps)]
    assert titles == ["Host", "URL to file", "Sections", "Fixups", "Handler"]
    assert any(step.depth == 1 and step.text == "looks up /index.html" for step in account.steps)


def test_what_came_to_nothing_decides_nothing(told):
    steps = told("http://www.example.com/list/").steps
    texts = [step.text for step in steps]
    began = texts.index("looks up /list/index.html")
    ended = next(at for at, text in enumerate(texts) if text.startswith("found: nothing at "))
    assert ended > began + 1
    assert not any(step.decides for step in steps[began : ended + 1])


def test_each_line_of_a_pipe_has_its_place(told):
    first, *lines = plain(told("http://www.example.com/shut/x.html"))
    (denied,) = [line for line in lines if "denied by Deny from all" in line]
    assert denied.endswith(f"conf/httpd.conf:{BASE_LINES + 19}]")
    assert first.startswith("GET http://www.example.com/shut/x.html  from 127.0.0.1 to 127.0.0.1:80")


def test_json_has_the_steps_and_the_lines(told):
    found = json.loads(json.dumps(told("http://www.example.com/shut/x.html").as_json()))
    assert found["status"] == 403
    assert found["verdict"]["line"] == BASE_LINES + 19
    assert found["decided_by"][0]["file"].endswith("httpd.conf")


@pytest.mark.parametrize(
    ("url", "target", "host", "port"),
    [
        ("/a b?c d#e", "/a%20b?c%20d", "www.example.com", 80),
        ("http://h.example:8080/x", "/x", "h.example:8080", 8080),
        ("https://h.example", "/", "h.example", 443),
        ("h.example?q", "/?q", "h.example", 80),
        ("http://[::1]/", "/", "[::1]", 80),
    ],
)
def test_urls_are_read_as_people_write_them(made, url, target, host, port):
    found = asked(made.server, url, "GET", ())
    assert (found.target, found.host, found.local[1]) == (target, host, port)


def test_the_address_of_a_named_host_is_taken(site):
    conf = "<VirtualHost 127.0.0.9:80>\nServerName only.example\n</VirtualHost>\n"
    found = asked(site(conf, FILES).server, "http://only.example/", "GET", ())
    assert found.local == ("127.0.0.9", 80)
    assert found.notes


@pytest.mark.parametrize(
    ("words", "what"),
    [(("--ip", "nowhere"), "nowhere"), (("--to", "here"), "no address"), (("-H", "bad"), "no header field")],
)
def test_words_that_cannot_be_understood_are_told(made, words, what, capsys):
    status = explain.main(["-f", str(made.root / "conf/httpd.conf"), *words, "/"])
    assert status == 2
    assert what in capsys.readouterr().err


def test_the_command_prints_an_account(made, capsys):
    assert explain.main(["-f", str(made.root / "conf/httpd.conf"), "http://www.example.com/moved"]) == 0
    assert "Answer: 302 Found" in capsys.readouterr().out


def test_a_configuration_of_another_machine_is_read_where_it_lies(tmp_path, capsys):
    (tmp_path / "mime.types").write_text("text/plain txt\n")
    (tmp_path / "httpd.conf").write_text(
        'ServerRoot "/nowhere/apache2"\nListen 80\nServerName www.example.com\nTypesConfig conf/mime.types\n'
        'DocumentRoot "/nowhere/apache2/htdocs"\nRedirect /old http://new.example/\n'
    )
    assert explain.main(["-f", str(tmp_path / "httpd.conf"), "/old"]) == 0
    printed = capsys.readouterr()
    assert "> Location: http://new.example/" in printed.out
    assert f"ServerRoot /nowhere/apache2 is not here: {tmp_path} is taken for it" in printed.err


def test_a_wrong_configuration_is_shown(tmp_path, capsys):
    (tmp_path / "httpd.conf").write_text("Nonsense\n")
    assert explain.main(["-f", str(tmp_path / "httpd.conf"), "/"]) == 1
    assert "Invalid command 'Nonsense'" in capsys.readouterr().err
