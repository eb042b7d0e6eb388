"""A server of the user's own configuration, apart from the one that may be running: `python -m` this file.

Three things differ from a start as usual, and nothing else. It listens on ports of 127.0.0.1 that the kernel
chooses, while connections count as made to the address that the configuration names: virtual hosts by
address or port, SERVER_PORT and redirects stay what they are. What it writes (logs, pid file, scoreboard)
goes to a folder of its own; a piped log becomes a file there. And it ends with whoever started it.
"""

import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from pyhttpd import cli
from pyhttpd.arguments import Arguments, parse
from pyhttpd.config import tree
from pyhttpd.core.server import Build, Server
from pyhttpd.core.site import Site
from pyhttpd.modules import STANDARD
from pyhttpd.mpm.common import mpm_module
from pyhttpd.mpm.listen import NONE_LEFT, WILDCARD, Listen, Listeners, Options, StartError, make_socket
from pyhttpd.mpm.parent import Parent
from pyhttpd.mpm.table import MPMS

LOOPBACK = "127.0.0.1"
PID_FILE, BOARD, PORTS = "httpd.pid", "httpd.scoreboard", "ports"
WRITTEN = {"customlog", "transferlog", "cookielog", "errorlog", "forensiclog", "rewritelog", "scriptlog"}
"""Directives whose first word is a file (or program, or syslog) that the server writes to."""
ALWAYS = (f'PidFile "{{}}/{PID_FILE}"', f'ScoreBoardFile "{{}}/{BOARD}"', 'ErrorLog "{}/error_log"')
SINK = "/dev/null"
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Port:
    """A Listen line: what it says, and where it is to be reached instead."""

    host: str
    port: int
    protocol: str
    real: int


class OtherPorts(Listeners):
    """Listening sockets on other ports, whose connections know nothing of it."""

    def __init__(self, home: str) -> None:
        super().__init__()
        self.home = home

    def update(self, wanted: Iterable[Listen], options: Options) -> None:
        """Listen, and write down where. Raises StartError where nothing is wanted."""
        ports = [self.listen(one, options) for one in wanted]
        if not ports:
            raise StartError(*NONE_LEFT)
        draft = f"{self.home}/{PORTS}.new"
        with open(draft, "w") as file:
            json.dump([(p.host, p.port, p.protocol, p.real) for p in ports], file)
        os.rename(draft, f"{self.home}/{PORTS}")

    def listen(self, one: Listen, options: Options) -> Port:
        """A socket for one line."""
        host = LOOPBACK if one.addresses[0] in WILDCARD else one.addresses[0]
        sock: socket.socket = make_socket(LOOPBACK, 0, options)
        self._open[host, one.port] = sock
        self._bound[sock.fileno()] = (host, one.port)
        return Port(host, one.port, one.protocol, sock.getsockname()[1])


class Moved(Build):
    """A build whose configuration writes into another folder."""

    home: str

    def gather(self) -> tuple[Site, tree.Tree]:
        """Read the files, and put other names into what they write to. Raises ConfigError."""
        site, read = super().gather()
        move(read, self.home)
        return site, read


def move(read: tree.Tree, home: str) -> None:
    """Every file that is written gets a name in a folder; the same file stays the same one."""
    names: dict[str, str] = {}
    for node in read.walk():
        if node.key in WRITTEN and node.words and not node.words[0].startswith((SINK, home)):
            old = node.words[0]
            node.words[0] = tree.Word(names.setdefault(old, f"{home}/log-{len(names)}"), old.location)


class Apart(cli.Run):
    """A run of the program that starts such a server, and stays in the foreground."""

    def __init__(self, arguments: Arguments, home: str) -> None:
        arguments.after = [*arguments.after, *(line.format(home) for line in ALWAYS)]
        super().__init__(arguments)
        self.home = home
        arguments.defines = ["FOREGROUND"]  # of this start; the configuration has seen its own already

    def build(self) -> Server:
        """The server. Raises ConfigError."""
        self.attempt = attempt = Moved(self.options, mpm_module, STANDARD)
        attempt.home = self.home
        return attempt.run()

    def control(self, server: Server) -> int:
        """Start it; the exit status."""
        parent = Parent(MPMS[server.site.mpm], server, self.rebuild)
        parent.listeners = OtherPorts(self.home)
        return self.start(parent, server)


def main(words: list[str]) -> int:
    """Serve until told to stop: the folder, then options of the server's own; the exit status."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    home, *options = words
    return Apart(parse(options), home).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
