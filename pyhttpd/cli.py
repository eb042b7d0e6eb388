"""The command line: what each word of 2.2's httpd does, and the order in which a server starts.

    read - walk - warn - bind - open logs - detach - pid file - children

Everything that can fail does so while there is still somebody's screen to tell it to, with 2.2's words and
exit statuses. What takes long to import is imported where it is needed: `-v` and `-l` answer at once. Manual:
programs/httpd, invoking, stopping.
"""

import contextlib
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from pyhttpd import tools
from pyhttpd.arguments import USAGE, Arguments, UsageError, parse
from pyhttpd.diagnostics import PROGRAM, ConfigError, printable

if TYPE_CHECKING:
    from pyhttpd.core.server import Server
    from pyhttpd.core.site import Notice, Site
    from pyhttpd.mpm.parent import Parent

ALONE = ("ONE_PROCESS", "DEBUG")  # definitions that keep the server in one process


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in tools.COMMANDS:
        return tools.run(words[0], words[1:])
    try:
        arguments = parse(words)
    except UsageError as error:
        say(f"{error}\n{USAGE}".lstrip())
        return 1
    if arguments.show == "-h":
        say(USAGE)
        return 1
    if arguments.startup_log and not redirect(arguments.startup_log):
        return 1
    if arguments.show:
        from pyhttpd import listing

        put(listing.SHOWS[arguments.show](arguments.mpm))
        return 0
    return Run(arguments).run()


def say(text: str) -> None:
    """Write to standard error, whatever bytes the text holds."""
    print(printable(text), file=sys.stderr, flush=True)


def put(lines: Iterable[str]) -> None:
    """Write lines to standard output; a reader who has seen enough may go."""
    with contextlib.suppress(BrokenPipeError):
        print("\n".join(map(printable, lines)), flush=True)


def redirect(path: str) -> bool:
    """Let standard error go to the file of -E."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        say(f"({error.errno}){error.strerror}: {PROGRAM}: could not open error log file {path}.")
        return False
    sys.stderr.flush()
    os.dup2(descriptor, 2)
    os.close(descriptor)
    return True


class Start(NamedTuple):
    """How the server is to live: in the background or not, and alone or with children."""

    detach: bool
    session: bool
    alone: bool

    @classmethod
    def of(cls, defines: list[str]) -> "Start":
        """By the definitions that 2.2's MPMs look at."""
        alone = any(name in defines for name in ALONE)
        foreground = alone or "FOREGROUND" in defines
        return cls(not foreground and "NO_DETACH" not in defines, not foreground, alone)


class Run:
    """One run of the program: what it builds, checks, signals or starts."""

    def __init__(self, arguments: Arguments) -> None:
        self.arguments, self.options = arguments, arguments.options()
        self.kind: type[Site] | None = None  # of the server in the making, where it will not start

    def run(self) -> int:
        """Do what the command line asks for; the exit status."""
        from pyhttpd.mpm.listen import StartError

        try:
            server = self.build()
            self.check(server)
        except ConfigError as error:
            self.refuse(error)
            return 1
        except StartError as error:
            say("\n".join(f"{PROGRAM}: {line}" for line in error.lines))
            return 1
        if self.arguments.test:
            return self.show(server)
        return self.control(server)

    def build(self) -> "Server":
        """A server of the configuration as it is now. Raises ConfigError."""
        from pyhttpd.core.server import Build
        from pyhttpd.modules import STANDARD
        from pyhttpd.mpm.common import mpm_module

        self.attempt = Build(self.options, mpm_module, STANDARD)
        if self.kind is not None:
            self.attempt.kind = self.kind
        return self.attempt.run()

    def rebuild(self) -> "Server":
        """The same for a restart: with its logs open. Raises ConfigError or ValueError."""
        server = self.build()
        try:
            server.open_logs()
        except ValueError:
            server.close()
            raise
        for notice in server.site.warnings:
            server.log(notice.level or "warn", notice.message)
        return server

    def check(self, server: "Server") -> None:
        """Look up what only start needs, and print the warnings. Raises StartError."""
        from pyhttpd.mpm.common import MPMSettings
        from pyhttpd.mpm.identity import identity

        settings = server.main.config(MPMSettings)
        for text in settings.limits(server.site.mpm).warnings:
            server.site.warn(text, None, "")
        if not self.arguments.json:
            tell(server.site.warnings)
        identity(settings.user, settings.group)

    def refuse(self, error: ConfigError) -> None:
        """Show what is wrong with the configuration."""
        warnings = self.attempt.site.warnings
        if self.arguments.json:
            from pyhttpd import listing

            put([listing.as_json(error.as_json(), warnings)])
            return
        tell(warnings)
        if sys.stderr.isatty():
            from rich.console import Console

            Console(stderr=True, highlight=False).print(error, soft_wrap=True)
        else:
            say(error.render().rstrip("\n"))

    def show(self, server: "Server") -> int:
        """-t: the configuration is sound; print what is asked for."""
        from pyhttpd import listing

        if self.arguments.json:
            put([listing.as_json([], server.site.warnings)])
            return 0
        for name, dump in listing.DUMPS.items():
            if name in self.arguments.defines:
                put(dump(server))
        say("Syntax OK")
        return 0

    def control(self, server: "Server") -> int:
        """-k, then the start of a server unless there is one."""
        from pyhttpd import control
        from pyhttpd.mpm.parent import Parent
        from pyhttpd.mpm.table import MPMS

        parent = Parent(MPMS[server.site.mpm], server, self.rebuild)
        if word := self.arguments.signal:
            outcome = control.signal_server(word, parent.pid_file, PROGRAM)
            if outcome.text:
                print(outcome.text, file=getattr(sys, outcome.stream.value), flush=True)
            if not outcome.start:
                return outcome.status
        return self.start(parent, server)

    def start(self, parent: "Parent", server: "Server") -> int:
        """Bind, open logs, detach, serve; the exit status."""
        from pyhttpd import control
        from pyhttpd.mpm.listen import StartError

        try:
            parent.bind()
            server.open_logs()
        except StartError as error:
            say("\n".join(error.lines))
            return 1
        except ValueError as error:
            say(f"{error}\nUnable to open logs")
            return 1
        for notice in server.site.warnings:
            if notice.level == "info":
                server.log("info", notice.message)
        how = Start.of(self.arguments.defines)
        if how.detach:
            control.daemonize()
        elif how.session:
            leave_terminal()
        return parent.run_alone() if how.alone else parent.run(foreground=not how.detach)


def leave_terminal() -> None:
    """Stay this process, but in a session of its own."""
    with contextlib.suppress(PermissionError):  # it leads one already
        os.setsid()
    os.chdir("/")


def tell(warnings: "Iterable[Notice]") -> None:
    """Print the warnings as 2.2 does while no log is open; notes of level info are for the log."""
    import time

    from pyhttpd.core.errorlog import timestamp

    for notice in warnings:
        if notice.level != "info":
            prefix = f"[{timestamp(int(time.time()))}] [{notice.level}] " if notice.level else ""
            say(prefix + notice.message)
