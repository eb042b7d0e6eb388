"""`top` and `status` against servers that run: in a pipe, as JSON, and on a terminal."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds
CONF = """\
ServerRoot "{root}"
ServerName status.example
Listen 127.0.0.1:{port}
DocumentRoot "{root}/htdocs"
ErrorLog logs/error_log
PidFile logs/httpd.pid
StartServers 2
<IfModule !prefork.c>
ThreadsPerChild 3
MinSpareThreads 3
MaxSpareThreads 6
MaxClients 6
</IfModule>
ScriptAlias /cgi/ "{root}/cgi/"
"""
WAITS = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nread line < {fifo}\n"


class Running:
    """A server in the foreground, with one request in hand that waits for `release`."""

    def __init__(self, root: Path, port: int, mpm: str, board: str = "") -> None:
        self.root, self.port, self.conf = root, port, root / "httpd.conf"
        self.pid_file = root / "logs/httpd.pid"
        self.looking = ("--scoreboard", str(root / board)) if board else ("--pid-file", str(self.pid_file))
        words = ["-DFOREGROUND", "--mpm", mpm, "-f", str(self.conf)]
        self.process = subprocess.Popen([sys.executable, "-m", "pyhttpd", *words], cwd=HERE)
        wait(lambda: self.status().returncode == 0)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "pyhttpd", *words]
        return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, cwd=HERE)

    def status(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.command("status", *self.looking, *words)

    def told(self) -> dict:
        return json.loads(self.status("--json").stdout)

    def ask(self, target: str) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        return client

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


def wait(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def serve(tmp_path, free_port) -> Iterator[Callable[..., Running]]:
    servers = []
    for folder in (tmp_path, *tmp_path.parents):
        if "pytest-of" in str(folder):
            folder.chmod(0o755)  # scripts run as another user
    for name in ("logs", "htdocs", "cgi"):
        (tmp_path / name).mkdir()
    (tmp_path / "htdocs/a.txt").write_text("a" * 1000)
    os.mkfifo(tmp_path / "wait", 0o666)
    (tmp_path / "cgi/wait").write_text(WAITS.format(fifo=tmp_path / "wait"))
    (tmp_path / "cgi/wait").chmod(0o755)

    def start(mpm: str = "event", board: str = "") -> Running:
        named = f"ScoreBoardFile {board}\n" if board else ""
        (tmp_path / "httpd.conf").write_text(CONF.format(root=tmp_path, port=free_port) + named)
        servers.append(Running(tmp_path, free_port, mpm, board))
        return servers[0]

    yield start
    for server in servers:
        server.stop()


@contextlib.contextmanager
def stuck(server: Running) -> Iterator[None]:
    """A request in hand for as long as the block lasts."""
    with server.ask("/cgi/wait?me"):
        wait(lambda: server.told()["requests"])
        try:
            yield
        finally:
            with (server.root / "wait").open("w") as fifo:
                fifo.write("\n")


@pytest.mark.parametrize("mpm", ["prefork", "worker", "event"])
def test_status_tells_who_is_served_and_how_much_was(serve, mpm):
    server = serve(mpm)
    for _ in range(3):
        with server.ask("/a.txt") as client:
            while client.recv(4096):
                pass
    wait(lambda: server.told()["answers"] == 3)
    with stuck(server):
        told = server.told()
        assert (told["mpm"], told["busy"], told["pid"]) == (mpm, 1, server.process.pid)
        assert told["bytes"] > 3000
        assert sum(child["answers"] for child in told["children"]) == 3
        [request] = told["requests"]
        assert (request["request"], request["vhost"]) == ("GET /cgi/wait?me HTTP/1.1", "status.example")
        text = server.status().stdout
    assert "127.0.0.1" in text
    assert "GET /cgi/wait?me HTTP/1.1" in text
    assert "\x1b" not in text
    assert text.count("W") >= 2


def test_the_configuration_says_where_to_look_and_fullstatus_shows_more(serve):
    server = serve()
    with server.ask("/cgi/nothing") as client:
        client.recv(4096)
    wait(lambda: server.told()["answers"])
    conf = str(server.conf)
    assert "GET /cgi/nothing" not in server.command("status", "-f", conf).stdout
    assert "GET /cgi/nothing" in server.command("fullstatus", "-f", conf).stdout


def test_replayed_answers_are_counted(serve):
    server = serve()

    def replayed() -> bool:
        with server.ask("/a.txt") as client:
            while client.recv(4096):
                pass
        return server.told()["replayed"] > 0

    wait(replayed)


def test_a_graceful_restart_is_seen_and_a_stop_leaves_no_file(serve):
    server = serve()
    server.process.send_signal(signal.SIGUSR1)
    wait(lambda: server.told()["generation"] == 1)
    server.stop()
    assert not list((server.root / "logs").glob("*.scoreboard"))
    done = server.status()
    assert done.returncode == 3
    assert done.stderr == f"httpd: no server is running: there is no pid file {server.pid_file}\n"


def test_scoreboardfile_names_another_place(serve):
    server = serve(board="logs/board")
    assert (server.root / "logs/board").exists()
    assert server.command("status", "-f", str(server.conf)).returncode == 0


def test_a_killed_servers_board_is_not_taken_for_a_running_one(serve):
    server = serve()
    children = [child["pid"] for child in server.told()["children"]]
    server.process.kill()
    server.process.wait(PATIENCE)
    done = server.status()
    assert done.returncode == 3
    assert "is not running" in done.stderr
    wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def test_top_in_a_pipe_prints_a_sample_for_each_look(serve):
    server = serve()
    words = ("top", "--pid-file", str(server.pid_file), "-i", "0.1", "-n", "3")
    lines = server.command(*words, "--json").stdout.splitlines()
    assert [json.loads(line)["pid"] for line in lines] == [server.process.pid] * 3
    assert server.command(*words).stdout.count("child") >= 3


class Terminal:
    """`top` on a terminal of its own."""

    def __init__(self, server: Running, columns: int, lines: int = 24) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.chdir(HERE)
            unsized = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
            words = ["-m", "pyhttpd", "top", "--pid-file", str(server.pid_file), "-i", "0.2"]
            environment = unsized | {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
            os.execve(sys.executable, [sys.executable, *words], environment)
        self.seen = b""

    def read(self) -> str:
        with contextlib.suppress(OSError):  # it has left
            while select.select([self.descriptor], [], [], 0.05)[0]:
                self.seen += os.read(self.descriptor, 65536)
        return self.screen

    @property
    def screen(self) -> str:
        """What was drawn last, from end to end."""
        frames = self.seen.split(b"\x1b[H")
        frame = frames[-2].decode() if len(frames) > 1 else ""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame)

    def press(self, key: str) -> None:
        self.seen = b""
        os.write(self.descriptor, key.encode())

    def end(self) -> int:
        end = time.monotonic() + PATIENCE
        while not (found := os.waitpid(self.pid, os.WNOHANG))[0]:
            self.read()
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                end += PATIENCE
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(found[1])


@pytest.mark.parametrize("columns", [80, 160])
def test_top_fits_the_terminal_and_obeys_keys(serve, columns):
    server = serve()
    with stuck(server):
        terminal = Terminal(server, columns)
        wait(lambda: "GET /cgi/wait?me" in terminal.read() and "q leave" in terminal.screen)
        assert {len(line) for line in terminal.screen.splitlines()} == {columns}
        assert ("requests sent replayed" in terminal.screen) == (columns > 100)
        terminal.press("s")
        wait(lambda: "age↓" in terminal.read())
        terminal.press("r")
        wait(lambda: "age↑" in terminal.read())
        terminal.press(" ")
        wait(lambda: "paused" in terminal.read())
    terminal.press("q")
    assert terminal.end() == 0


def test_top_says_so_when_the_server_stops_and_goes_on(serve):
    server = serve()
    terminal = Terminal(server, 100)
    wait(lambda: "q leave" in terminal.read())
    server.stop()
    wait(lambda: "no server is running" in terminal.read())
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.parametrize("word", ["top", "status", "fullstatus"])
def test_help_is_complete(capsys, word):
    from pyhttpd import cli

    with pytest.raises(SystemExit) as ended:
        cli.main([word, "-h"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for part in ("--pid-file", "-f FILE", "--json", "examples:"):
        assert part in text


def test_a_broken_configuration_is_said_to_be_that(tmp_path, capsys):
    from pyhttpd import cli

    (tmp_path / "httpd.conf").write_text("Nonsense on\n")
    assert cli.main(["status", "-f", str(tmp_path / "httpd.conf")]) == 1
    said = capsys.readouterr().err
    assert "Nonsense" in said
    assert "--pid-file" in said
