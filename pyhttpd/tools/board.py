"""Finding a running server and reading its scoreboard, for the commands that look at one.

The configuration says where the pid file and the scoreboard are: the commands take the server's own options
(-f, -d, -D ...) and read it as a start would. With --pid-file it is not needed. Reading asks nothing of the
server: it works when every worker is stuck.
"""

import argparse
import os
from dataclasses import dataclass

from pyhttpd.core.processes import exists
from pyhttpd.mpm.scoreboard import Picture, Scoreboard, Unreadable, picture
from pyhttpd.tools import configured

NOT_RUNNING = 3  # exit status, as init scripts have it


class Unavailable(Exception):
    """There is no server to look at; the text says why and what to do, `status` is the exit status."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server keeps its pid and its scoreboard."""

    pid_file: str
    board: str

    def look(self) -> Picture:
        """What the server does at this moment. Raises Unavailable."""
        try:
            board = Scoreboard.copy(self.board)
        except FileNotFoundError:
            raise self.missing() from None
        except PermissionError:
            raise Unavailable(
                f"{self.board} is readable only for who started the server: be that user"
            ) from None
        except (OSError, Unreadable) as error:
            raise Unavailable(str(error)) from None
        if not exists(board.server.pid):
            left_over = f"the server (pid {board.server.pid}) is not running; {self.board} was left over"
            raise Unavailable(left_over, NOT_RUNNING)
        return picture(board)

    def missing(self) -> Unavailable:
        """Why there is no scoreboard."""
        from pyhttpd import control

        try:
            server = control.running(self.pid_file)
        except (OSError, ValueError) as error:
            return Unavailable(str(error))
        if server.alive:
            return Unavailable(
                f"the server (pid {server.pid}) runs without a scoreboard file, there is no {self.board}. "
                "Its error log says why at LogLevel info; ScoreBoardFile names another place"
            )
        if server.pid is None:
            return Unavailable(f"no server is running: there is no pid file {self.pid_file}", NOT_RUNNING)
        return Unavailable(f"the server of {self.pid_file} (pid {server.pid}) is not running", NOT_RUNNING)


def parser(command: str, what_for: str, epilog: str = "") -> argparse.ArgumentParser:
    """The parser of a command's words, with the options that name a server."""
    made = configured.parser(command, what_for, epilog)
    group = made.add_argument_group("or, without reading a configuration")
    group.add_argument("--pid-file", default="", metavar="FILE", help="the server's pid file")
    group.add_argument(
        "--scoreboard", default="", metavar="FILE", help="its scoreboard, if not beside the pid file"
    )
    return made


def place(words: argparse.Namespace) -> Place:
    """Where to look. Raises Unavailable."""
    if words.pid_file or words.scoreboard:
        pid_file = os.path.abspath(words.pid_file or words.scoreboard.removesuffix(".scoreboard"))
        return Place(pid_file, os.path.abspath(words.scoreboard or f"{pid_file}.scoreboard"))
    from pyhttpd.mpm.parent import Parent
    from pyhttpd.mpm.table import MPMS

    server = configured.build(words)
    if server is None:
        raise Unavailable(
            "which server is meant? Name another configuration with -f, or none with --pid-file"
        )
    parent = Parent(MPMS[server.site.mpm], server, lambda: server)
    return Place(parent.pid_file, parent.board_file)
