"""What -k says and does, against real processes and pid files."""

import os
import signal
import subprocess
import sys
import time

import pytest

from pyhttpd.control import Outcome, Stream, is_server, running, signal_server


@pytest.fixture
def sleeper():
    program = (
        "import signal, time; signal.signal(signal.SIGWINCH, lambda *_: exit(7)); "
        "signal.signal(signal.SIGHUP, signal.SIG_DFL); "  # ignored without a terminal
        "print(1, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def pid_file(tmp_path):
    return tmp_path / "httpd.pid"


def gone_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_start_when_running(sleeper, pid_file):
    pid_file.write_text(f"{sleeper.pid}\n")
    assert signal_server("start", str(pid_file)) == Outcome(f"httpd (pid {sleeper.pid}) already running")


def test_start_when_not_running(pid_file):
    assert signal_server("start", str(pid_file)) == Outcome(start=True)


def test_stop_without_pid_file(pid_file):
    assert signal_server("stop", str(pid_file)) == Outcome("httpd (no pid file) not running")


def test_stop_with_a_stale_pid_file(pid_file):
    pid = gone_pid()
    pid_file.write_text(f"{pid}\n")
    assert signal_server("stop", str(pid_file)) == Outcome(f"httpd (pid {pid}?) not running")


@pytest.mark.parametrize("word", ["graceful", "restart"])
def test_restart_when_not_running_starts(word, pid_file):
    expected = Outcome("httpd not running, trying to start", Stream.ERR, start=True)
    assert signal_server(word, str(pid_file)) == expected


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("stop", -signal.SIGTERM),
        ("restart", -signal.SIGHUP),
        ("graceful", -signal.SIGUSR1),
        ("graceful-stop", 7),
    ],
)
def test_words_are_signals(word, code, sleeper, pid_file):
    pid_file.write_text(f"{sleeper.pid}\n")
    assert signal_server(word, str(pid_file)) == Outcome()
    assert sleeper.wait(10) == code


def test_a_foreign_process_is_not_ours(pid_file):
    words = ["sh", "-c", "echo here; read word"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"here\n"  # /proc shows what it runs by now
            pid_file.write_text(f"{process.pid}\n")
            assert signal_server("stop", str(pid_file)).text == f"httpd (pid {process.pid}?) not running"
            assert process.poll() is None
        finally:
            process.kill()


def test_nonsense_in_the_pid_file(pid_file):
    pid_file.write_text("-1\n")
    outcome = signal_server("stop", str(pid_file))
    assert (outcome.status, outcome.stream) == (1, Stream.ERR)
    assert str(pid_file) in outcome.text


def test_our_own_pid_is_a_leftover(pid_file):
    pid_file.write_text(f"{os.getpid()}\n")
    assert not running(str(pid_file)).alive


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Wait for a process to end; False when it has not."""
    end = time.monotonic() + seconds
    while is_server(pid):
        if time.monotonic() >= end:
            return False
        time.sleep(0.02)
    return True


def test_a_zombie_has_gone(sleeper):
    sleeper.kill()
    assert wait_until_gone(sleeper.pid, 5)
    assert not is_server(sleeper.pid)
