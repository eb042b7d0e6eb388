"""What the tools that read a configuration share: the options that say which one, and reading it.

The options are the server's own (-f -d -D -C -c --mpm), so that a tool sees what a start with them would.
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from pyhttpd.arguments import Arguments
from pyhttpd.config.mpms import MPM_NAMES
from pyhttpd.diagnostics import ConfigError

if TYPE_CHECKING:
    from pyhttpd.cli import Run
    from pyhttpd.core.server import Server

REPEATED = {
    "-D": ("defines", "NAME", "a name that <IfDefine NAME> finds defined"),
    "-C": ("before", "DIRECTIVE", "a line to read before the configuration file"),
    "-c": ("after", "DIRECTIVE", "a line to read after the configuration file"),
}


def parser(command: str, what_for: str, epilog: str = "", *, one_mpm: bool = True) -> argparse.ArgumentParser:
    """The parser of a tool's words, with the options that name a configuration, and one MPM."""
    made = argparse.ArgumentParser(
        prog=f"pyhttpd {command}",
        description=what_for,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = made.add_argument_group("configuration")
    group.add_argument("-f", dest="file", default="", metavar="FILE", help="configuration file, relative to "
                       "ServerRoot or to here (default: conf/httpd.conf)")  # fmt: skip
    group.add_argument("-d", dest="root", default="", metavar="DIRECTORY", help="ServerRoot, until the "
                       "configuration says another")  # fmt: skip
    for option, (into, word, doc) in REPEATED.items():
        group.add_argument(option, dest=into, action="append", default=[], metavar=word, help=doc)
    if one_mpm:
        group.add_argument("--mpm", default="", choices=MPM_NAMES, help="as if the server ran this MPM")
    return made


def run_of(words: argparse.Namespace) -> "Run":
    """A run of the program with these options; nothing is read yet."""
    from pyhttpd.cli import Run

    arguments = Arguments()
    for name in ("file", "root", "defines", "before", "after", "mpm"):
        setattr(arguments, name, getattr(words, name))
    arguments.json = getattr(words, "json", False)
    return Run(arguments)


def put(lines: Iterable[str]) -> None:
    """Write lines to standard output."""
    from pyhttpd.cli import put as write

    write(lines)


def build(words: argparse.Namespace) -> "Server | None":
    """The server that the configuration describes; None where it is wrong, which has been shown then."""
    return _built(run_of(words))


def build_elsewhere(words: argparse.Namespace) -> "Server | None":
    """The same of a configuration whose ServerRoot may be on another machine; where it is, all warnings are
    shown."""
    from pyhttpd.cli import tell
    from pyhttpd.tools.elsewhere import Elsewhere, root_of

    run = run_of(words)
    run.kind, run.options = Elsewhere, replace(run.options, server_root=root_of(run.options))
    server = _built(run)
    if server is not None and isinstance(server.site, Elsewhere) and server.site.lost:
        tell(server.site.warnings)
    return server


def _built(run: "Run") -> "Server | None":
    try:
        return run.build()
    except ConfigError as error:
        run.refuse(error)
        return None
