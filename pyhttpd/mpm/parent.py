"""The one parent of all three MPMs: signals, children, generations.

The parent serves nobody, starts no thread and touches no request. Its loop wakes once a second or for a
signal: bury the dead, keep enough idle workers, restart or stop if asked. A graceful restart makes a new
generation beside the old one; listening sockets stay open throughout, so that no connection is lost. A
restart with a broken configuration changes nothing and says so in the error log (2.2 would exit). See the
manual page "Stopping and Restarting".
"""

import contextlib
import gc
import os
import signal
import socket
import time
from collections.abc import Callable

from pyhttpd.core import logfile
from pyhttpd.core.processes import running
from pyhttpd.mpm import pidfile
from pyhttpd.mpm.base import MPM, Server
from pyhttpd.mpm.children import FATAL, SICK, Children, Death, prepare
from pyhttpd.mpm.common import MPMSettings
from pyhttpd.mpm.identity import identity
from pyhttpd.mpm.listen import Listeners, StartError
from pyhttpd.mpm.population import Population
from pyhttpd.mpm.scoreboard import Scoreboard
from pyhttpd.mpm.signals import STOP, SignalPipe, held_back, on_terminal

TICK = 1.0  # seconds between two looks at the idle workers
SPARE_ROWS = 64  # scoreboard rows of threaded MPMs for old children that still serve
DEFAULT_PID_FILE = "logs/httpd.pid"

Rebuild = Callable[[], Server]


class Parent:
    """A running server.

    `rebuild` reads the configuration again and builds a server of it; whatever it raises ends the restart,
    not the server. Raises StartError from `bind` when the server cannot start.
    """

    def __init__(self, mpm: MPM, server: Server, rebuild: Rebuild) -> None:
        self.mpm, self.server, self.rebuild = mpm, server, rebuild
        self.limits = self.settings.limits(mpm.name)
        self.listeners = Listeners()
        self.status: int | None = None  # our exit status, once there is nothing left to do
        self.stopping_by: float | None = None  # graceful stop: when we lose patience
        self.log_programs: list[int] = []  # those of closed logs, which end when their last line is read

    @property
    def settings(self) -> MPMSettings:
        """The MPM's directives in the present configuration."""
        settings: MPMSettings = self.server.main.layer.settings(MPMSettings)
        return settings

    @property
    def pid_file(self) -> str:
        """The path of the pid file."""
        return self.settings.pid_file or self.server.server_path(DEFAULT_PID_FILE)

    @property
    def board_file(self) -> str:
        """The path of the file behind the scoreboard."""
        return self.settings.scoreboard_file or f"{self.pid_file}.scoreboard"

    def bind(self) -> None:
        """Open the listening sockets: while stderr is still somebody's screen."""
        who = identity(self.settings.user, self.settings.group)
        self.listeners.update(self.settings.listens, self.settings.socket_options)
        self.who = who

    def run(self, foreground: bool = False) -> int:
        """Serve until told to stop. The exit status."""
        ignored = (signal.SIGWINCH,) if foreground and on_terminal() else ()
        self.signals = SignalPipe(ignored)  # before the pid file tells anybody whom to signal
        try:
            if self.set_up():
                self.direct()
            else:
                self.status = 1
        finally:
            self.listeners.close()
            self.signals.close()
        return self.status or 0

    def direct(self) -> None:
        """The parent's life proper."""
        self.children = Children(self.mpm, self.board, self.listeners, self.signals)
        self.population = Population(self.mpm.kind, self.children, self.board, self.signals)
        try:
            self.resume()
            self.loop()
        finally:
            self.population.reclaim()
            pidfile.remove(self.pid_file)
            self.board.remove()

    def run_alone(self) -> int:
        """Serve in this very process, for debugging: no fork, no restart, until TERM or INT."""
        with held_back():  # the pid file tells whom to signal: from then on a signal must not kill us
            if not self.set_up():
                return 1
            reader, writer = os.pipe()
            self.board.occupy(0, self.server.generation, self.limits.threads)
            self.board.processes[0].pid = os.getpid()
            child = prepare(self.server, self.limits, self.who, self.listeners, self.board, 0, reader)
            for number in STOP:
                signal.signal(number, lambda *_: child.ask_to_finish(writer))
        self.server.log("notice", f"{self.server.banner} configured -- resuming normal operations")
        self.mpm.run_child(child)
        self.listeners.close()
        pidfile.remove(self.pid_file)
        self.board.remove()
        return 0

    def set_up(self) -> bool:
        """The scoreboard and the pid file."""
        extra = SPARE_ROWS if self.mpm.threaded else 0
        self.board = Scoreboard(
            self.limits.server_limit,
            self.limits.thread_limit,
            extra,
            self.board_file,
            (self.mpm.name, self.server.banner),
        )
        self.server.scoreboard = self.board
        try:
            self.log_pid()
        except OSError as error:
            path = self.pid_file
            self.server.log("error", f"({error.errno}){error.strerror}: could not create {path}")
            self.server.log("error", f"httpd: could not log pid to file {path}")
            self.board.remove()
            return False
        if failure := self.board.failure:
            text = f"({failure.errno}){failure.strerror}: no scoreboard file {self.board_file}"
            self.server.log("info", f"{text}; `top` cannot look at this server")
        return True

    def log_pid(self) -> None:
        """Write the pid file, and say so if another server's is in the way."""
        path = self.pid_file
        with contextlib.suppress(ValueError):
            if (old := pidfile.read(path)) is not None and old != os.getpid():
                notice = f"pid file {path} overwritten -- Unclean shutdown of previous Apache run?"
                self.server.log("warn", notice)
        pidfile.write(path)

    def resume(self) -> None:
        """Start the children of a generation."""
        self.board.server.generation = self.server.generation
        self.board.server.extended = 0  # until mod_status says otherwise in a child
        self.server.prepare_children(several=self.limits.children > 1)
        gc.unfreeze()
        gc.collect()
        gc.freeze()  # children share what is there now, and never write to it by collecting it
        self.children.who = self.who
        self.population.begin(self.server, self.limits)
        self.server.log("notice", f"{self.server.banner} configured -- resuming normal operations")

    def loop(self) -> None:
        """Until `status` is set."""
        tick = time.monotonic() + TICK
        while self.status is None:
            for number in self.signals.wait(tick - time.monotonic()):
                if act := ACTIONS.get(number):
                    act(self, number)
            for death in self.children.reap():
                self.bury(death)
            if self.stopping_by is not None:
                self.await_the_last()
            elif self.status is None:
                self.population.fill()
                if time.monotonic() >= tick:
                    self.population.maintain()
            if time.monotonic() >= tick:
                tick = time.monotonic() + TICK
                self.tend_logs()

    def tend_logs(self) -> None:
        """Start programs behind logs again that have died, and wait for those of closed logs."""
        for said in logfile.tend(self.server.state):
            self.server.log("error", said)
        self.log_programs = [pid for pid in self.log_programs if running(pid)]

    # Children.

    def bury(self, death: Death) -> None:
        """Draw the conclusions of a child's end."""
        if notice := death.notice():
            self.server.log("notice", notice)
        elif death.exit_code == SICK:
            self.population.maintenance.rate = 1
        elif death.exit_code == FATAL and death.record.generation == self.server.generation:
            text = f"Child {death.record.pid} returned a Fatal error... Apache is exiting!"
            self.server.log("alert", text)
            self.status = 1

    # Orders.

    def stop(self, _number: signal.Signals) -> None:
        """TERM, INT: at once."""
        self.population.reclaim()
        path = self.pid_file
        if pidfile.remove(path):
            self.server.log("info", f"removed PID file {path} (pid={os.getpid()})")
        self.server.log("notice", "caught SIGTERM, shutting down")
        self.status = 0

    def stop_gracefully(self, _number: signal.Signals) -> None:
        """WINCH: listen no more, let children finish."""
        if self.stopping_by is not None:
            return
        patience = self.settings.graceful_timeout
        self.stopping_by = time.monotonic() + patience if patience > 0 else float("inf")
        for record in self.children:
            self.children.retire(record)
        for listener in self.listeners.sockets:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # closes it for busy children as well
        self.listeners.close()
        pidfile.remove(self.pid_file)
        self.server.log("notice", "caught SIGWINCH, shutting down gracefully")

    def await_the_last(self) -> None:
        """After a graceful stop."""
        assert self.stopping_by is not None
        if not len(self.children) or time.monotonic() >= self.stopping_by:
            self.population.reclaim()
            self.status = 0

    def restart(self, number: signal.Signals) -> None:
        """HUP, USR1: a new configuration, and new children."""
        if self.stopping_by is not None:
            return
        graceful = number == signal.SIGUSR1
        hard_notice = "SIGHUP received.  Attempting to restart"
        self.server.log("notice", self.mpm.graceful_notice if graceful else hard_notice)
        old, old_limits, old_pid_file, old_board = self.server, self.limits, self.pid_file, self.board_file
        try:
            self.adopt(self.rebuild())
        except Exception as error:
            self.server, self.limits = old, old_limits
            for line in str(error).splitlines() or [type(error).__name__]:
                old.log("error", line)
            old.log("error", "the new configuration cannot be used; going on with the old one")
            return
        if self.pid_file != old_pid_file:
            self.move_pid_file(old_pid_file)
        if self.board_file != old_board:
            with contextlib.suppress(OSError):
                self.board.move(self.board_file)
        self.log_programs += logfile.programs(old.state)
        old.close()  # before new children would inherit its logs; old children have their own
        self.renew(graceful)

    def adopt(self, server: Server) -> None:
        """Take on a new configuration; raises when it cannot be, and then its sockets are closed again."""
        old = self.server
        server.generation, server.scoreboard = old.generation + 1, self.board
        self.server = server
        try:
            self.limits = self.settings.limits(self.mpm.name, running=self.limits)
            self.bind()
        except StartError:
            server.close()
            raise
        for warning in filter(None, (*self.limits.warnings, self.limits.ignored)):
            server.log("warn", warning)

    def renew(self, graceful: bool) -> None:
        """Replace the children."""
        old = [record for record in self.children if record.generation < self.server.generation]
        if graceful:
            self.population.after_graceful()
            if not self.mpm.threaded:  # under prefork they must go before there is room
                self.population.retire(old)
        else:
            self.population.reclaim()
            self.board.clear()
        self.resume()
        self.population.retire(old)

    def move_pid_file(self, old: str) -> None:
        with contextlib.suppress(OSError):
            pidfile.write(self.pid_file)
            pidfile.remove(old)


ACTIONS: dict[signal.Signals, Callable[[Parent, signal.Signals], None]] = {
    signal.SIGTERM: Parent.stop,
    signal.SIGINT: Parent.stop,
    signal.SIGHUP: Parent.restart,
    signal.SIGUSR1: Parent.restart,
    signal.SIGWINCH: Parent.stop_gracefully,
}
