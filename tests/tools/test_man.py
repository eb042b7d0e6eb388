"""The man page: groff accepts it, and it has every option of the server and of the tools it describes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pyhttpd.arguments import APACHECTL, LONG, SHORT
from pyhttpd.tools import compare, coverage, explain

PAGE = Path(__file__).parents[2] / "docs/man/pyhttpd.8"


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text().replace("\\-", "-")


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff")
def test_groff_has_nothing_to_complain_of():
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", str(PAGE)], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_option_of_the_server_is_there(page):
    options = [f"-{letter}" for letter in SHORT.replace(":", "")]
    options += [f"--{name.rstrip('=')}" for name in LONG]
    assert [option for option in options if not re.search(rf"\B{option}\b", page)] == []
    assert [word for word in APACHECTL if word not in page] == []


TOOLS = [explain, coverage, compare]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__.rpartition(".")[-1])
def test_every_option_of_a_tool_is_there(page, tool):
    options = [option for action in tool.parser()._actions for option in action.option_strings]
    assert [option for option in options if option not in page and option != "--help"] == []
