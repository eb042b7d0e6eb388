"""Every line of a configuration, held against what is built: reading alone, so that nothing stops it.

The configuration may be one of another machine: a ServerRoot that is not here is taken for the folder of the
file, modules that nobody knows are noted, values are not looked at (`pyhttpd -t` does).
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from pyhttpd.config import reader
from pyhttpd.config.conditions import CONDITIONS
from pyhttpd.config.directive import Progress, Status
from pyhttpd.config.registry import NOT_YET, OTHER_PLATFORM, apache22
from pyhttpd.config.tree import Directive, Tree
from pyhttpd.core.server import Build, Options
from pyhttpd.core.site import Site
from pyhttpd.diagnostics import ConfigError, Diagnostic, Location
from pyhttpd.modules import STANDARD
from pyhttpd.mpm.common import mpm_module
from pyhttpd.tools.coverage import meaning
from pyhttpd.tools.elsewhere import Elsewhere, root_of

DECIDED = {*reader.READ_TIME, *CONDITIONS}  # reading itself does these
MOST_FOLDERS = 100_000


class Foreign(Elsewhere):
    """A server in the making that will never start, of a configuration that may be from elsewhere."""

    def load_module(self, identifier: str, path: str) -> str | None:
        """Modules nobody has are noted, and counted as loaded."""
        try:
            return super().load_module(identifier, path)
        except ValueError as error:
            self.warn(str(error))
            self.unbuilt.append(identifier)
            return None


@dataclass(frozen=True)
class Finding:
    """One line, how far its directive is, and what that means for access."""

    name: str
    location: Location
    status: Status
    access: str = ""
    htaccess: bool = False

    @property
    def stops(self) -> bool:
        """Whether the server refuses to start because of it; in .htaccess its folder answers 500."""
        return self.status.progress is Progress.ABSENT and not self.htaccess


@dataclass
class Survey:
    """All lines of a configuration, judged."""

    site: Site
    findings: list[Finding] = field(default_factory=list)
    broken: list[Diagnostic] = field(default_factory=list)  # .htaccess files that cannot be read

    def counts(self, of: Iterable[Finding] | None = None) -> Counter[Progress]:
        """How many lines are how far."""
        return Counter(one.status.progress for one in (self.findings if of is None else of))

    def files(self) -> dict[str, list[Finding]]:
        """The findings by file, in the order of reading."""
        found: dict[str, list[Finding]] = {}
        for one in self.findings:
            found.setdefault(one.location.source.name, []).append(one)
        return found

    def judge(self, tree: Tree, htaccess: bool = False) -> None:
        """Add the lines of a tree."""
        self.findings += [replace(finding(line, self.site), htaccess=htaccess) for line in tree.walk()]


def survey(options: Options) -> Survey:
    """Read a configuration and judge its lines. Raises ConfigError where it cannot be read."""
    made = Build(replace(options, server_root=root_of(options)), mpm_module, STANDARD, Foreign)
    site, tree = made.gather()
    found = Survey(site)
    found.judge(tree)
    return found


def finding(line: Directive, site: Site) -> Finding:
    """Judge one line."""
    status = status_of(line.key, site)
    access = meaning.of_words(line, site)
    if access and status.progress is Progress.IMPLEMENTED:
        status = Status(Progress.PARTIAL, "in words that no loaded module answers")
    elif status.progress is not Progress.IMPLEMENTED:
        access = access or meaning.of_directive(line.key)
    return Finding(line.name, line.location, status, access)


def status_of(key: str, site: Site) -> Status:
    """How far a directive is, among the modules that this configuration loads."""
    directive = site.registry.find(key)
    if directive is not None:
        return directive.status
    if key in DECIDED:
        return Status()
    known = apache22().get(key)
    if known is None:
        return Status(Progress.ABSENT, site.explain(key) or "unknown to 2.2 as well")
    if known.platform != "all":
        return OTHER_PLATFORM
    return Status(Progress.ABSENT, site.explain(key) or NOT_YET.note)


def add_htaccess(found: Survey) -> None:
    """Judge the .htaccess files below every DocumentRoot and <Directory> too."""
    for path in htaccess_files(found):
        try:
            with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                found.judge(reader.read_text(file.read(), path, found.site, htaccess=True), htaccess=True)
        except ConfigError as error:
            found.broken += error.diagnostics
        except OSError as error:
            found.broken.append(Diagnostic(f"{path}: {error.strerror}", code="unreadable"))


def htaccess_files(found: Survey) -> Iterator[str]:
    """The .htaccess files of the places that the configuration names."""
    roots = {os.path.join(found.site.server_root, path) for path in _places(found)} - {"/"}
    seen: set[str] = set()
    for root in sorted(roots):
        for folder, folders, names in os.walk(root):
            if folder in seen or len(seen) > MOST_FOLDERS:
                folders.clear()
                continue
            seen.add(folder)
            if ".htaccess" in names:
                yield os.path.join(folder, ".htaccess")


def _places(found: Survey) -> Iterator[str]:
    for one in found.findings:
        words = one.location.text.strip().lstrip("<").rstrip(">").split(None, 1)
        if one.name.lower() in ("documentroot", "directory") and len(words) == 2:
            path = words[1].strip().strip('"')
            if not set(path) & set("*?[~"):
                yield path
