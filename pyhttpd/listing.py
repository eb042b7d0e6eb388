"""What the command line lists: versions, modules, directives, virtual hosts, the configuration as read.

The formats are 2.2's, to the letter, since tools read them: -v, -V, -l and -L know no configuration, the
DUMP_ ones are of a server that was built. Each function answers lines; nothing here prints.
"""

import json
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from importlib.util import find_spec
from ipaddress import ip_address
from operator import xor
from typing import TYPE_CHECKING, Any

from pyhttpd import __version__
from pyhttpd.arguments import CONFIG_FILE, HTTPD_ROOT, ROOT_VARIABLE
from pyhttpd.config.mpms import DEFAULT_MPM
from pyhttpd.modules import STANDARD

if TYPE_CHECKING:
    from pyhttpd.config.directive import Directive
    from pyhttpd.config.tree import Directive as Line
    from pyhttpd.core.server import Server
    from pyhttpd.core.site import Notice
    from pyhttpd.core.vhosts import Address, Chain, VirtualHost

    Row = tuple[Address, VirtualHost, Chain | None]

BANNER = f"Apache/2.2.34 (pyhttpd/{__version__})"
MAGIC = "20051115:43"  # 2.2's module magic number: what configuration tools compare
OUR_OWN = "mod_pyhttpd.c"  # the directives that 2.2 has not got
BUILTIN = ("http_core.c", "mod_so.c")
DEFAULTS = {
    "DEFAULT_PIDLOG": "logs/httpd.pid",
    "DEFAULT_SCOREBOARD": "logs/apache_runtime_status",
    "DEFAULT_LOCKFILE": "logs/accept.lock",
    "DEFAULT_ERRORLOG": "logs/error_log",
    "AP_TYPES_CONFIG_FILE": "conf/mime.types",
    "SERVER_CONFIG_FILE": CONFIG_FILE,
}
PLACES = {  # (outside of sections, inside of them)
    (True, True): "anywhere",
    (False, True): "only inside <Directory>, <Files> or <Location>",
    (True, False): "only outside <Directory>, <Files> or <Location>",
}
OVERRIDES = ("AuthConfig", "Options", "FileInfo", "Indexes", "Limit")


def version(_mpm: str = "") -> list[str]:
    """-v"""
    built = f"pyhttpd {__version__}, Python {platform.python_version()}"
    return [f"Server version: {BANNER}", f"Server built:   {built}"]


def settings(mpm: str) -> list[str]:
    """-V: the version, the MPM, and the names that relative paths start from."""
    mpm = mpm or DEFAULT_MPM
    threads = "no" if mpm == "prefork" else "yes (fixed thread count)"
    root = os.environ.get(ROOT_VARIABLE) or HTTPD_ROOT
    return [
        *version(),
        f"Server's Module Magic Number: {MAGIC}",
        f"Architecture:   {platform.architecture()[0].replace('bit', '-bit')}",
        f"Server MPM:     {mpm.capitalize()}",
        f"  threaded:     {threads}",
        "    forked:     yes (variable process count)",
        "Server compiled with....",
        f' -D APACHE_MPM_DIR="pyhttpd/mpm/{mpm}"',
        " -D APR_HAS_SENDFILE",
        " -D APR_HAVE_IPV6 (IPv4-mapped addresses enabled)",
        " -D SINGLE_LISTEN_UNSERIALIZED_ACCEPT",
        " -D AP_HAVE_RELIABLE_PIPED_LOGS",
        f' -D HTTPD_ROOT="{root}"',
        *(f' -D {name}="{value}"' for name, value in DEFAULTS.items()),
    ]


def compiled(mpm: str) -> list[str]:
    """-l: the modules that are there without LoadModule."""
    standard = [f"{name}.c" for name in STANDARD if find_spec(f"pyhttpd.modules.{name}")]
    names = ["core.c", f"{mpm or DEFAULT_MPM}.c", OUR_OWN, *BUILTIN, *standard]
    return ["Compiled in modules:", *(f"  {name}" for name in names)]


def directives(mpm: str) -> list[str]:
    """-L: every directive of the modules of -l, its module, help, and where it may stand."""
    from pyhttpd.core import core_module
    from pyhttpd.core.replay.settings import module as our_own
    from pyhttpd.core.site import shipped
    from pyhttpd.mpm.common import mpm_module

    names = [*(name.removesuffix(".c") for name in BUILTIN), *STANDARD]
    known = [core_module.module, mpm_module(mpm or DEFAULT_MPM), our_own, *filter(None, map(shipped, names))]
    return [
        line
        for module in known
        for directive in module.directives
        for line in _directive(directive, module.source)
    ]


def _directive(directive: "Directive", source: str) -> Iterator[str]:
    from pyhttpd.config.directive import Override, Where

    place = PLACES[bool(directive.where & Where.SERVER), bool(directive.where & Where.DIRECTORY)]
    yield f"{'<' if directive.section else ''}{directive.name} ({source})"
    yield f"\t{directive.doc}"
    if not directive.override:
        yield f"\tAllowed in *.conf {place}"
        return
    admitted = [name for name in OVERRIDES if Override[name.upper()] & directive.override]
    yield f"\tAllowed in *.conf {place} and in .htaccess"
    all_of_them = directive.override == Override.ALL
    yield "\twhen AllowOverride " + ("isn't None" if all_of_them else "includes " + ", ".join(admitted))


def modules(server: "Server") -> list[str]:
    """-M: what is loaded; modules of 2.2 that are accepted but not built yet say so."""
    site = server.site
    return [
        "Loaded Modules:",
        *(f" {m.name} ({'static' if m.name in site.builtin else 'shared'})" for m in site.modules),
        *(f" {name} (shared) not built yet" for name in site.unbuilt),
    ]


def hosts(server: "Server") -> list[str]:
    """-S: the virtual hosts by address; the wildcards last."""
    table = server.by_address
    rows: list[Row] = [(chain.address, chain.first, chain) for chain in table.chains.values()]
    rows += [(address, host, None) for address, host in table.shadowed]
    wild = [row for row in rows if row[0].ip == "*"]
    exact = sorted((row for row in rows if row[0].ip != "*"), key=lambda row: _bucket(row[0].ip))
    lines = ["VirtualHost configuration:"]
    lines += [line for row in exact for line in _host(*row)]
    if wild:
        lines.append("wildcard NameVirtualHosts and _default_ servers:")
        wild.sort(key=lambda row: bool(row[2] and row[2].by_name))
        lines += [line for row in wild for line in _host(*row)]
    return lines


def _bucket(ip: str) -> int:
    """Where 2.2's table of addresses has this one: its listing is in that order."""
    return reduce(xor, ip_address(ip.partition("%")[0]).packed[-4:])


def _host(address: "Address", host: "VirtualHost", chain: "Chain | None") -> Iterator[str]:
    name = address.text if address.ip == "*" else f"[{address.ip}]" if ":" in address.ip else address.ip
    shown = f"{name}:{address.port or '*'}"
    if chain is None or not chain.by_name:
        yield f"{shown:<22} {_named(host)}"
        return
    yield f"{shown:<22} is a NameVirtualHost"
    yield f"         default server {_named(host)}"
    for one, other in chain.hosts:
        yield f"         port {one.port or '*'} namevhost {_named(other)}"


def _named(host: "VirtualHost") -> str:
    return f"{host.name} ({host.location})"


def configuration(server: "Server") -> list[str]:
    """DUMP_CONFIG: the lines that count, after Include and the conditions, with where they stand."""
    return list(_lines(server.tree.root, "", [""]))


def _lines(nodes: Iterable["Line"], indent: str, file: list[str]) -> Iterator[str]:
    from pyhttpd.config.tree import Section

    for node in nodes:
        if node.location.source.name != file[0]:
            file[0] = node.location.source.name
            yield f"# In file: {file[0]}"
        yield f"# {node.location.line:4}:"
        if isinstance(node, Section):
            yield f"{indent}<{node.name} {node.raw}>"
            yield from _lines(node.children, indent + "  ", file)
            yield f"{indent}</{node.name}>"
        else:
            yield f"{indent}{node.name} {node.raw}".rstrip()


def as_json(errors: list[dict[str, object]], warnings: Iterable["Notice"]) -> str:
    """-t --json: all that was found, for editors and other programs."""
    told = [
        {"level": notice.level or "warn", "message": notice.message, "location": str(notice.location or "")}
        for notice in warnings
    ]
    return json.dumps({"ok": not errors, "errors": errors, "warnings": told}, indent=1)


SHOWS: dict[str, Callable[[str], list[str]]] = {
    "-v": version,
    "-V": settings,
    "-l": compiled,
    "-L": directives,
}
DUMPS: dict[str, Callable[[Any], list[str]]] = {
    "DUMP_VHOSTS": hosts,
    "DUMP_MODULES": modules,
    "DUMP_CONFIG": configuration,
}
