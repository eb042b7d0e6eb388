"""The words of the command: which MPMs, clients and measurements."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyhttpd.config.mpms import MPM_NAMES
from pyhttpd.tools import configured

WHAT_FOR = """\
Compare the MPMs on your own configuration: each is started on other ports of 127.0.0.1
with logs of its own, loaded, and loaded again beside clients that keep idle connections.
A server that is running is not touched."""
EPILOG = """\
It takes about fifteen seconds for each MPM and round. Ctrl-C ends everything and shows what
there is by then. Linux only.

exit status:
  0 all MPMs were measured; 1 not all of them; 130 interrupted

examples:
  pyhttpd compare -f sample-conf/httpd.conf
  pyhttpd compare -f conf/httpd.conf --mpm prefork,event --url /cgi-bin/printenv --svg mpm.svg"""
MOST = 10_000  # clients, rounds


def mpms(text: str) -> list[str]:
    """Names of MPMs. Raises ArgumentTypeError."""
    names = list(dict.fromkeys(text.lower().split(",")))
    if unknown := [name for name in names if name not in MPM_NAMES]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(MPM_NAMES)}")
    return names


def number(least: int) -> Callable[[str], int]:
    """A reader of whole numbers."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= MOST:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {MOST}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """How long something lasts."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.1 <= value <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.1 to 600")
    return value


def default(text: str) -> str:
    """The help of an option that has a default."""
    return f"{text} (default: %(default)s)"


OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "what is compared": {
        "--mpm": {"type": mpms, "default": MPM_NAMES, "metavar": "A,B",
                  "help": "some of prefork, worker, event (default: all)"},
        "--url": {"action": "append", "default": [], "metavar": "URL",
                  "help": "a path, or http://host/path as the configuration has it; may be repeated "
                          "(default: /)"},
        "--idle": {"type": number(0), "default": 500, "metavar": "N",
                   "help": default("clients that have had an answer and keep their connection")},
        "--slow": {"type": number(0), "default": 0, "metavar": "N",
                   "help": default("clients that send their requests byte by byte")},
    },
    "how": {
        "--connections": {"type": number(1), "default": 32, "metavar": "N",
                          "help": default("connections of the load")},
        "--rounds": {"type": number(1), "default": 3, "metavar": "N",
                     "help": default("how often each MPM is measured")},
        "--seconds": {"type": seconds, "default": 3.0, "metavar": "S",
                      "help": default("how long each measurement lasts")},
        "--own-load": {"action": "store_true", "help": "do not use wrk even if it is there"},
        "--svg": {"type": Path, "metavar": "FILE", "help": "draw it"},
        "--json": {"action": "store_true", "help": "print all rounds for programs"},
    },
}  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """What reads the words; ends the program at a mistake."""
    made = configured.parser("compare", WHAT_FOR, EPILOG, one_mpm=False)
    for title, options in OPTIONS.items():
        group = made.add_argument_group(title)
        for option, keywords in options.items():
            group.add_argument(option, **keywords)
    return made
