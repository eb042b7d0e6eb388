"""Apache's first lines to the letter, what stands below them, and the two other ways to show a diagnostic."""

import io
import json
import subprocess
import sys

from rich.console import Console

from pyhttpd.diagnostics import COMMAND_LINE, ConfigError, Diagnostic, Location, Source, render

OUTER = Source("httpd.conf", "# main\nInclude conf/inner.conf\n")
INNER = Source(
    "inner.conf", '<Directory "/www">\n\tOptions Bad\\\n  Worse\n</Directory>\n', Location(OUTER, 2, 9, 24)
)
WORD = Location(INNER, 3, 10, 13, 2)


def test_a_run_time_error_takes_two_lines_and_names_its_own_file():
    assert Diagnostic("Bad", WORD).apache_first_line == "Syntax error on line 3 of inner.conf:\nBad"


def test_a_read_time_error_takes_one_line_and_names_every_include():
    first = Diagnostic("Bad", WORD, read_time=True).apache_first_line
    assert first == "httpd: Syntax error on line 2 of httpd.conf: Syntax error on line 3 of inner.conf: Bad"


def test_an_error_without_a_place():
    assert Diagnostic("No file", read_time=True).apache_first_line == "httpd: No file"
    assert Diagnostic("No file").apache_first_line == "No file"


def test_the_command_line_has_wordings_of_its_own():
    place = Location(Source(COMMAND_LINE, "Bogus x"), 1)
    assert Diagnostic("Bad", place).apache_first_line == "Syntax error on line 1 of -c/-C directives:\nBad"
    first = Diagnostic("Bad", place, read_time=True).apache_first_line
    assert first == "httpd: Syntax error in -C/-c directive: Bad"


def test_below_stand_the_line_a_caret_the_section_the_includes_and_a_hint():
    diagnostic = Diagnostic("Bad", WORD, section=Location(INNER, 1), hint="write Good")
    assert render([diagnostic]).splitlines() == [
        "Syntax error on line 3 of inner.conf:",
        "Bad",
        "    2 | \tOptions Bad\\",
        "      | \t        ^^^",
        '      in <Directory "/www"> opened at line 1',
        "      included from httpd.conf:2",
        "      hint: write Good",
    ]


def test_bytes_that_are_no_text_are_shown_as_such():
    place = Location(Source("conf", "Name \udcff x"), 1, 6, 7)
    assert "    1 | Name \ufffd x\n      |      ^\n" in render([Diagnostic("Bad", place)])


def test_several_errors_are_listed_reading_first_and_twenty_at_most():
    late = [Diagnostic(f"late {number}") for number in range(24)]
    error = ConfigError([*late, Diagnostic("early", read_time=True)])
    lines = error.render().splitlines()
    assert lines[:3] == ["httpd: early", "", "late 0"]
    assert lines[-1] == "... and 5 more"


def test_as_text_an_error_is_one_line():
    assert str(ConfigError(Diagnostic("Bad", WORD))) == "inner.conf:3: Bad"


def test_as_json():
    (plain,) = json.loads(
        json.dumps(ConfigError(Diagnostic("Bad", WORD, code="bad-value", hint="h")).as_json())
    )
    assert plain == {
        "level": "error",
        "code": "bad-value",
        "message": "Bad",
        "location": {"file": "inner.conf", "line": 3, "column": 10, "end_column": 13},
        "section": None,
        "included_from": ["httpd.conf:2"],
        "hint": "h",
        "read_time": False,
    }


def test_a_terminal_gets_the_same_lines():
    diagnostic = Diagnostic("Bad [x] \udcff", WORD, section=Location(INNER, 1))
    out = io.StringIO()
    Console(file=out, width=200, color_system=None).print(ConfigError(diagnostic))
    shown = [line.rstrip() for line in out.getvalue().splitlines()]
    assert shown[:2] == ["Syntax error on line 3 of inner.conf:", "Bad [x] \ufffd"]
    assert '      in <Directory "/www"> opened at line 1' in shown


def test_plain_rendering_does_not_load_rich():
    code = (
        "import sys; from pyhttpd.diagnostics import *; "
        "ConfigError(Diagnostic('x')).render(); sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
