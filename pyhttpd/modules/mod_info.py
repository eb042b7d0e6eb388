"""Show how the server is configured: its settings, modules, hooks, and the lines of its configuration.

`SetHandler server-info` gives 2.2's page; the query asks for a part of it: ?config, ?server, ?hooks, ?list,
or the name of a module (?mod_alias.c). The page tells a lot about a machine, so that it belongs behind access
control; the values of directives that hold passwords are not shown, unlike in 2.2. Manual: mod/mod_info.
"""

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyhttpd import __version__
from pyhttpd.config.directive import Where
from pyhttpd.config.merge import PREPEND, merged
from pyhttpd.config.tree import Directive as Line
from pyhttpd.config.tree import Section
from pyhttpd.core import hooks
from pyhttpd.core.canonical import server_name, server_port
from pyhttpd.core.core_module.schema import PerServer as CorePerServer
from pyhttpd.core.errors import signature
from pyhttpd.core.hooks import Phase, ordered
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request
from pyhttpd.core.server import Server
from pyhttpd.core.uri import escape_html

DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
HEAD = f"""\
{DOCTYPE}<html xmlns="http://www.w3.org/1999/xhtml">
<head>
  <title>Server Information</title>
</head>
<body><h1 style="text-align: center">Apache Server Information</h1>
"""
SUBPAGES = (
    '<dl><dt><tt>Subpages:<br /><a href="?config">Configuration Files</a>, '
    '<a href="?server">Server Settings</a>, <a href="?list">Module List</a>, '
    '<a href="?hooks">Active Hooks</a></tt></dt></dl><hr />'
    '<dl><dt><tt>Sections:<br /><a href="#server">Server Settings</a>, '
    '<a href="#startup_hooks">Startup Hooks</a>, <a href="#request_hooks">Request Hooks</a>'
    "</tt></dt></dl><hr />"
)
STARTUP = {
    "Post Configuration": hooks.POST_CONFIG,
    "Open Logs": hooks.OPEN_LOGS,
    "Child Init": hooks.CHILD_INIT,
}
REQUEST = {
    "Pre-Connection": hooks.PRE_CONNECTION,
    "Post-Read Request": hooks.POST_READ_REQUEST,
    "Header Parse": hooks.HEADER_PARSER,
    "Quick Handler": hooks.QUICK_HANDLER,
    "Translate Name": hooks.TRANSLATE_NAME,
    "Map to Storage": hooks.MAP_TO_STORAGE,
    "Check Access": hooks.ACCESS_CHECKER,
    "Verify User ID": hooks.CHECK_USER_ID,
    "Verify User Access": hooks.AUTH_CHECKER,
    "Check Type": hooks.TYPE_CHECKER,
    "Fixups": hooks.FIXUPS,
    "Logging": hooks.LOG_TRANSACTION,
    "Insert Errors": hooks.INSERT_ERROR_FILTER,
}
SECRET = ("authldapbindpassword", "dbdparams")  # directives whose words hold passwords
MAGIC = "20051115:43"


@dataclass(frozen=True, slots=True)
class PerServer:
    """What a site has to say of its modules: (module, HTML)."""

    more: tuple[tuple[str, str], ...] = merged((), PREPEND)


module = Module("info_module", per_server=PerServer)


@module.directive("AddModuleInfo", into="more", where=Where.SERVER)
def add_module_info(name: str, text: str) -> tuple[tuple[str, str], ...]:
    """HTML to show with a module, and the module's name as in mod_alias.c"""
    return ((name, text),)


@module.handler("server-info")
def server_info(request: Request) -> bytes | None:
    """The page, or the part of it that the query names."""
    request.allowed.add("GET")
    if request.method not in ("GET", "HEAD"):
        return None
    request.content_type = "text/html; charset=ISO-8859-1"
    part = None if request.query is None else request.query.lower()
    parts = (HEAD, *_parts(request, part), signature(request, ""), "</body></html>\n")
    return "".join(parts).encode("latin-1", "xmlcharrefreplace")


def _parts(request: Request, part: str | None) -> Iterator[str]:
    server: Server = request.server.server
    modules = server.site.modules[::-1]  # the last one loaded comes first
    if part == "list":
        names = "".join(f"<dd>{found.source}</dd>" for found in modules)
        yield f"<dl><dt>Server Module List</dt>{names}</dl><hr />"
    elif part == "config":
        lines = _Lines(None)
        yield "<dl><dt><strong>Configuration:</strong>\n"
        yield from lines.of(server.tree.root)
        yield "</dl><hr />"
    elif part in PARTS:
        yield from PARTS[part](request)
    elif part is None:
        yield SUBPAGES
        links = (f'<a href="#{found.source}">{found.source}</a>' for found in modules)
        yield f"<dl><dt><tt>Loaded Modules: <br />{', '.join(links)}</tt></dt></dl><hr />"
        for show in PARTS.values():
            yield from show(request)
        for found in modules:
            yield from _module(request, found)
    else:
        chosen = [found for found in modules if found.source.lower() == part]
        yield "".join(_module(request, chosen[0])) if chosen else "<p><b>No such module</b></p>\n"


def _settings(request: Request) -> Iterator[str]:
    """How the server is built and set up."""
    server: Server = request.server.server
    core = request.server.config(CorePerServer)
    mpm = server.site.mpm
    threaded = "no" if mpm == "prefork" else "yes"
    most = server.scoreboard.server.server_limit if server.scoreboard is not None else 0
    name = f"{escape_html(server_name(request))}:{server_port(request)}"
    facts = {
        "Module Magic Number": MAGIC,
        "Hostname/port": name,
        "Timeouts": f"connection: {core.timeout} &nbsp;&nbsp; keep-alive: {core.keep_alive_timeout}",
        "MPM Name": mpm.capitalize(),
        "MPM Information": f"Max Daemons: {most} Threaded: {threaded} Forked: yes",
        "Server Architecture": platform.architecture()[0].replace("bit", "-bit"),
        "Server Root": escape_html(server.site.server_root),
        "Config File": escape_html(server.tree.sources[0].name),
    }
    built = f"pyhttpd {__version__}, Python {platform.python_version()}"
    yield '<h2><a name="server">Server Settings</a></h2><dl>'
    for name, fact in (("Server Version", server.banner), ("Server Built", built)):
        yield f'<dt><strong>{name}:</strong> <font size="+1"><tt>{fact}</tt></font></dt>\n'
    for name, fact in facts.items():
        yield f"<dt><strong>{name}:</strong> <tt>{fact}</tt></dt>\n"
    yield "</dl><hr />"


def _hooks(request: Request) -> Iterator[str]:
    """Who is asked in which phase, in order."""
    modules = request.server.server.site.modules
    for name, title, phases in (("startup", "Startup", STARTUP), ("request", "Request", REQUEST)):
        yield f'<h2><a name="{name}_hooks">{title} Hooks</a></h2>\n<dl>'
        for label, phase in phases.items():
            yield from _hook(label, phase, modules)
        yield "\n</dl>\n<hr />\n"


def _hook(label: str, phase: Phase, modules: Iterable[Module]) -> Iterator[str]:
    sources = {found.name: found.source for found in modules}
    asked = ordered(hook for found in modules for hook in found.hooks if hook.phase is phase)
    if asked:
        yield f"\n<dt><strong>{label}:</strong>\n <br /><tt>\n"
        for hook in asked:
            source = sources[hook.module]
            yield f'&nbsp;&nbsp; {hook.order:02d} <a href="?{source}">{source}</a> <br />'
        yield "\n</tt>\n</dt>\n"


PARTS = {"server": _settings, "hooks": _hooks}


def _module(request: Request, found: Module) -> Iterator[str]:
    """All there is to say of one module."""
    name = found.source
    handles = found.handlers or any(hook.phase is hooks.HANDLER for hook in found.hooks)
    phases = [label for label, phase in REQUEST.items() if any(hook.phase is phase for hook in found.hooks)]
    yield f'<dl><dt><a name="{name}"><strong>Module Name:</strong></a> '
    yield f'<font size="+1"><tt><a href="?{name}">{name}</a></tt></font></dt>\n'
    yield f"<dt><strong>Content handlers:</strong> <tt> {'yes' if handles else 'none'}</tt></dt>"
    yield f"<dt><strong>Configuration Phase Participation:</strong>\n{_listed(_configures(found))}</dt>"
    yield f"<dt><strong>Request Phase Participation:</strong>\n{_listed(phases)}</dt>\n"
    yield from _directives(request.server.server, found)
    more = next((text for source, text in request.server.config(PerServer).more if source == name), None)
    if more is not None:
        yield f"<dt><strong>Additional Information:</strong>\n</dt><dd>{more}</dd>"
    yield "</dl><hr />\n"


def _configures(found: Module) -> Iterator[str]:
    for schema, kind in ((found.per_dir, "Directory"), (found.per_server, "Server")):
        if schema is not None:
            yield from (f"Create {kind} Config", f"Merge {kind} Configs")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"<tt>{word}</tt>" for word in words) or "<tt> <em>none</em></tt>"


def _directives(server: Server, found: Module) -> Iterator[str]:
    """What the module knows, and the lines of the configuration that are for it."""
    if not found.directives:
        yield "<dt><strong>Module Directives:</strong> <tt>none</tt></dt>"
        return
    yield "<dt><strong>Module Directives:</strong></dt>"
    for directive in found.directives:
        name = f"&lt;{directive.name}&gt;" if directive.section else directive.name
        yield f"<dd><tt>{name} - <i>{escape_html(directive.doc)}</i></tt></dd>\n"
    yield "<dt><strong>Current Configuration:</strong></dt>\n"
    names = {name.lower() for directive in found.directives for name in (directive.name, *directive.aliases)}
    yield from _Lines(names).of(server.tree.root)


@dataclass
class _Lines:
    """The lines of the configuration with certain names (None: all), and the sections that they stand in."""

    names: set[str] | None
    file: str = ""

    def of(self, nodes: Iterable[Any], depth: int = 0) -> Iterator[str]:
        """HTML, a line for a line, with the file named wherever it changes."""
        for node in nodes:
            if isinstance(node, Section):
                yield from self._section(node, depth)
            elif self._wanted(node):
                arguments = "(not shown)" if node.key in SECRET else node.raw
                text = f"{escape_html(node.name)} <i>{escape_html(arguments)}</i>"
                yield from self._line(node, node.location.line, depth, text)

    def _wanted(self, node: Line) -> bool:
        return self.names is None or node.key in self.names

    def _section(self, node: Section, depth: int) -> Iterator[str]:
        inside = [*_Lines(self.names, node.location.source.name).of(node.children, depth + 1)]
        if inside or self._wanted(node):
            opening = f"&lt;{escape_html(node.name)} {escape_html(node.raw)}&gt;"
            yield from self._line(node, node.location.line, depth, opening)
            yield from inside
            yield from self._line(node, 0, depth, f"&lt;/{escape_html(node.name)}&gt;")

    def _line(self, node: Line | Section, number: int, depth: int, text: str) -> Iterator[str]:
        name = node.location.source.name
        if name != self.file:
            self.file = name
            yield f"<dd><tt><strong>In file: {escape_html(name)}</strong></tt></dd>\n"
        label = f"{number:4}".replace(" ", "&nbsp;")
        yield f"<dd><tt>{label}:&nbsp;{'&nbsp;&nbsp;' * depth}{text}</tt></dd>\n"
