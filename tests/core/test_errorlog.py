"""Error log lines have 2.2's shape and are safe to read."""

import re
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from pyhttpd.core.errorlog import ErrorLog, Syslog, escape, open_error_log, timestamp
from pyhttpd.http.headers import Headers


def lines(path: Path) -> list[str]:
    stamp = r"^\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \d{4}\] "
    return [re.sub(stamp, "", line) for line in path.read_text("ascii").splitlines()]


def test_a_line_names_level_client_and_referer(tmp_path: Path) -> None:
    log = open_error_log("e.log", "warn", str(tmp_path))
    log.write("error", "went wrong")
    caller = SimpleNamespace(client=("192.0.2.1", 5), lines=None)
    headers = Headers({"Referer": 'http://a/"b"'})
    log.write("error", "File does not exist: /x", SimpleNamespace(connection=caller, headers_in=headers))
    log.write("error", "bye", SimpleNamespace(connection=caller, headers_in=Headers()))
    log.close()
    assert lines(tmp_path / "e.log") == [
        "[error] went wrong",
        '[error] [client 192.0.2.1] File does not exist: /x, referer: http://a/"b"',
        "[error] [client 192.0.2.1] bye",
    ]


def test_a_line_of_a_listeners_turn_is_left_to_it(tmp_path: Path) -> None:
    log, turn = open_error_log("e.log", "warn", str(tmp_path)), defaultdict(list)
    caller = SimpleNamespace(client=("192.0.2.1", 5), lines=turn)
    log.write("error", "gone", SimpleNamespace(connection=caller, headers_in=Headers()))
    assert lines(tmp_path / "e.log") == []
    ((file, collected),) = turn.items()
    file.write_all(collected)
    log.close()
    assert lines(tmp_path / "e.log") == ["[error] [client 192.0.2.1] gone"]


@pytest.mark.parametrize(
    ("level", "written"),
    [("emerg", ["emerg", "notice"]), ("warn", ["emerg", "error", "warn", "notice"]), ("debug", None)],
)
def test_a_file_holds_its_level_and_above_and_every_notice(
    level: str, written: list[str] | None, tmp_path: Path
) -> None:
    log = open_error_log("e.log", level, str(tmp_path))
    tried = ["emerg", "error", "warn", "notice", "info", "debug"]
    for each in tried:
        log.write(each, "x")
    log.close()
    assert lines(tmp_path / "e.log") == [f"[{each}] x" for each in written or tried]


def test_syslog_has_no_exception_for_notices() -> None:
    log = ErrorLog(Syslog(), "error")
    assert log.wants("error")
    assert not log.wants("notice")
    assert log.target.fileno() == -1


def test_what_clients_send_is_escaped() -> None:
    hostile = 'a"\\\b\n\r\t\v\x1b\x7f\u00e9\udcff'
    rest = "\\\\\\b\\n\\r\\t\\v\\x1b\\x7f\\xc3\\xa9\\xff"
    assert escape(hostile) == 'a"' + rest
    assert escape("plain 'text'") == "plain 'text'"


def test_a_message_cannot_make_a_second_line_nor_an_endless_one(tmp_path: Path) -> None:
    log = open_error_log("e.log", "warn", str(tmp_path))
    log.write("error", "a\n[forged]" + "b" * 20000)
    log.close()
    content = (tmp_path / "e.log").read_bytes()
    assert content.count(b"\n") == 1
    assert len(content) == 8192


def test_a_log_that_cannot_be_opened_says_so_in_apaches_words() -> None:
    with pytest.raises(ValueError) as raised:
        open_error_log("/nonexistent/logs/error_log", "warn", "/")
    assert str(raised.value) == (
        "(2)No such file or directory: httpd: could not open error log file /nonexistent/logs/error_log."
    )


def test_without_a_file_lines_go_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    log = ErrorLog()
    log.write("crit", "early")
    log.close()
    assert capfd.readouterr().err.endswith("] [crit] early\n")


def test_the_time_is_local_and_of_fixed_width() -> None:
    assert len(timestamp(0)) == len("Thu Jan 01 00:00:00 1970")
