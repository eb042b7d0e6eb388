"""mod_actions: which requests a script answers for."""

import pytest

from pyhttpd.diagnostics import ConfigError

SHOW = r"""#!/bin/sh
printf "Content-Type: text/plain\n\n"
echo "$REQUEST_METHOD $PATH_INFO $REDIRECT_HANDLER"
"""
FILES = {"cgi-bin/show": SHOW, "htdocs/a.gif": "gif", "htdocs/a.own": "own", "htdocs/a.txt": "text"}
BASE = """
ScriptAlias /bin/ "@ROOT@/cgi-bin/"
AddHandler own .own
Action own /bin/show
Action IMAGE/gif /bin/show
AddHandler gen .gen
Action gen /bin/show virtual
"""


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("/a.own", "GET /a.own own\n"),
        ("/a.gif", "GET /a.gif image/gif\n"),
        ("/none.gen/x", "GET /none.gen/x gen\n"),
        ("/a.txt", "text"),
    ],
)
def test_an_action_answers_for_a_type_or_handler(get, target, answer):
    assert get(target, conf=BASE, files=FILES).text == answer


def test_the_file_must_exist_unless_the_action_is_virtual(get):
    assert get("/none.own", conf=BASE, files=FILES).status == 404


def test_a_script_answers_for_a_method(site):
    one = site(BASE + "Script POST /bin/show\nScript GET /bin/show", FILES)
    assert one.get("/a.txt", method="POST", body=b"x").text == "POST /a.txt \n"
    assert one.get("/a.txt?q").text == "GET /a.txt \n"
    assert one.get("/a.txt").text == "text"


def test_an_action_goes_before_a_script(get):
    answer = get("/a.own", conf=BASE + "Script POST /bin/none", files=FILES, method="POST", body=b"x")
    assert answer.text == "POST /a.own own\n"


def test_a_script_that_leads_to_itself_ends(get):
    conf = "Script GET /a.txt"
    assert get("/a.txt?q", conf=conf, files=FILES).status in (200, 404, 500)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Action a /b maybe", "unrecognized option 'maybe'"),
        ("Script TRACE /b", "TRACE not allowed for Script"),
        ("Action a", "Action takes two or three arguments"),
    ],
)
def test_wrong_lines_are_refused_in_apaches_words(site, line, message):
    with pytest.raises(ConfigError) as error:
        site(line)
    assert message in str(error.value)
