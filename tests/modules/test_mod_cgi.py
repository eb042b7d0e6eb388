"""CGI programs as clients see them."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyhttpd.core.cgi import arguments
from pyhttpd.core.cgi_env import environment, path_info_start
from pyhttpd.core.verdict import Verdict

CONF = 'ScriptAlias /cgi-bin/ "@ROOT@/cgi-bin/"\n'
Ask = Callable[..., Any]


@pytest.fixture
def run(site: Callable[..., Any]) -> Ask:
    """The answer to a request for a script with this text."""

    def ask(text: str, conf: str = "", path: str = "", name: str = "x.sh", **asked: Any) -> Any:
        one = site(CONF + conf, {f"cgi-bin/{name}": f"#!/bin/sh\n{text}\n", "htdocs/x.html": "plain\n"})
        return one.get(f"/cgi-bin/{name}{path}", **asked)

    return ask


PLAIN = r"printf 'Content-Type: text/plain\n\n'; "


def test_the_programs_header_and_body_are_the_answer(run: Ask) -> None:
    answer = run(r"printf 'Status: 201 Made It\r\ncontent-type: Text/X; A=B\nX-A: 1\nX-A: 2\n\nbody'")
    assert answer.raw.startswith(b"HTTP/1.1 201 Made It\r\n")
    assert answer.headers["Content-Type"] == "text/x; A=B"
    assert (answer.headers["X-A"], answer.body) == ("1, 2", b"body")


@pytest.mark.parametrize(
    ("text", "log"),
    [
        ("echo no header", "malformed header from script. Bad header=no header: x.sh"),
        ("echo 'bad name: x'", "malformed header from script. Bad header=bad name: x: x.sh"),
        ("echo X: y", "Premature end of script headers: x.sh"),
        ("exit 0", "Premature end of script headers: x.sh"),
    ],
)
def test_a_broken_header_is_a_500(run: Ask, text: str, log: str) -> None:
    answer = run(text)
    assert answer.status == 500
    assert f"[error] [client 127.0.0.1] {log}\n" in answer.log


@pytest.mark.parametrize("line", ["100 Continue", "42", "abc", "1000", "99999999999"])
def test_a_status_that_is_none_is_a_500(run: Ask, line: str) -> None:
    answer = run(f"echo 'Status: {line}'; echo; echo body")
    assert answer.raw.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")


def test_a_script_cannot_frame_the_answer(run: Ask) -> None:
    answer = run(r"printf 'Transfer-Encoding: chunked\nX: a\rY: b\n\nbody'", headers={"Connection": None})
    assert answer.body == b"body"
    assert answer.headers["X"] == "a Y: b"


@pytest.mark.parametrize(("length", "body"), [("3", b"123"), ("9", b"12345"), ("x", b"12345")])
def test_a_wrong_length_never_reaches_the_next_answer(run: Ask, length: str, body: bytes) -> None:
    answer = run(rf"printf 'Content-Length: {length}\n\n12345'", headers={"Connection": "keep-alive"})
    assert answer.body == body


def test_a_local_location_is_another_request_with_get(run: Ask) -> None:
    answer = run("echo Location: /x.html; echo", method="POST", body=b"data")
    assert (answer.status, answer.text) == (200, "plain\n")


def test_an_absolute_location_is_a_302(run: Ask) -> None:
    answer = run("echo Location: http://else.example/; echo; echo ignored")
    assert (answer.status, answer.headers["Location"]) == (302, "http://else.example/")
    assert b"The document has moved" in answer.body


def test_standard_error_goes_to_the_error_log(run: Ask) -> None:
    assert "[error] [client 127.0.0.1] a\\tcomplaint\n" in run(rf"printf 'a\tcomplaint\n' >&2; {PLAIN}").log


def test_a_body_reaches_the_program_and_comes_back(run: Ask) -> None:
    data = os.urandom(500_000)
    assert run(PLAIN + "cat", method="POST", body=data).body == data


def test_a_chunked_body_has_no_length(site: Ask) -> None:
    one = site(CONF, {"cgi-bin/x.sh": f'#!/bin/sh\n{PLAIN} echo "[$CONTENT_LENGTH]"; cat\n'})
    head = b"POST /cgi-bin/x.sh HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    head += b"Connection: close\r\n\r\n"
    assert one.answer(one.talk(head + b"5\r\nhello\r\n0\r\n\r\n")).body == b"[]\nhello"


def test_limit_request_body_holds_for_programs(run: Ask) -> None:
    assert run(PLAIN + "cat", "LimitRequestBody 10\n", method="POST", body=b"x" * 11).status == 413


def test_passwords_and_proxy_stay_outside(run: Ask) -> None:
    headers = {"Authorization": "Basic x", "Proxy-Authorization": "Basic x", "Proxy": "http://evil/"}
    text = run(PLAIN + "env", headers=headers).text
    assert "AUTHORIZATION" not in text
    assert "HTTP_PROXY" not in text


def test_a_field_with_underscores_cannot_cover_up_the_real_one(run: Ask) -> None:
    text = run(PLAIN + "env", headers={"X-User": "real", "X_User": "forged", "X_Only": "kept"}).text
    assert "HTTP_X_USER=real\n" in text
    assert "HTTP_X_ONLY=kept\n" in text


def test_the_environment_names_script_and_path(run: Ask, tmp_path: Path) -> None:
    lines = run(PLAIN + "env; pwd", path="/a%20b?q=1").text.splitlines()
    assert {
        "SCRIPT_NAME=/cgi-bin/x.sh",
        "PATH_INFO=/a b",
        f"PATH_TRANSLATED={tmp_path}/htdocs/a b",
        "QUERY_STRING=q=1",
        "REQUEST_URI=/cgi-bin/x.sh/a%20b?q=1",
        f"SCRIPT_FILENAME={tmp_path}/cgi-bin/x.sh",
        "SERVER_NAME=www.example.com",
        "GATEWAY_INTERFACE=CGI/1.1",
        f"{tmp_path}/cgi-bin",
    } <= set(lines)


@pytest.mark.parametrize(
    ("conf", "status", "log"),
    [
        ("AddHandler cgi-script .cgi", 403, "Options ExecCGI is off in this directory: "),
        ("AddHandler cgi-script .cgi\nOptions ExecCGI", 200, ""),
        ("AddHandler cgi-script .cgi\nOptions ExecCGI\nAcceptPathInfo Off", 404, "AcceptPathInfo off"),
        ("SetHandler application/x-httpd-cgi\nOptions ExecCGI", 200, ""),
    ],
)
def test_files_run_where_execcgi_is_on(site: Ask, conf: str, status: int, log: str) -> None:
    place = f'<Directory "@ROOT@/htdocs">\nOptions None\n{conf}\n</Directory>\n'
    answer = site(place, {"htdocs/a.cgi": f"#!/bin/sh\n{PLAIN}\n"}).get("/a.cgi/info")
    assert answer.status == status
    assert log in answer.log


def test_what_cannot_be_run_is_told(site: Ask, tmp_path: Path) -> None:
    files = {"bad.sh": "#!/no/such/interpreter\n", "plain.sh": "x\n", "d/x": ""}
    one = site(CONF, {f"cgi-bin/{name}": text for name, text in files.items()})
    (tmp_path / "cgi-bin/plain.sh").chmod(0o644)
    names = ("bad.sh", "plain.sh", "none.sh", "d/")
    assert [one.get(f"/cgi-bin/{name}").status for name in names] == [500, 500, 404, 403]
    for text in (
        f"(2)No such file or directory: exec of '{tmp_path}/cgi-bin/bad.sh' failed",
        "Premature end of script headers: bad.sh",
        f"(13)Permission denied: couldn't spawn child process: {tmp_path}/cgi-bin/plain.sh",
        f"script not found or unable to stat: {tmp_path}/cgi-bin/none.sh",
        f"attempt to invoke directory as script: {tmp_path}/cgi-bin/d",
    ):
        assert text in one.log


def test_an_nph_script_writes_all_of_the_answer(run: Ask) -> None:
    text = r"printf 'HTTP/1.1 299 Own\r\nX: y\r\n\r\nraw'"
    answer = run(text, name="nph-x.sh", headers={"Connection": None})
    assert answer.raw == b"HTTP/1.1 299 Own\r\nX: y\r\n\r\nraw"


def test_a_silent_program_is_a_504_and_ends(run: Ask, tmp_path: Path) -> None:
    answer = run(f"echo $$ > {tmp_path}/pid; exec sleep 60", "TimeOut 1\n")
    assert answer.status == 504
    text = f"[warn] [client 127.0.0.1] Timeout waiting for output from CGI script {tmp_path}/cgi-bin/x.sh"
    assert text in answer.log
    assert "Script timed out before returning headers: x.sh" in answer.log
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_program_that_falls_silent_in_its_body_cuts_the_answer_off(run: Ask) -> None:
    answer = run(PLAIN + "echo begin; exec sleep 60", "TimeOut 1\n", headers={"Connection": None})
    assert b"begin" in answer.raw
    assert not answer.raw.endswith(b"0\r\n\r\n")


def test_a_program_ends_when_its_client_leaves(site: Ask, tmp_path: Path) -> None:
    text = f"#!/bin/sh\necho $$ > {tmp_path}/pid\n{PLAIN}\nexec yes\n"
    one = site(CONF, {"cgi-bin/x.sh": text})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), 10)
        accepted, address = listener.accept()
    connection = one.server.connect(accepted, address, ("127.0.0.1", 80), one.reporter, False)
    client.sendall(b"GET /cgi-bin/x.sh HTTP/1.0\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    assert connection.serve_one() is Verdict.CLOSE
    connection.close()
    if (pid := tmp_path / "pid").exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)


def test_a_head_lets_the_program_finish(run: Ask, tmp_path: Path) -> None:
    answer = run(f"{PLAIN} echo body; exec >&-; echo done > {tmp_path}/done", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert (tmp_path / "done").read_text() == "done\n"


def test_conditions_are_answered_from_the_programs_own_header(run: Ask) -> None:
    text = r"""printf 'ETag: "a"\nContent-Type: text/plain\n\nbody'"""
    assert run(text, headers={"If-None-Match": '"a"'}).status == 304
    assert run(text, headers={"If-None-Match": '"b"'}).status == 200
    assert run(text, headers={"If-Match": '"b"'}).status == 412
    assert run("echo Status: 200;" + text, headers={"If-None-Match": '"a"'}).status == 200


def test_the_script_log_tells_what_failed(run: Ask, tmp_path: Path) -> None:
    conf = "ScriptLog logs/script_log\nScriptLogBuffer 4\n"
    run(r"printf 'oops\nmore\n'; echo why >&2", conf, path="?q", method="POST", body=b"abcdefgh")
    lines = (tmp_path / "logs/script_log").read_text().splitlines()
    assert lines[0].startswith("%% [")
    assert lines[0].endswith("] POST /cgi-bin/x.sh?q HTTP/1.1")
    assert lines[1:3] == [f"%% 500 {tmp_path}/cgi-bin/x.sh", "%request"]
    after = lines[lines.index("Content-Length: 8") + 1 :]
    assert after[:6] == ["", "abcd", "%response", "oops", "%stdout", "more"]


def test_the_script_log_stops_growing(run: Ask, tmp_path: Path) -> None:
    for _ in range(3):
        run("echo oops", "ScriptLog logs/script_log\nScriptLogLength 10\n")
    assert (tmp_path / "logs/script_log").read_text().count("%response") == 1


def test_rlimits_hold_for_programs(run: Ask) -> None:
    assert run(PLAIN + "ulimit -t", "RLimitCPU 77\n").text == "77\n"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (None, []),
        ("a=b", []),
        ("one+two%20x", [b"one", b"two x"]),
        ("a;b+%24c", [b"a\\;b", b"\\$c"]),
        ("%ff+-s", [b"\xff", b"-s"]),
    ],
)
def test_a_query_without_an_equals_sign_becomes_arguments(query: str | None, words: list[bytes]) -> None:
    class Request:
        filename = "/x"

    request: Any = Request()
    request.query = query
    assert arguments(request) == [b"/x", *words]


@pytest.mark.parametrize(
    ("uri", "info", "script"),
    [
        ("/c/x.sh/a/b", "/a/b", "/c/x.sh"),
        ("/c/x.sh//a", "/a", "/c/x.sh"),
        ("/c/x.sh/x.sh", "/x.sh", "/c/x.sh"),
    ],
)
def test_the_script_name_ends_where_path_information_begins(uri: str, info: str, script: str) -> None:
    assert uri[: path_info_start(uri, info)] == script


def test_names_of_variables_are_made_fit_for_a_process() -> None:
    made = environment({"A-B.c": "x\0y", "1A": "z", "": "no"})
    made.pop(b"TZ", None)
    assert made == {b"A_B_c": b"x", b"_A": b"z"}


def test_cgid_takes_its_own_directives(site: Ask) -> None:
    names = ("mime", "alias", "cgid")
    loads = "".join(f"LoadModule {name}_module modules/mod_{name}.so\n" for name in names)
    conf = loads + CONF + "ScriptSock logs/cgisock\nCGIDScriptTimeout 300ms\n"
    began = time.monotonic()
    answer = site(conf, {"cgi-bin/x.sh": "#!/bin/sh\nexec sleep 60\n"}).get("/cgi-bin/x.sh")
    assert answer.status == 504
    assert time.monotonic() - began < 10
