"""What the parent does that is the same under every MPM: pid file, restarts, debugging in one process."""

import os
import signal
import socket
from pathlib import Path

import pytest
from mpm_fake import FakeServer, free_port, settings_of
from mpm_harness import Running
from waiting import wait_for

from pyhttpd.control import daemonize
from pyhttpd.mpm.parent import Parent
from pyhttpd.mpm.table import MPMS


@pytest.fixture
def mpm():
    return "event"


@pytest.fixture
def forked(tmp_path):
    """Run something in a process of its own; what it returns is its exit status."""
    pids = []

    def run(function, port=0):
        pid = os.fork()
        if pid == 0:
            code = 99
            try:
                code = function()
            finally:
                os._exit(code)
        server = Running(pid, port, tmp_path)
        pids.append(server)
        return server

    (tmp_path / "logs").mkdir()
    yield run
    for server in pids:
        if not server.ended():
            server.kill(signal.SIGKILL)
            server.wait()


def test_a_stale_pid_file_is_overwritten(start, tmp_path):
    pid_file = tmp_path / "logs" / "httpd.pid"
    pid_file.write_text("99999\n")
    server = start()
    notice = f"[warn] pid file {pid_file} overwritten -- Unclean shutdown of previous Apache run?"
    assert notice in server.log()
    assert pid_file.read_text() == f"{server.pid}\n"


def test_a_pid_file_that_cannot_be_written_stops_the_start(start, tmp_path):
    server = start(more={"pid_file": "/nonexistent/x.pid"})
    assert server.wait() == 1
    assert server.log().splitlines() == [
        "[error] (2)No such file or directory: could not create /nonexistent/x.pid",
        "[error] httpd: could not log pid to file /nonexistent/x.pid",
    ]


@pytest.mark.parametrize("name", MPMS)
def test_one_process_serves_alone(name, forked, tmp_path):
    port = free_port()

    def alone():
        server = FakeServer(tmp_path, settings_of(name, port, user=f"#{os.getuid() or 65534}"))
        parent = Parent(MPMS[name], server, lambda: server)
        parent.bind()
        return parent.run_alone()

    server = forked(alone, port)
    wait_for(lambda: "resuming normal operations" in server.log())
    assert server.get("/pid").split()[0] == str(server.pid)
    assert server.get() == "one"
    server.kill(signal.SIGINT)
    assert server.wait() == 0
    if os.getuid() != 0:  # root has become another user meanwhile, who may not remove it
        assert not (tmp_path / "logs" / "httpd.pid").exists()


def test_a_restart_opens_new_ports_and_closes_old_ones(forked, tmp_path):
    kept, added, dropped = free_port(), free_port(), free_port()
    made = []

    def build():
        made.append(1)
        ports = (kept, added) if len(made) > 1 else (kept, dropped)
        return FakeServer(tmp_path, settings_of("prefork", ports))

    def run():
        parent = Parent(MPMS["prefork"], build(), build)
        parent.bind()
        return parent.run()

    server = forked(run, kept)
    wait_for(lambda: "resuming normal operations" in server.log())
    server.restart(signal.SIGUSR1)
    assert Running(0, kept, tmp_path).get() == Running(0, added, tmp_path).get() == "one"
    wait_for(lambda: refused(dropped))
    assert server.stop() == 0


def test_a_restart_that_cannot_listen_keeps_the_old_server(forked, tmp_path):
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        made = []

        def build():
            made.append(1)
            ports = (port, taken.getsockname()[1]) if len(made) > 1 else (port,)
            return FakeServer(tmp_path, settings_of("worker", ports))

        def run():
            parent = Parent(MPMS["worker"], build(), build)
            parent.bind()
            return parent.run()

        server = forked(run, port)
        wait_for(lambda: "resuming normal operations" in server.log())
        server.kill(signal.SIGUSR1)
        wait_for(lambda: "going on with the old one" in server.log())
        assert "Address already in use: make_sock: could not bind" in server.log()
        assert server.get() == "one"
        assert server.stop() == 0


def test_daemonize_leaves_terminal_and_session(forked, tmp_path):
    def detach():
        daemonize()
        output = Path("/proc/self/fd/1").readlink()
        (tmp_path / "fresh").write_text(f"{os.getsid(0) != os.getpid()} {output}")
        (tmp_path / "fresh").rename(tmp_path / "told")
        return 0

    assert forked(detach).wait() == 0
    wait_for((tmp_path / "told").exists)
    assert (tmp_path / "told").read_text() == "True /dev/null"


def refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return True
    return False
