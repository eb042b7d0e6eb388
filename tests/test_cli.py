"""The command line: what it understands, how a server starts, and what a failing start leaves behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import wait_for

from pyhttpd import cli
from pyhttpd.arguments import parse
from pyhttpd.core.core_module.schema import PerServer

PATIENCE = 20.0  # seconds
BASE = 'ServerRoot "{root}"\nServerName localhost\nListen 127.0.0.1:{port}\nErrorLog logs/error_log\n'


@pytest.fixture
def root(tmp_path, free_port):
    """A server root with a configuration that can start."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    for name in ("conf", "logs", "htdocs"):
        (tmp_path / name).mkdir()
    (tmp_path / "htdocs/index.html").write_text("here\n")
    text = BASE.format(root=tmp_path, port=free_port) + f'DocumentRoot "{tmp_path}/htdocs"\nStartServers 1\n'
    (tmp_path / "conf/httpd.conf").write_text(text)
    return tmp_path


@pytest.fixture
def run(root):
    """Run one command line on that root to its end; a server it leaves behind is stopped."""

    def command(*words):
        line = [sys.executable, "-m", "pyhttpd", "-d", str(root), *words]
        here = Path(__file__).parents[1]
        return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, cwd=here)

    yield command
    if (pid := server(root)) is not None:
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: server(root) is None)


def server(root) -> int | None:
    """The process id in the pid file."""
    try:
        return int((root / "logs/httpd.pid").read_text())
    except (OSError, ValueError):
        return None


def log(root) -> str:
    return (root / "logs/error_log").read_text()


class TestChecking:
    def test_json_tells_where_and_why(self, root, capsys):
        assert cli.main(["-d", str(root), "-t", "--json", "-c", "DocumentRot /x"]) == 1
        told = json.loads(capsys.readouterr().out)
        assert told["ok"] is False
        assert told["errors"][0]["hint"] == "did you mean DocumentRoot?"

    def test_json_of_a_sound_file_holds_its_warnings(self, root, capsys):
        assert cli.main(["-d", str(root), "-t", "--json", "-c", "NameVirtualHost *:81"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["ok"], told["errors"]) == (True, [])
        assert told["warnings"][0]["message"] == "NameVirtualHost *:81 has no VirtualHosts"

    def test_all_mistakes_are_told_at_once_the_first_as_apache_does(self, root, capsys):
        assert cli.main(["-d", str(root), "-t", "-c", "Bogus", "-c", "LogLevel x"]) == 1
        told = capsys.readouterr().err
        assert told.startswith("Syntax error on line 1 of -c/-C directives:\nInvalid command 'Bogus'")
        assert "LogLevel requires level keyword" in told

    def test_what_has_no_effect_is_not_told_by_t(self, root, capsys):
        assert cli.main(["-d", str(root), "-t", "-c", "AcceptMutex fcntl"]) == 0
        assert capsys.readouterr().err == "Syntax OK\n"

    @pytest.mark.parametrize(("more", "level"), [([], "debug"), (["-c", "LogLevel crit"], "crit")])
    def test_a_level_is_a_default_only(self, more, level, root):
        built = cli.Run(parse(["-d", str(root), "-e", "debug", *more])).build()
        assert built.main.config(PerServer).log_level == level

    def test_a_module_not_built_yet_is_named_in_the_hint(self, root, capsys):
        cli.main(["-d", str(root), "-t", "-c", "AuthLDAPURL x"])
        told = capsys.readouterr().err
        assert "Invalid command 'AuthLDAPURL', perhaps misspelled or defined by a module not included" in told
        assert "hint: mod_authnz_ldap is known but not built yet in pyhttpd" in told

    @pytest.mark.parametrize(
        "line",
        [
            "MaxRequestWorkers 100",
            "MaxConnectionsPerChild 0",
            "IncludeOptional conf/none-*.conf",
            "Define NAME value",
            "UnDefine NAME",
            "Mutex file:/tmp default",
            "Protocols http/1.1",
            "<Directory />\nRequire all granted\n</Directory>",
            "<Directory />\nRequire all denied\n</Directory>",
            "<Directory />\nRequire ip 10.0.0.0/8\n</Directory>",
            "<Directory />\nRequire host example.com\n</Directory>",
        ],
    )
    def test_spellings_of_2_4_are_taken(self, line, root, capsys):
        assert cli.main(["-d", str(root), "-t", "-c", line]) == 0, capsys.readouterr().err

    def test_start_up_messages_can_go_to_a_file(self, root, run):
        done = run("-E", str(root / "logs/startup"), "-t", "-c", "Bogus")
        assert (done.returncode, done.stderr) == (1, "")
        assert "Invalid command 'Bogus'" in (root / "logs/startup").read_text()


class TestLife:
    def test_a_server_starts_answers_to_words_and_stops(self, root, run):
        started = run("-k", "start")
        assert (started.returncode, started.stdout, started.stderr) == (0, "", "")
        wait_for(lambda: "resuming normal operations" in log(root))
        pid = server(root)
        assert run("-k", "start").stdout == f"httpd (pid {pid}) already running\n"
        assert run("-k", "graceful").returncode == 0
        wait_for(lambda: log(root).count("resuming normal operations") == 2)
        assert server(root) == pid
        done = run("-k", "stop")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        wait_for(lambda: server(root) is None)
        assert run("-k", "stop").stdout == "httpd (no pid file) not running\n"

    def test_a_server_in_the_background_has_left_everything_behind(self, root, run):
        run("-k", "start")
        wait_for(lambda: "resuming normal operations" in log(root))
        pid = server(root)
        assert os.getsid(pid) != os.getsid(0)
        if Path("/proc/self").exists():
            proc = Path(f"/proc/{pid}")
            assert (proc / "cwd").readlink() == Path("/")
            assert {str((proc / f"fd/{number}").readlink()) for number in range(3)} == {"/dev/null"}

    def test_a_broken_file_leaves_the_running_server_alone(self, root, run):
        run("-k", "start")
        wait_for(lambda: "resuming normal operations" in log(root))
        pid, before = server(root), log(root)
        conf = root / "conf/httpd.conf"
        sound = conf.read_text()
        conf.write_text(sound + "Bogus\n")
        done = run("-k", "graceful")
        assert done.returncode == 1
        assert "Invalid command 'Bogus'" in done.stderr
        conf.write_text(sound)
        assert (server(root), log(root)) == (pid, before)

    def test_graceful_starts_a_server_that_is_not_there(self, root, run):
        done = run("-k", "graceful")
        assert (done.returncode, done.stderr) == (0, "httpd not running, trying to start\n")
        wait_for(lambda: server(root))

    def test_x_is_one_process_in_the_foreground(self, root):
        words = [sys.executable, "-m", "pyhttpd", "-d", str(root), "-X"]
        alone = subprocess.Popen(words, cwd=Path(__file__).parents[1], stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: server(root) == alone.pid)
            children = Path(f"/proc/{alone.pid}/task/{alone.pid}/children")
            if children.exists():
                assert children.read_text() == ""
        finally:
            alone.send_signal(signal.SIGTERM)
            assert alone.wait(PATIENCE) == 0

    def test_notes_go_to_the_error_log_at_level_info(self, root, run):
        run("-k", "start", "-c", "LogLevel info", "-c", "AcceptMutex fcntl")
        wait_for(lambda: "resuming normal operations" in log(root))
        assert "[info] AcceptMutex has no effect here" in log(root)

    def test_a_start_that_fails_tells_it_and_leaves_no_pid_file(self, root, run):
        done = run("-k", "start", "-c", "ErrorLog /nonexistent/error_log")
        assert done.returncode == 1
        assert "(2)No such file or directory: httpd: could not open error log file" in done.stderr
        assert done.stderr.endswith("Unable to open logs\n")
        assert server(root) is None
