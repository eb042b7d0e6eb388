"""Which virtual host a request is for: first the local address, then the name.

The rules are 2.2's (server/vhost.c; manual: vhosts/details). An address chooses a `Chain`: an exact ip:port
before ip:*, those before the wildcards (`*:port` and `_default_:port` before `*`), and the main server
last. Only a chain that a NameVirtualHost line announced is searched by name; in any other the first virtual
host serves every name.
"""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from pyhttpd.config.merge import Layer
from pyhttpd.core.core_module.of_server import HOST_PORT
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.request import Request
from pyhttpd.core.sections import SectionTable
from pyhttpd.core.uri import match_name
from pyhttpd.diagnostics import Location
from pyhttpd.http.status import HTTPError

if TYPE_CHECKING:
    from pyhttpd.core.errorlog import ErrorLog
    from pyhttpd.core.server import Server

Settings = TypeVar("Settings")
Warn = Callable[[str, str], None]
ANY = "*"
MOST_NAMES = 4096  # whose hosts are remembered; clients may ask for anything
BAD_HOST = re.compile(r"[\x00-\x20/\\\x7f]|\.\.|^\.")


@dataclass(eq=False)
class VirtualHost:
    """A server or virtual host: its settings, names and log."""

    server: "Server"
    layer: Layer  # the main server's settings with its own over them
    own: Layer
    location: Location | None
    addresses: tuple[str, ...] = ()  # as written in <VirtualHost>
    name: str = ""
    port: int = 0
    error_log: "ErrorLog | None" = None
    names: tuple[str, ...] = field(init=False)
    main: bool = field(init=False)
    sections: SectionTable = field(init=False)

    def __post_init__(self) -> None:
        self.main = self.own is self.layer
        settings = self.config(PerServer)
        self.name, self.port = self.name or settings.name, settings.port
        self.names = self.own.settings(PerServer).aliases
        self.sections = SectionTable(self.layer)

    def config(self, schema: type[Settings]) -> Settings:
        """This host's settings of a module."""
        found: Settings | None = self.layer.built.get(schema)
        return self.layer.settings(schema) if found is None else found

    def log(self, level: str, message: str, request: Request | None = None) -> None:
        """A line in this host's error log."""
        if self.error_log is not None:
            self.error_log.write(level, message, request)

    def answers_to(self, host: str) -> bool:
        """Whether a (lower-case) host name is this host's name or one of its aliases."""
        if self.name.lower() == host:
            return True
        return any(
            alias == host or (("*" in alias or "?" in alias) and match_name(alias, host))
            for alias in self.names
        )


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a virtual host. `ip` is `*` for any; port 0 for any."""

    ip: str
    port: int
    text: str  # the host part as written, which a Host field may repeat


@dataclass(slots=True, eq=False)
class Chain:
    """The virtual hosts at one address."""

    address: Address
    hosts: list[tuple[Address, VirtualHost]] = field(default_factory=list)
    by_name: bool = False
    location: Location | None = None
    known: dict[tuple[str, int], VirtualHost | None] = field(default_factory=dict)  # names asked for lately

    @property
    def first(self) -> VirtualHost:
        return self.hosts[0][1]

    def at_port(self, port: int) -> list[tuple[Address, VirtualHost]]:
        """Those that this port may choose."""
        return [(address, host) for address, host in self.hosts if address.port in (0, port)]

    def named(self, name: str, port: int) -> VirtualHost | None:
        """The first host with a (lower-case) name; however many there are, a name is looked for once."""
        if (name, port) in self.known:
            return self.known[name, port]
        fitting = self.at_port(port)
        found = next((h for a, h in fitting if a.text.lower() == name or h.answers_to(name)), None)
        if len(self.known) >= MOST_NAMES:
            self.known.clear()
        self.known[name, port] = found
        return found

    def below(self, uri: str, port: int) -> VirtualHost | None:
        """The first host whose ServerPath holds a URI, for clients that name no host."""
        for _, host in self.at_port(port):
            prefix = host.own.settings(PerServer).path
            if prefix and (uri + "/").startswith(prefix.rstrip("/") + "/"):
                return host
        return None


class Hosts:
    """All virtual hosts of a server, ready to be looked up."""

    def __init__(self, main: VirtualHost, virtual: Iterable[VirtualHost], warn: Warn) -> None:
        self.main, self.virtual, self._warn = main, list(virtual), warn
        self.chains: dict[tuple[str, int], Chain] = {}
        self.shadowed: list[tuple[Address, VirtualHost]] = []  # never chosen: another host has the address
        for text, location in main.config(PerServer).name_virtual_hosts:
            for address in resolve(text, 0, warn):
                chain = Chain(address, by_name=True, location=location)
                self.chains.setdefault((address.ip, address.port), chain)
        for host in self.virtual:
            for text in host.addresses:
                for address in resolve(text, main.port, warn):
                    self._add(host, address)
            self._name(host)
        self._warn_of_empty_chains()

    def _add(self, host: VirtualHost, address: Address) -> None:
        chain = self.chains.get((address.ip, address.port)) or self._mixed(address)
        if chain is None:
            chain = self.chains[address.ip, address.port] = Chain(address, location=host.location)
        elif not chain.by_name:
            self._warn(overlap(address, chain.address), "warn")
            self.shadowed.append((address, host))
            return
        elif chain.address.port != address.port:
            shown = f"{address.text}:{address.port}"
            self._warn(
                f"VirtualHost {shown} -- mixing * ports and non-* ports with a NameVirtualHost address "
                "is not supported, proceeding with undefined results",
                "error",
            )
        chain.hosts.append((address, host))

    def _mixed(self, address: Address) -> Chain | None:
        """A name chain for the same address where one of the two ports is *; of any address, only its own."""
        for (ip, port), chain in self.chains.items():
            either = not port or (not address.port and ip != ANY)
            if chain.by_name and ip == address.ip and either:
                return chain
        return None

    def _name(self, host: VirtualHost) -> None:
        if not host.name:
            host.name = self.main.name

    def _warn_of_empty_chains(self) -> None:
        for key, chain in list(self.chains.items()):
            if not chain.hosts:
                shown = f"{chain.address.text}:{chain.address.port}"
                self._warn(f"NameVirtualHost {shown} has no VirtualHosts", "warn")
                del self.chains[key]

    def at(self, ip: str, port: int) -> Chain | None:
        """The chain for a local address; None is the main server."""
        for key in ((ip, port), (ip, 0), (ANY, port), (ANY, 0)):
            if (chain := self.chains.get(key)) is not None:
                return chain
        return None

    def select(self, request: Request, chain: Chain | None) -> None:
        """Choose `request.server` by name. Raises HTTPError 400 for a Host field that cannot be one."""
        read_host(request)
        if chain is None or not chain.by_name:
            return
        port = request.connection.local[1]
        name = request.hostname
        host = chain.named(name, port) if name else chain.below(request.uri, port)
        if host is not None:
            request.server = host
            request.layer = host.layer
            request.step("vhosts", f"virtual host {host.name}", host.location)


def overlap(address: Address, first: Address) -> str:
    """2.2's warning for two virtual hosts that only a NameVirtualHost could tell apart."""
    if address.ip == ANY:
        return f"_default_ VirtualHost overlap on port {address.port}, the first has precedence"
    return (
        f"VirtualHost {address.text}:{address.port} overlaps with VirtualHost {first.text}:{first.port}, "
        "the first has precedence, perhaps you need a NameVirtualHost directive"
    )


def resolve(text: str, default_port: int, warn: Warn) -> list[Address]:
    """The addresses that a <VirtualHost> or NameVirtualHost argument names; none if it does not resolve."""
    found = HOST_PORT.match(text)
    host = found["host"] if found else text
    port = default_port if not found or found["port"] is None else _port(found["port"])
    if host.lower() in (ANY, "_default_", "0.0.0.0", "[::]"):
        return [Address(ANY, port, host)]
    try:
        infos = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        warn(f"(EAI 2)Name or service not known: Could not resolve host name {host} -- ignoring!", "error")
        return []
    return [Address(ip, port, host) for ip in dict.fromkeys(str(info[4][0]) for info in infos)]


def _port(text: str) -> int:
    return 0 if text == ANY else int(text)


def read_host(request: Request) -> None:
    """Set `request.hostname` from the target or the Host field. Raises HTTPError 400 if it is malformed."""
    named = request.notes.get("authority") or request.header("Host")
    if named is None:
        return
    name, port = split_host(named)
    if name is None:
        request.log("error", f"Client sent malformed Host header: {named}")
        raise HTTPError(400)
    request.hostname = name
    if port:
        request.notes["host_port"] = port


@lru_cache(maxsize=1024)
def split_host(named: str) -> tuple[str | None, int]:
    """(name, port) of a Host field; name None where it is malformed, "" where it is empty."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::(\d{0,5}))?", named.strip())
    if not found or BAD_HOST.search(found[1]):
        return None, 0
    port = int(found[2] or 0)
    if found[2] and not 0 < port < 65536:
        return None, 0
    return found[1].lower().removesuffix(".").strip("[]"), port
