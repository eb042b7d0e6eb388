"""A server: one configuration, read, walked and put together.

`build` turns options of the command line into a `Server`; a graceful restart builds a new one beside the
old one. Nothing here is global: tests build as many as they like.
"""

import contextlib
import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyhttpd import __version__
from pyhttpd.config import reader, tree
from pyhttpd.config.merge import Layer, merge
from pyhttpd.config.mpms import DEFAULT_MPM
from pyhttpd.config.walk import Context, walk
from pyhttpd.core import core_module, hooks
from pyhttpd.core.connection import Connection
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.errorlog import ErrorLog, open_error_log
from pyhttpd.core.hooks import Hook, Phase, ordered
from pyhttpd.core.htaccess import Remembered
from pyhttpd.core.module import Module
from pyhttpd.core.place import Place, place_at
from pyhttpd.core.replay import Replay
from pyhttpd.core.replay import module as replay_module
from pyhttpd.core.replay.shelf import Shelf
from pyhttpd.core.replay.table import PrepareLog
from pyhttpd.core.reporter import Reporter
from pyhttpd.core.site import MakeMPM, Site, shipped
from pyhttpd.core.undeclared import filters_of, handlers_of, hooks_of, providers_of
from pyhttpd.core.vhosts import Hosts, VirtualHost
from pyhttpd.diagnostics import ConfigError

APACHE = "Apache/2.2.34"
DEFAULT_FILE = "conf/httpd.conf"
ROOT_VARIABLE = "PYHTTPD_ROOT"  # in configurations: the main file's folder, unless the environment has it


@dataclass(frozen=True)
class Options:
    """What a server is built from: the command line's -f -d -D -C -c -e -T and --mpm."""

    file: str = DEFAULT_FILE
    server_root: str = "/usr/local/apache2"
    defines: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    mpm: str | None = None
    level: str | None = None
    check_document_root: bool = True


class Server:
    """One configuration at work."""

    def __init__(self, site: Site, configuration: tree.Tree, layer: Layer) -> None:
        self.site, self.tree = site, configuration
        self.generation = 0
        self.scoreboard: Any = None
        self.state: dict[str, Any] = {}  # what modules keep while this server lives, by module name
        self.htaccess: dict[Any, Remembered] = {}
        self.modules = {module.name: module for module in site.modules}
        self.handlers = _joined(handlers_of(module) for module in site.modules)
        self.filters = _joined(filters_of(module) for module in site.modules)
        self.providers = _joined(providers_of(module) for module in site.modules)
        self._hooks = _sorted_hooks(site.modules)
        self._declared = {hook.function: hook for module in site.modules for hook in module.hooks}
        self.replay: Replay | None = None  # of this process; empty until it is a child
        self.places: dict[tuple[str, int], Place] = {}  # by local address
        self.main = VirtualHost(self, layer, layer, None)
        self.main.name = self.main.name or own_name(site)
        scopes = layer.settings(PerServer).virtual_hosts
        self.virtual = [
            VirtualHost(self, merge(layer, s.layer), s.layer, s.location, s.selector) for s in scopes
        ]
        self.hosts = [self.main, *self.virtual]
        self.by_address = Hosts(self.main, self.virtual, lambda text, level: site.warn(text, None, level))

    def hooks(self, phase: Phase) -> tuple[Callable[..., Any], ...]:
        """The functions to ask in a phase, in order."""
        return self._hooks.get(phase.name, ())

    def asked(self, phase: Phase, layer: Layer) -> tuple[Callable[..., Any], ...]:
        """The functions to ask in a phase under these settings; those with nothing to do are left out."""
        found: tuple[Callable[..., Any], ...] | None = layer.asked.get(phase.name)
        if found is None:
            known, functions = self._declared, self.hooks(phase)
            found = tuple(f for f in functions if f not in known or known[f].concerns(layer.values))
            layer.asked[phase.name] = found
        return found

    def watch(self, through: Callable[[str, Callable[..., Any]], Callable[..., Any]]) -> None:
        """Ask every hook and handler by way of what `through` makes of phase and function: for tools."""
        for phase, functions in self._hooks.items():
            watched = tuple(through(phase, function) for function in functions)
            pairs = zip(watched, functions, strict=True)
            self._declared |= {new: self._declared[old] for new, old in pairs if old in self._declared}
            self._hooks[phase] = watched
        handlers = self.handlers.items()
        self.handlers = {name: through(hooks.HANDLER.name, function) for name, function in handlers}

    def has_module(self, name: str) -> bool:
        """Whether a module is loaded, by either of its names."""
        return self.site.has_module(name)

    def server_path(self, path: str) -> str:
        """A path relative to ServerRoot made absolute."""
        return self.site.located(os.path.normpath(os.path.join(self.site.server_root, path)))

    @cached_property
    def software(self) -> str:
        """The Server field, as far as ServerTokens lets it."""
        major, minor, *_ = __version__.split(".")
        return {
            "Prod": "pyhttpd",
            "Major": f"pyhttpd/{major}",
            "Minor": f"pyhttpd/{major}.{minor}",
            "Min": f"pyhttpd/{__version__}",
        }.get(self.main.config(PerServer).tokens, f"pyhttpd/{__version__} (Unix)")

    @property
    def banner(self) -> str:
        """Name and version for the error log and -v."""
        return f"{APACHE} (pyhttpd/{__version__})"

    def log(self, level: str, message: str) -> None:
        """A line in the main server's error log."""
        self.main.log(level, message)

    def open_logs(self) -> None:
        """Open the error logs, then what modules log to. Raises ValueError with what to print."""
        opened: dict[tuple[str, str], ErrorLog] = {}
        logs = self.state["core_module"] = []
        for host in self.hosts:
            settings = host.config(PerServer)
            key = (settings.error_log, settings.log_level)
            if key not in opened:
                same = next((log for (where, _), log in opened.items() if where == key[0]), None)
                opened[key] = (
                    ErrorLog(same.target, key[1]) if same else open_error_log(*key, self.site.server_root)
                )
                logs.append(opened[key])
            host.error_log = opened[key]
        self.run_all(hooks.OPEN_LOGS)

    def run_all(self, phase: Phase) -> None:
        """Run a phase of the server's life."""
        for function in self.hooks(phase):
            function(self)

    def prepare_children(self, several: bool = False) -> None:
        """Children are about to be forked: make here what each would have to make for itself."""
        self.replay = Replay(self)
        if several and self.replay.on and self.replay.memory:
            with contextlib.suppress(OSError):  # then each of them computes all for itself
                self.replay.share(Shelf(self.replay.memory))

    def child_init(self) -> None:
        """A child begins: modules prepare what a process needs of its own."""
        self.run_all(hooks.CHILD_INIT)
        if self.replay is None:
            self.prepare_children()

    def place(self, local: tuple[str, int]) -> Place:
        """What connections to a local address share."""
        return self.places.setdefault(local, place_at(self, local))

    def log_writers(self) -> tuple[PrepareLog, ...] | None:
        """What prepares log lines of answers given again; None where a module that logs has no such thing."""
        names = [module.name for module in self.site.modules if _logs(module)]
        if any(("replay_log", name) not in self.providers for name in names):
            return None
        return tuple(self.providers["replay_log", name] for name in names)

    def connect(
        self,
        sock: socket.socket,
        client: tuple[str, int],
        local: tuple[str, int],
        reporter: Reporter,
        parked: bool = False,
    ) -> Connection | None:
        """Begin to speak with a client; None where a module has ended it."""
        connection = Connection(self, sock, client, local, reporter, parked)
        for function in self.asked(hooks.PRE_CONNECTION, self.main.layer):
            if function(connection) not in (hooks.OK, hooks.DECLINED):
                return None
        return connection

    def close(self) -> None:
        """Close the logs: a newer server has taken over, or all is over."""
        for state in self.state.values():
            for thing in state if isinstance(state, list) else [state]:
                if close := getattr(thing, "close", None):
                    close()


def _joined(tables: Iterable[dict[Any, Any]]) -> dict[Any, Any]:
    joined: dict[Any, Any] = {}
    for table in tables:
        joined |= {key: value for key, value in table.items() if key not in joined}
    return joined


def _sorted_hooks(modules: list[Module]) -> dict[str, tuple[Callable[..., Any], ...]]:
    by_phase: dict[str, list[Hook]] = {}
    for module in modules:
        for hook in hooks_of(module):
            by_phase.setdefault(hook.phase.name, []).append(hook)
    return {name: tuple(hook.function for hook in ordered(found)) for name, found in by_phase.items()}


def _logs(module: Module) -> bool:
    return any(hook.phase is hooks.LOG_TRANSACTION for hook in module.hooks)


def own_name(site: Site) -> str:
    """The machine's own name for a server without ServerName, as 2.2 finds it."""
    try:
        name = socket.getfqdn()
    except OSError:
        name = ""
    if "." in name and not name.startswith("localhost"):
        return name
    site.warn(
        "httpd: Could not reliably determine the server's fully qualified domain name, "
        "using 127.0.0.1 for ServerName",
        None,
        "",
    )
    return "127.0.0.1"


@dataclass
class Build:
    """One attempt to build a server."""

    options: Options
    make_mpm: MakeMPM
    standard: tuple[str, ...]
    kind: type[Site] = Site
    site: Site = field(init=False)

    def gather(self) -> tuple[Site, tree.Tree]:
        """Read the files, and load what they name. Raises ConfigError."""
        try:
            site, read = self.read(static=False)
        except ConfigError:
            if self.site.loads:
                raise
            site, read = self.read(static=True)
        else:
            if not site.loads:
                site, read = self.read(static=True)
        site.set_mpm(self.make_mpm(site.mpm))
        return site, read

    def run(self) -> Server:
        """Read, walk and put together. Raises ConfigError."""
        site, read = self.gather()
        layer = Layer()
        context = Context(site, next(iter(node.location for node in read.root), NOWHERE), layer)
        if self.options.level:
            layer.write(PerServer, "log_level", self.options.level, context.location)
        walk(read.root, site.registry, context, site.explain)
        server = Server(site, read, layer)
        server.run_all(hooks.POST_CONFIG)
        site.warn_of_unbuilt()
        return server

    def read(self, static: bool) -> tuple[Site, tree.Tree]:
        """Read the files, with the standard modules there from the start or not."""
        options = self.options
        site = self.site = self.kind(
            options.server_root, options.mpm or DEFAULT_MPM, mpm_fixed=bool(options.mpm)
        )
        site.defines = dict.fromkeys(options.defines, "")
        site.check_document_root = options.check_document_root
        site.add(
            (core_module.module, replay_module, *(found for name in BUILTIN if (found := shipped(name))))
        )
        if static:
            site.add(found for name in self.standard if (found := shipped(name)))
        file = os.path.join(options.server_root, options.file)
        site.environment = {ROOT_VARIABLE: os.path.dirname(file), **os.environ}
        return site, reader.read_file(file, site, options.before, options.after)


BUILTIN = ("http_core", "mod_so")
NOWHERE: Any = None


def build(options: Options, make_mpm: MakeMPM, standard: tuple[str, ...]) -> Server:
    """The server that a configuration describes. Raises ConfigError with all that is wrong."""
    return Build(options, make_mpm, standard).run()
