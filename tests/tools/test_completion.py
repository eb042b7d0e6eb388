"""Completion: both shells accept their files, and offer what the command's own help lists."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pyhttpd.tools import COMMANDS

ROOT = Path(__file__).parents[2]
BASH = ROOT / "docs/completion/pyhttpd.bash"
ZSH = ROOT / "docs/completion/_pyhttpd"
SERVERS_OWN = {"-f", "-d", "-D", "-t", "-S", "-X", "--mpm"}

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


@pytest.fixture
def env(tmp_path):
    """An environment in which `pyhttpd` is this checkout."""
    program = tmp_path / "pyhttpd"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pyhttpd "$@"\n')
    program.chmod(0o755)
    return os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


@pytest.fixture
def offered(env):
    """The words offered behind some others: `offered("explain", "--")`."""

    def ask(*words):
        listed = " ".join(f"'{word}'" for word in ("pyhttpd", *words))
        script = f'. "{BASH}"; COMP_WORDS=({listed}); COMP_CWORD={len(words)}; _pyhttpd; '
        script += 'printf "%s\\n" "${COMPREPLY[@]}"'
        return set(run(["bash", "-c", script], env).split())

    return ask


def run(command, env):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_bash_accepts_its_file(env):
    run(["bash", "-n", str(BASH)], env)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_accepts_its_file_and_offers_the_same(env, offered):
    run(["zsh", "-n", str(ZSH)], env)
    script = f'compadd() {{ shift; print -l -- $@ }}; . "{ZSH}"; '
    script += "words=(pyhttpd explain --); CURRENT=3; _pyhttpd"
    assert set(run(["zsh", "-fc", script], env).split()) >= offered("explain", "--")


def test_the_first_word_is_a_command(offered):
    assert set(COMMANDS) | {"configtest", "graceful-stop"} <= offered("")
    assert offered("expl") == {"explain"}


def test_the_servers_options_are_offered(offered):
    assert offered("-") >= SERVERS_OWN
    assert offered("start", "-") >= SERVERS_OWN


def test_a_commands_options_are_offered(offered):
    assert offered("explain", "--") >= {"--why", "--json", "--user", "--run", "--mpm"}
    assert offered("coverage", "--") >= {"--all", "--htaccess", "--strict"}


@pytest.mark.parametrize(
    ("words", "some"),
    [(("-k", "gr"), {"graceful", "graceful-stop"}), (("--mpm", "e"), {"event"}), (("-e", "war"), {"warn"})],
)
def test_values_are_offered(offered, words, some):
    assert offered(*words) == some


def test_directives_are_offered_to_why(offered):
    assert offered("explain", "--why", "DocumentR") == {"DocumentRoot"}
