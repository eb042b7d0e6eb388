"""All directives as the tables show them: 2.2's, and those pyhttpd has beyond.

A directive's status is what the code declares; syntax, default and places are those of 2.2's own table
(config/apache22.tsv), which also has the rows of what is not built. Shown by `coverage` and docs/generate.py.
"""

import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from pyhttpd import modules
from pyhttpd.config.conditions import CONDITIONS
from pyhttpd.config.directive import Directive, Override, Progress, Status, Where, Within
from pyhttpd.config.reader import READ_TIME
from pyhttpd.config.registry import OTHER_PLATFORM, Known, apache22
from pyhttpd.core import core_module, replay
from pyhttpd.core.module import Module
from pyhttpd.mpm.common import mpm_module
from pyhttpd.mpm.sizing import KINDS

OWN = "pyhttpd_module"
NEWER = {  # what is decided while reading and 2.2 does not know
    "includeoptional": ("IncludeOptional", "{file-path|wildcard}", "Include that may match nothing"),
    "define": ("Define", "{name} [{value}]", "as -D, with a value for `${name}`"),
    "undefine": ("UnDefine", "{name}", "takes a Define or -D back"),
}
DECIDED = {*READ_TIME, *CONDITIONS}  # reading the files does these, no module declares them


@dataclass(frozen=True, slots=True)
class Row:
    """One directive as the tables show it."""

    name: str
    module: str
    syntax: str
    default: str
    contexts: str
    override: str
    status: Status
    doc: str = ""


def shipped() -> dict[str, Module]:
    """The modules we have, by the names of their files."""
    found = (info.name for info in pkgutil.iter_modules(modules.__path__))
    return {name: import_module(f"pyhttpd.modules.{name}").module for name in sorted(found)}


def declared() -> dict[tuple[str, str], Directive]:
    """Every directive of ours, by the names of its module and its own in lower case."""
    mpms = {name: mpm_module(name) for name in KINDS}
    owners = {"core": core_module.module, OWN: replay.module, **shipped(), **mpms}
    return {(owner, d.name.lower()): d for owner, module in owners.items() for d in module.directives}


def rows() -> list[Row]:
    """All directives: those of 2.2, and those we have beyond."""
    ours = declared()
    known = [of_apache(row, ours) for row in apache22().values()]
    more = [ours_alone(owner, d) for (owner, name), d in ours.items() if name not in apache22()]
    spellings = [alias(owner, d, name) for (owner, _), d in ours.items() for name in d.aliases]
    newer = [row for row in while_reading() if ("core", row.name.lower()) not in ours]
    unique = {(row.name, row.module): row for row in (*known, *more, *spellings, *newer)}
    return sorted(unique.values(), key=lambda row: (row.name.lower(), row.module))


def of_apache(known: Known, ours: Mapping[tuple[str, str], Directive]) -> Row:
    """A row of 2.2's table, with the status that our code declares."""
    key = known.name.lower()
    homes = ("core", *KINDS) if known.module == "mpm_common" else (known.module, "core", *KINDS)
    found = next((ours[home, key] for home in homes if (home, key) in ours), None)
    status, doc = (found.status, found.doc) if found else (Status() if key in DECIDED else absent(known), "")
    contexts, override = known.contexts.replace(",", ", "), known.override.replace("Not applicable", "")
    return Row(known.name, known.module, known.syntax, default(known), contexts, override, status, doc)


def absent(known: Known) -> Status:
    """A directive that is not there; of another system, it stays away."""
    return Status(Progress.ABSENT) if known.platform == "all" else OTHER_PLATFORM


def default(known: Known) -> str:
    """The default without the directive's name before it."""
    return known.default.removeprefix(known.name).strip()


def ours_alone(owner: str, directive: Directive) -> Row:
    """The row of a directive that 2.2 does not have."""
    home = "mpm_common" if owner in KINDS else owner
    override = "|".join(str(flag.name).capitalize() for flag in Override if flag & directive.override)
    syntax = f"{directive.name} {arguments(directive)}".strip()
    origin = "pyhttpd's own" if owner == OWN else "of 2.4"
    status = directive.status if directive.status.note else Status(note=origin)
    return Row(directive.name, home, syntax, "", places(directive), override, status, directive.doc)


def alias(owner: str, directive: Directive, name: str) -> Row:
    """The row of a newer spelling."""
    row = ours_alone(owner, directive)
    status = Status(directive.status.progress, f"2.4's name for {directive.name}")
    syntax = row.syntax.replace(directive.name, name, 1)
    return Row(name, row.module, syntax, "", row.contexts, row.override, status, row.doc)


def while_reading() -> Iterator[Row]:
    """The rows of newer directives that reading decides."""
    for name, words, doc in NEWER.values():
        yield Row(name, "core", f"{name} {words}", "", "anywhere", "", Status(note=f"of 2.4: {doc}"), doc)


def arguments(directive: Directive) -> str:
    """The words a directive takes, as its function names them."""
    if directive.flag:
        return "On|Off"
    words = list(inspect.signature(directive.build).parameters.values())[directive.contextual :]
    return " ".join(argument(word) for word in words)


def argument(word: inspect.Parameter) -> str:
    """One word: optional ones in brackets, any number with dots."""
    name = "{" + word.name.replace("_", "-") + "}"
    if word.kind is inspect.Parameter.VAR_POSITIONAL:
        return f"{name} ..."
    return name if word.default is inspect.Parameter.empty else f"[{name}]"


def places(directive: Directive) -> str:
    """Where a directive may stand, in the manual's words."""
    host = Within.VIRTUALHOST not in directive.not_in
    spots = {
        "server config": Where.SERVER in directive.where,
        "virtual host": Where.SERVER in directive.where and host,
        "directory": Where.DIRECTORY in directive.where and Within.DIRECTORY not in directive.not_in,
        ".htaccess": bool(directive.override),
    }
    return ", ".join(name for name, holds in spots.items() if holds)
