"""The options of the command line: 2.2's and apachectl's words, and what each of them sets.

Read with getopt as 2.2 does: short options may be joined to their words, and a word that is no option shows
the usage. Ours beside 2.2's: `--mpm NAME`, and `--json` with -t. Manual: programs/httpd, invoking.
"""

import getopt
import os
from typing import TYPE_CHECKING

from pyhttpd.config.mpms import MPM_NAMES
from pyhttpd.diagnostics import PROGRAM
from pyhttpd.tools import COMMANDS

if TYPE_CHECKING:
    from pyhttpd.core.server import Options

SHORT = "D:C:c:d:f:vVlLthSMTXk:e:E:"
LONG = ("mpm=", "json")
ROOT_VARIABLE = "PYHTTPD_ROOT"
HTTPD_ROOT = "/usr/local/apache2"  # 2.2's own default: what an installation is found by without options
CONFIG_FILE = "conf/httpd.conf"

SIGNALS = ("start", "restart", "graceful", "graceful-stop", "stop")
LEVELS = ("emerg", "alert", "crit", "error", "warn", "notice", "info", "debug")

APACHECTL = {"configtest": ("-t",)} | {word: ("-k", word) for word in SIGNALS}  # as first words

REPEATED = {"-D": "defines", "-C": "before", "-c": "after"}
VALUED = {"-d": "root", "-f": "file", "-k": "signal", "-e": "level", "-E": "startup_log", "--mpm": "mpm"}
CHOICES = {"-k": SIGNALS, "-e": LEVELS, "--mpm": MPM_NAMES}
DEFINING = {"-S": "DUMP_VHOSTS", "-M": "DUMP_MODULES", "-X": "DEBUG"}
TESTING = ("-t", "-S", "-M")
SHOWS = ("-h", "-v", "-V", "-l", "-L")

USAGE = f"""\
Usage: {PROGRAM} [-D name] [-d directory] [-f file]
             [-C "directive"] [-c "directive"]
             [-k {"|".join(SIGNALS)}]
             [-e level] [-E file] [--mpm {"|".join(MPM_NAMES)}]
             [-v] [-V] [-h] [-l] [-L] [-t [--json]] [-T] [-S] [-M] [-X]
       {PROGRAM} {"|".join(APACHECTL)} [options]
       {PROGRAM} {"|".join(COMMANDS)} [-h]
Options:
  -D name            : a name that <IfDefine name> finds defined
  -d directory       : ServerRoot, until the configuration says another
  -f file            : configuration file, relative to ServerRoot
  -C "directive"     : a line to read before the configuration file
  -c "directive"     : a line to read after the configuration file
  -k word            : start, stop or restart the server
  -e level           : LogLevel where the configuration names none
  -E file            : write what goes wrong at start to a file
  -v                 : show the version
  -V                 : show the version and what is built in
  -h                 : show these options
  -l                 : list the modules that need no LoadModule
  -L                 : list all directives
  -t                 : check the configuration files (--json: say it for programs)
  -T                 : do not look whether DocumentRoot exists
  -S                 : check, and list the virtual hosts
  -M                 : check, and list the loaded modules
  -X                 : serve in one process, for debugging
  --mpm name         : multi-processing module, whatever the configuration says"""


class UsageError(Exception):
    """The command line cannot be understood; the text says what of it."""


class Arguments:
    """The command line, read."""

    def __init__(self) -> None:
        self.root = self.file = self.signal = self.level = self.startup_log = self.mpm = ""
        self.defines: list[str] = []
        self.before: list[str] = []
        self.after: list[str] = []
        self.test = self.json = False
        self.check_document_root = True
        self.show = ""  # the first of the options that only show something

    def options(self) -> "Options":
        """What a server is built from."""
        from pyhttpd.core.server import Options

        root = os.path.abspath(self.root or os.environ.get(ROOT_VARIABLE) or HTTPD_ROOT)
        return Options(
            file=config_file(root, self.file or CONFIG_FILE, bool(self.root)),
            server_root=root,
            defines=tuple(self.defines),
            before=tuple(self.before),
            after=tuple(self.after),
            mpm=self.mpm or None,
            level=self.level or None,
            check_document_root=self.check_document_root,
        )


def parse(words: list[str]) -> Arguments:
    """Read the command line. Raises UsageError."""
    if words and words[0] in APACHECTL:
        words = [*APACHECTL[words[0]], *words[1:]]
    try:
        found, stray = getopt.getopt(words, SHORT, list(LONG))
    except getopt.GetoptError as error:
        what = "option requires an argument" if "requires" in error.msg else "illegal option"
        raise UsageError(f"{PROGRAM}: {what} -- {error.opt}") from None
    if stray:
        raise UsageError("")
    arguments = Arguments()
    for option, value in found:
        _take(arguments, option, value)
    return arguments


def _take(arguments: Arguments, option: str, value: str) -> None:
    if option in CHOICES and value.lower() not in CHOICES[option]:
        raise UsageError(f"{PROGRAM}: illegal option -- {option.lstrip('-')}")
    if option in REPEATED:
        getattr(arguments, REPEATED[option]).append(value)
    elif option in VALUED:
        setattr(arguments, VALUED[option], value.lower() if option in CHOICES else value)
    if option in DEFINING:
        arguments.defines.append(DEFINING[option])
    arguments.test |= option in TESTING
    arguments.json |= option == "--json"
    arguments.check_document_root &= option != "-T"
    if option in SHOWS and not arguments.show:
        arguments.show = option


def config_file(root: str, name: str, root_given: bool) -> str:
    """The configuration file: relative to ServerRoot or, if that has none and -d was not given, to here."""
    file = os.path.join(root, name)
    here = os.path.abspath(name)
    return here if not root_given and not os.path.exists(file) and os.path.isfile(here) else file
