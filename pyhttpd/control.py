"""Starting and signalling a server from outside: what `-k start|stop|restart|graceful|graceful-stop` does.

The functions print nothing. They answer with an `Outcome`: what to say, on which stream, the exit status, and
whether to start a server after all. The texts are those of 2.2; scripts look for them. A pid file is believed
only if the process it names is alive and looks like a server: after a crash and a reboot it may be anybody's.
"""

import contextlib
import os
import signal
from dataclasses import dataclass
from enum import Enum

from pyhttpd.core.processes import exists
from pyhttpd.mpm import pidfile

SIGNALS = {
    "stop": signal.SIGTERM,
    "restart": signal.SIGHUP,
    "graceful": signal.SIGUSR1,
    "graceful-stop": signal.SIGWINCH,
}
WORDS = ("start", *SIGNALS)
STARTS_WHEN_DOWN = ("restart", "graceful")


class Stream(Enum):
    """Where a text belongs."""

    OUT = "stdout"
    ERR = "stderr"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a word: a text to print, an exit status, or that the server is to be started."""

    text: str = ""
    stream: Stream = Stream.OUT
    status: int = 0
    start: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """What a pid file says: the process id, None without a file, and whether that is a live server."""

    pid: int | None
    alive: bool


def running(pid_file: str) -> Running:
    """Look at a pid file and at the process it names. Raises ValueError for a file that holds no process
    id."""
    pid = pidfile.read(pid_file)
    return Running(pid, pid is not None and pid != os.getpid() and is_server(pid))


def is_server(pid: int) -> bool:
    """Whether a process is alive and, as far as one can see, a Python program like this one.

    Where the system does not show what a process runs, being alive has to do.
    """
    return exists(pid) and _state(pid) != "Z" and _looks_alike(pid)


def _state(pid: int) -> str:
    """The letter of a process's state, "" where it cannot be seen."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0].decode()
    except (OSError, IndexError):
        return ""


def _looks_alike(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            command = file.read()
    except OSError:
        return True
    return not command or any(word in command.lower() for word in (b"python", b"httpd"))


def signal_server(word: str, pid_file: str, program: str = "httpd") -> Outcome:
    """Do what `-k word` asks for; the configuration has been read already and is sound."""
    try:
        server = running(pid_file)
    except (OSError, ValueError) as error:
        return Outcome(f"{program}: {error}", Stream.ERR, 1)
    if word == "start":
        return (
            Outcome(f"{program} (pid {server.pid}) already running") if server.alive else Outcome(start=True)
        )
    if server.alive and server.pid is not None:
        return _send(server.pid, word, program)
    if word in STARTS_WHEN_DOWN:
        return Outcome(f"{program} not running, trying to start", Stream.ERR, start=True)
    shown = "no pid file" if server.pid is None else f"pid {server.pid}?"
    return Outcome(f"{program} ({shown}) not running")


def _send(pid: int, word: str, program: str) -> Outcome:
    try:
        os.kill(pid, SIGNALS[word])
    except OSError as error:
        reason = f"({error.errno}){error.strerror}"
        return Outcome(f"{reason}: {program}: could not send signal to server (pid {pid})", Stream.ERR, 1)
    return Outcome()


def daemonize() -> None:
    """Go on in the background: a session of our own, no terminal, standard streams to nowhere.

    The first process ends with status 0. Open sockets and logs come along. Raises OSError.
    """
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():  # not the session's leader: opening a terminal cannot make it ours
        os._exit(0)
    os.chdir("/")
    redirect_streams()


def redirect_streams() -> None:
    """Standard input, output and error to /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        with contextlib.suppress(OSError):
            os.dup2(null, descriptor)
    if null > 2:
        os.close(null)
