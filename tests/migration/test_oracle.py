"""The command lines that were tried on a real Apache 2.2, tried on ours: same exit status, same lines.

The record is not part of this repository; without it the tests are skipped. Of an argument-count error only
the part up to the comma is compared: what follows is help text, and ours has words of its own.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pyhttpd import cli
from pyhttpd.core.site import shipped

SHARED = Path(__file__).parents[3] / "shared" / "reference"
RECORD = SHARED / "oracle-2.2-cases.json"
CASES = json.loads(RECORD.read_text()) if RECORD.exists() else []
MODULES = (
    *("authz_host", "dir", "alias", "log_config", "mime", "setenvif", "headers", "autoindex", "userdir"),
    *("auth_basic", "authn_file", "authz_user", "env", "version", "rewrite", "expires", "cgi"),
)
LONG = "a" * (9000 + len("ServerAdmin ") - 8191)  # what is left of a line that is too long
PATIENCE = 20  # seconds for a command line to end

NEEDS = {"rewrite": "mod_rewrite", "expires": "mod_expires", "indexoptions": "mod_autoindex"}

DIFFERENT = {
    "24-includeoptional": "accepted: a spelling of 2.4",
    "24-mutex": "accepted: a spelling of 2.4",
    "24-define": "accepted: a spelling of 2.4",
    "24-maxrequestworkers": "accepted: a spelling of 2.4",
    "customlog-bad-dir": "told on standard error as well, where 2.2 is silent",
    "pipe-log-missing": "told on standard error as well, where 2.2 is silent",
    "user-root": "refused as in 2.2, in words of our own",
}
ACCEPTED_HERE = {name for name, why in DIFFERENT.items() if "2.4" in why}


def lines(text: str) -> list[str]:
    """What is compared: help texts and time stamps left out."""
    text = re.sub(r"(?m)((?:takes|requires) [a-z0-9 -]+ arguments?), .*$", r"\1", text)
    text = re.sub(r"(?m)^\[[A-Z][a-z]{2} [^\]]*\]", "[TS]", text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A server root with the files that the recorded fragments name."""
    for name in ("conf/extra", "logs", "htdocs", "modules", "cases/incdir", "cases/incdir2"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "logs").chmod(0o777)
    (tmp_path / "conf/mime.types").write_text("text/html html\n")
    (tmp_path / "modules/mod_cgi.so").write_text("")
    cases = tmp_path / "cases"
    (cases / "inc-self.conf").write_text(f"Include {cases}/inc-self.conf\n")
    (cases / "incdir/bad.conf").write_text("# one\n# two\nFooBarInInclude\n")
    (cases / "incdir2/open.conf").write_text("<Directory /tmp>\n")
    stock = SHARED / "stock-2.2/extra/httpd-mpm.conf"
    if stock.exists():
        shutil.copy(stock, tmp_path / "conf/extra")
    monkeypatch.setenv("ORACLEVAR", "ov")
    return tmp_path


def command(case, root, mpm, port=0) -> list[str]:
    """The options that make up the recorded run."""
    name, fragment = case["name"], case["fragment"]
    conf = root / "cases/x.conf"
    if name == "long-line":
        fragment = "ServerAdmin " + "a" * 9000 + "\n"
    text = re.sub(r"\bDIR\b(?=/)", str(root / "cases"), fragment or "")
    conf.write_text(re.sub(r"\b(18120|18191)\b", str(port), text) if port else text)
    before = [f"ServerRoot {root}", f"ErrorLog {root}/logs/error_log"]
    if name not in ("no-servername", "empty-file"):
        before.append("ServerName localhost")
    if not name.startswith("no-listen"):
        before.append(f"Listen 127.0.0.1:{port or 18120}")
    before += [f"LoadModule {module}_module modules/mod_{module}.so" for module in MODULES]
    file = "/nonexistent/httpd.conf" if case["run"] == "missing" else str(conf)
    words = ["-d", str(root), "-f", file, "--mpm", mpm]
    for line in before:
        words += ["-C", line]
    return words


def expected(case, root) -> list[str]:
    cases, conf = str(root / "cases"), str(root / "cases/x.conf")
    text = case["output"].replace("PREFIX", str(root)).replace("CASES", cases)
    text = re.sub(r"\bDIR\b(?=/)", cases, text.replace("CONF", conf)).replace("'aaaa...'", f"'{LONG}'")
    return lines(text.replace("\\n", "\n").replace("\\t", "\t"))


def unbuilt(case) -> str:
    """The module that a case needs and we do not have yet."""
    if "badflag" in case["name"] and "RewriteEngine" not in (case["fragment"] or ""):
        return "mod_rewrite" if shipped("mod_rewrite") is None else ""
    low = (case["fragment"] or "").lower()
    return next((module for word, module in NEEDS.items() if word in low and shipped(module) is None), "")


def agrees(case, status, text, root) -> None:
    if case["name"] in ACCEPTED_HERE:
        assert status == 0, text
        return
    assert status == case["rc"], text
    if case["name"] in DIFFERENT:
        return
    got = lines(text)
    for line in expected(case, root):
        if "one prefix per nesting level" in line:
            line = line.rpartition("... ")[2]
        assert any(line in mine if "maximum include depth" in line else line == mine for mine in got), text


TESTS = [(case, mpm) for case in CASES for mpm in case["mpms"] if case["run"] in ("t", "T", "missing")]
STARTS = [case for case in CASES if case["run"].startswith("start") and case["rc"] == 1]


def names(chosen) -> list[str]:
    return [f"{case['name']}-{mpm}" for case, mpm in chosen]


@pytest.mark.skipif(not CASES, reason="the record of 2.2 is not here")
@pytest.mark.parametrize(("case", "mpm"), TESTS, ids=names(TESTS))
def test_a_configuration_test_says_what_2_2_said(case, mpm, root, capsys):
    if module := unbuilt(case):
        pytest.skip(f"{module} is not built yet")
    if case["name"] == "user-root":
        case = {**case, "output": ""}
    words = command(case, root, mpm) + (["-T"] if case["run"] == "T" else []) + ["-t"]
    status = cli.main(words)
    agrees(case, status, capsys.readouterr().err, root)


@pytest.mark.skipif(not CASES, reason="the record of 2.2 is not here")
@pytest.mark.parametrize("case", STARTS, ids=[case["name"] for case in STARTS])
def test_a_start_that_fails_says_what_2_2_said(case, root, free_port):
    words = [sys.executable, "-m", "pyhttpd", *command(case, root, "prefork", free_port), "-k", "start"]
    here = Path(__file__).parents[2]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, cwd=here)
    pid_file = root / "logs/httpd.pid"
    if pid_file.exists():
        os.kill(int(pid_file.read_text()), signal.SIGTERM)
    output = re.sub(r"\b(18120|18191)\b", str(free_port), case["output"])
    agrees({**case, "output": output}, done.returncode, done.stderr, root)
    assert not pid_file.exists()


def test_every_difference_is_one_of_the_record():
    if CASES:
        assert set(DIFFERENT) <= {case["name"] for case in CASES}
