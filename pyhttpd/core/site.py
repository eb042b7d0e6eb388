"""What is known of a server while its configuration is read: root, definitions, loaded modules, warnings.

`Site` is what config/reader.py and the directives ask. It also holds the LoadModule policy: names of 2.2's
modules map to ours whatever the path says; a module of 2.2 that is not built yet is accepted with a
warning, and using one of its directives is what stops; a dotted Python name loads a third party's module;
anything else is refused in 2.2's words. A configuration that loads nothing has the standard set, as a
static build of 2.2 had.
"""

import importlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyhttpd import __version__
from pyhttpd.config.mpms import MPM_NAMES
from pyhttpd.config.registry import Registry, apache22
from pyhttpd.core.module import Module
from pyhttpd.core.undeclared import providers_of
from pyhttpd.diagnostics import Location

VERSION_OF_APACHE = (2, 2, 34)
WITHOUT_DIRECTIVES = (
    *("asis", "bucketeer", "logio", "unique_id"),
    *("optional_fn_export", "optional_fn_import", "optional_hook_export", "optional_hook_import"),
    *("proxy_ajp", "proxy_balancer", "proxy_connect", "proxy_ftp", "proxy_http"),
)
ALIASES_OF_24 = {
    "authz_core": "authz_host",
    "access_compat": "authz_host",
    "authn_core": "auth_basic",
    "unixd": "so",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to print at start that stops nobody. Without a level it is printed as it is."""

    message: str
    level: str
    location: Location | None


@dataclass
class Site:
    """A server in the making."""

    server_root: str
    mpm: str
    defines: dict[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    version: tuple[int, int, int] = VERSION_OF_APACHE
    mpm_fixed: bool = False  # chosen on the command line: the configuration does not change it
    modules: list[Module] = field(default_factory=list)
    builtin: set[str] = field(default_factory=set)
    unbuilt: list[str] = field(default_factory=list)  # identifiers of 2.2's modules that we do not have yet
    loads: int = 0
    check_document_root: bool = True
    warnings: list[Notice] = field(default_factory=list)
    registry: Registry = field(default_factory=Registry)

    def add(self, modules: Iterable[Module], builtin: bool = True) -> None:
        """Make modules part of the server."""
        for module in modules:
            self.modules.append(module)
            self.registry.add(module)
            if builtin:
                self.builtin.add(module.name)

    def set_mpm(self, module: Module) -> None:
        """Put in the MPM's module, behind the core, once it is known which it is."""
        self.modules.insert(1, module)
        self.registry.add(module)
        self.builtin.add(module.name)

    def has_module(self, name: str) -> bool:
        """Whether a module is loaded; `mod_alias.c` and `alias_module` are both good."""
        if name in (f"{self.mpm}.c", f"mpm_{self.mpm}_module"):
            return True
        known = any(name in (module.name, module.source) for module in self.modules)
        return (
            known or name in self.unbuilt or (name.endswith(".c") and _identifier(name[:-2]) in self.unbuilt)
        )

    def load_module(self, identifier: str, path: str) -> str | None:
        """LoadModule; a warning or None. Raises ValueError with 2.2's message."""
        dotted = "/" not in path and not path.endswith(".so") and "." in path
        if self._load_mpm(identifier):
            return None
        self.loads += not dotted  # a third party's module and an MPM come on top of the standard set
        if identifier in self.builtin:
            raise ValueError(f"module {identifier} is built-in and can't be loaded")
        if self.has_module(identifier):
            return f"module {identifier} is already loaded, skipping"
        if dotted:
            self.add([_third_party(identifier, path)], builtin=False)
            return None
        name = os.path.basename(path).removesuffix(".so")
        return self._load_known(identifier, name, os.path.normpath(os.path.join(self.server_root, path)))

    def _load_mpm(self, identifier: str) -> bool:
        name = identifier.removeprefix("mpm_").removesuffix("_module")
        if name not in MPM_NAMES or not identifier.startswith("mpm_"):
            return False
        if not self.mpm_fixed:
            self.mpm, self.mpm_fixed = name, True
        return True

    def _load_known(self, identifier: str, name: str, full: str) -> str | None:
        short = name.removeprefix("mod_")
        known = {f"mod_{word}" for word in WITHOUT_DIRECTIVES} | {row.module for row in apache22().values()}
        if short in ALIASES_OF_24:
            return None
        if name not in known:
            reason = (
                "invalid ELF header"
                if os.path.isfile(full)
                else ("cannot open shared object file: No such file or directory")
            )
            raise ValueError(f"Cannot load {full} into server: {full}: {reason}")
        if identifier != _identifier(name):
            raise ValueError(
                f"Can't locate API module structure `{identifier}' in file {full}: {full}: "
                f"undefined symbol: {identifier}"
            )
        module = shipped(name)
        if module is None:
            self.unbuilt.append(identifier)
            return None
        self.add([module], builtin=False)
        return None

    def located(self, path: str) -> str:
        """A server reads the files that are named."""
        return path

    def lost_root(self, path: str) -> str:
        """A server does not start without its ServerRoot."""
        raise ValueError("ServerRoot must be a valid directory")

    def load_file(self, path: str) -> None:
        """LoadFile: there is nothing to link; a file that is missing is refused as 2.2 does."""
        full = os.path.join(self.server_root, path)
        if not os.path.exists(full):
            reason = "cannot open shared object file: No such file or directory"
            raise ValueError(f"Cannot load {full} into server: {full}: {reason}")

    def warn(self, message: str, location: Location | None = None, level: str = "warn") -> None:
        """Remember something to print."""
        self.warnings.append(Notice(message, level, location))

    def warn_of_unbuilt(self) -> None:
        """One warning for all modules that were loaded without effect."""
        if self.unbuilt:
            names = ", ".join(f"mod_{identifier.removesuffix('_module')}" for identifier in self.unbuilt)
            self.warn(f"loaded without effect, as not built yet in pyhttpd {__version__}: {names}")

    def provider(self, group: str, name: str) -> Any:
        """What a loaded module offers under this group and name, or None."""
        for module in self.modules:
            if (group, name) in module.providers:
                return providers_of(module)[group, name]
        return None

    def explain(self, name: str) -> str:
        """Why a directive is not known: for the hint of the error."""
        loaded = [module.name for module in self.modules] + self.unbuilt
        known = apache22().get(name.lstrip("<").lower())
        if known and known.module.startswith("mod_") and shipped(known.module) is None:
            loaded.append(_identifier(known.module))  # no use to tell people to load it
        return self.registry.explain(name, loaded, self.mpm)


def _identifier(name: str) -> str:
    return f"{name.removeprefix('mod_')}_module"


def shipped(name: str) -> Module | None:
    """The module of ours with this name (`mod_alias`), None where it is not built yet."""
    try:
        found = importlib.import_module(f"pyhttpd.modules.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"pyhttpd.modules.{name}":
            return None
        raise
    module: Module | None = getattr(found, "module", None)
    return module


def _third_party(identifier: str, dotted: str) -> Module:
    try:
        module: Module = importlib.import_module(dotted).module
    except (ImportError, AttributeError) as error:
        raise ValueError(f"Cannot load {dotted} into server: {error}") from None
    if module.name != identifier:
        raise ValueError(f"Can't locate API module structure `{identifier}' in {dotted}: it is {module.name}")
    return module


MakeMPM = Callable[[str], Module]
