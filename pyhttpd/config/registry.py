"""Which directives there are: those of the loaded modules, and what is known of all the others.

`Registry` answers the walk (name -> Directive) and explains names it does not have: misspelt, of a module
that is not loaded, of another MPM, or not built yet. What 2.2 knows is a table beside this file,
`apache22.tsv`: name, module, contexts, override class and argument form of its 433 directives. It is read
only when asked for.
"""

import csv
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Protocol

from pyhttpd import __version__
from pyhttpd.config.directive import Directive, Progress, Status

NOT_YET = Status(Progress.ABSENT, "not built yet")
OTHER_PLATFORM = Status(Progress.ABSENT, "of another operating system; Apache on Unix refuses it too")


class Declares(Protocol):
    """What the registry needs of a module."""

    name: str

    directives: list[Directive]

    def schema_for(self, into: str, inside_section: bool) -> type: ...


@dataclass(frozen=True, slots=True)
class Known:
    """One row of what Apache 2.2 knows."""

    name: str
    module: str  # "mod_alias", "core", "mpm_common", "prefork" ...
    syntax: str
    default: str
    contexts: str
    override: str
    arguments: str
    flags: str
    mpms: str
    platform: str


@cache
def apache22() -> dict[str, Known]:
    """All directives of Apache 2.2 by their lower-case names."""
    text = resources.files(__package__).joinpath("apache22.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["name"].lower(): Known(**row) for row in rows}


class Registry:
    """The directives of the modules that are loaded, by lower-case name."""

    def __init__(self, modules: Iterable[Declares] = ()) -> None:
        self._directives: dict[str, Directive] = {}
        self._owner: dict[str, Declares] = {}
        for module in modules:
            self.add(module)

    def add(self, module: Declares) -> None:
        """Make a module's directives known; of two with one name the first loaded counts."""
        for directive in module.directives:
            for name in (directive.name, *directive.aliases):
                self._directives.setdefault(name.lower(), directive)
                self._owner.setdefault(name.lower(), module)

    def find(self, key: str) -> Directive | None:
        """The directive with this lower-case name."""
        return self._directives.get(key)

    def owner(self, key: str) -> Declares:
        """The module that a directive belongs to."""
        return self._owner[key]

    def __iter__(self) -> Iterator[tuple[Declares, Directive]]:
        """Each directive with its module, in the order of loading, aliases left out."""
        seen: set[int] = set()
        for key, directive in self._directives.items():
            if id(directive) not in seen:
                seen.add(id(directive))
                yield self._owner[key], directive

    def explain(self, name: str, loaded: Iterable[str] = (), mpm: str = "") -> str:
        """Why a name is not known, and what to do: one sentence, or none."""
        bare = name.lstrip("<")
        known = apache22().get(bare.lower())
        if known is None:
            return self._suggest(bare)
        if known.platform != "all":
            return f"{known.name} is {OTHER_PLATFORM.note}"
        if known.mpms and mpm not in known.mpms.split(","):
            owners = " and ".join(known.mpms.split(","))
            return (
                f"{known.name} belongs to the {owners} MPM; this server runs {mpm}. Guard it with <IfModule>"
            )
        identifier = identifier_of(known.module)
        if identifier in loaded or known.module in ("core", "mpm_common"):
            return f"{known.module} is known but not built yet in pyhttpd {__version__}"
        return f"{known.name} belongs to {known.module}, which is not loaded (LoadModule {identifier} ...)"

    def _suggest(self, name: str) -> str:
        candidates = {key: directive.name for key, directive in self._directives.items()}
        candidates |= {key: known.name for key, known in apache22().items()}
        close = difflib.get_close_matches(name.lower(), candidates, n=1, cutoff=0.75)
        return f"did you mean {candidates[close[0]]}?" if close else ""


def identifier_of(module: str) -> str:
    """`mod_alias` -> `alias_module`, as LoadModule names it."""
    return f"{module.removeprefix('mod_')}_module"
