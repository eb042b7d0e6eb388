"""Programs run for requests: no deadlock, no silence without end, nothing left behind."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyhttpd.core.script import Script, Silence, limited

Start = Callable[..., Script]


@pytest.fixture
def complaints() -> list[bytes]:
    return []


@pytest.fixture
def start(tmp_path: Path, complaints: list[bytes]) -> Iterator[Start]:
    """Start a shell script."""
    started: list[Script] = []

    def run(text: str, timeout: float = 20, reads: bool = False, **more: object) -> Script:
        command = [b"/bin/sh", b"-c", text.encode()]
        env = {b"PATH": os.environb.get(b"PATH", b"/bin:/usr/bin")}
        folder = os.fsencode(tmp_path)
        started.append(Script(command, env, folder, timeout, complaints.append, reads=reads, **more))  # type: ignore[arg-type]
        return started[-1]

    yield run
    for script in started:
        script.close()


def all_of(script: Script) -> bytes:
    return b"".join(iter(script.read, b""))


def opened() -> int:
    """How many descriptors this process has."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether a process ends in time; a zombie that somebody else has to reap counts as ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


def test_output_comes_while_the_program_runs(start: Start) -> None:
    script = start("echo one; read x < fifo 2>/dev/null; sleep 30")
    assert script.read() == b"one\n"
    script.close()
    assert script.process.returncode is not None


def test_lines_and_the_rest_come_out_in_order(start: Start) -> None:
    script = start(r"printf 'a: b\r\n\nrest'")
    assert [script.read_line(), script.read_line(), all_of(script)] == [b"a: b\r\n", b"\n", b"rest"]
    script.finish()
    assert script.process.returncode == 0


def test_a_program_that_writes_while_it_reads_does_not_deadlock(start: Start) -> None:
    script = start("cat", reads=True)
    data = os.urandom(3_000_000)
    assert script.feed(data)
    script.end_of_input()
    assert all_of(script) == data


def test_a_program_that_reads_nothing_is_noticed(start: Start) -> None:
    script = start("exec <&-; echo done", reads=True)
    assert not script.feed(b"x" * 1_000_000)
    script.end_of_input()
    assert all_of(script) == b"done\n"


def test_silence_ends(start: Start) -> None:
    script = start("exec sleep 30", timeout=0.05)
    with pytest.raises(Silence):
        script.read()


def test_complaints_come_by_lines_and_do_not_block(start: Start, complaints: list[bytes]) -> None:
    loop = "while [ $i -lt 3000 ]; do echo complaint number $i >&2; i=$((i+1)); done"
    script = start(f"i=0; {loop}; printf end >&2")
    assert all_of(script) == b""
    script.finish()
    assert complaints[:1] == [b"complaint number 0"]
    assert complaints[-1] == b"end"
    assert len(complaints) == 3001


def test_a_background_process_that_holds_standard_error_does_not_hold_us(start: Start) -> None:
    began = time.monotonic()
    script = start("sleep 30 >/dev/null & echo out")
    assert all_of(script) == b"out\n"
    script.finish()
    assert time.monotonic() - began < 10
    os.killpg(script.process.pid, 9)


def test_a_program_that_lives_on_without_output_is_ended(start: Start) -> None:
    script = start("exec >&-; exec sleep 60", timeout=0.1)
    assert all_of(script) == b""
    script.finish()
    assert script.process.returncode == -15


def test_closing_ends_all_that_the_program_started(start: Start) -> None:
    script = start("sleep 60 & echo $!; wait")
    child = int(script.read_line())
    script.close()
    assert gone(child)


def test_a_program_nobody_holds_any_more_is_ended(start: Start, tmp_path: Path) -> None:
    script = Script([b"/bin/sleep", b"60"], {}, os.fsencode(tmp_path), 20, lambda _: None)
    pid = script.process.pid
    del script
    assert gone(pid)


def test_who_ignores_term_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyhttpd.core.script.GRACE", 0.2)
    script = start("trap '' TERM; echo ready; while :; do sleep 1; done")
    assert script.read_line() == b"ready\n"
    script.close()
    assert script.process.returncode == -9


def test_a_program_that_has_finished_is_reaped_and_its_pipes_are_closed(start: Start) -> None:
    before = opened()
    script = start("cat; echo out; echo err >&2", reads=True)
    script.feed(b"in\n")
    script.end_of_input()
    assert all_of(script) == b"in\nout\n"
    script.finish()
    script.close()
    assert script.process.returncode is not None
    assert opened() == before


def test_a_program_gets_no_descriptors_but_its_three(start: Start, tmp_path: Path) -> None:
    inherited = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(inherited, True)
    other = start("sleep 30", reads=True)
    script = start("exec ls /dev/fd", reads=True)
    script.end_of_input()
    assert all_of(script).split() == [b"0", b"1", b"2", b"3"]  # the last is that of ls itself
    os.close(inherited)
    other.close()


def test_a_program_that_is_given_nothing_reads_nothing(start: Start) -> None:
    assert all_of(start("cat; echo done")) == b"done\n"


def test_signals_that_the_server_ignores_end_a_program(start: Start) -> None:
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN  # Python's own doing
    script = start("kill -PIPE $$; echo still there")
    assert all_of(script) == b""
    script.finish()
    assert script.process.returncode == -signal.SIGPIPE


def test_a_program_runs_in_its_folder_and_in_a_group_of_its_own(start: Start, tmp_path: Path) -> None:
    script = start("pwd; cat", reads=True)
    assert script.read_line().rstrip() == os.fsencode(tmp_path.resolve())
    assert os.getpgid(script.process.pid) == script.process.pid


def test_limits_hold_from_the_first_moment(start: Start) -> None:
    command = limited([b"/bin/sh", b"-c", b"ulimit -S -t; ulimit -H -t; ulimit -S -v"], {
        "cpu": ("50", "60"), "mem": ("2147483648", "max"),
    })  # fmt: skip
    script = start("exec " + " ".join("'" + word.decode().replace("'", "'\\''") + "'" for word in command))
    assert all_of(script).split() == [b"50", b"60", b"2097152"]


def test_what_cannot_run_is_an_error_and_leaves_nothing_open(tmp_path: Path) -> None:
    before = opened()
    for reads in (False, True):
        with pytest.raises(FileNotFoundError):
            Script([b"/nonexistent/program"], {}, os.fsencode(tmp_path), 5, lambda _: None, reads=reads)
    assert opened() == before
