"""Which virtual host a request is for: first the local address, then the name.

The rules are 2.2's (server/vhost.c; manual: vhosts/details). An address chooses a `Chain`: an exact ip:port
before ip:*, those before the wildcards (`*:port` and `_default_:port` before `*`), and the main server
last. Only a chain that a NameVirtualHost line announced is searched by name; in any other the first virtual
host serves every name.
"""

import re
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from pyhttpd.config.merge import Layer
from pyhttpd.core.core_module.of_server import HOST_PORT
from pyhttpd.core.core_module.schema import PerDir, PerServer
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
        return self.layer.settings(schema)

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

    @property
    def first(self) -> VirtualHost:
        return self.hosts[0][1]


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
        for host in self._candidates(request, chain):
            request.server = host
            request.layer = host.layer
            request.step("vhosts", f"virtual host {host.name}", host.location)
            return

    def _candidates(self, request: Request, chain: Chain) -> Iterator[VirtualHost]:
        port = request.connection.local[1]
        fitting = [(a, h) for a, h in chain.hosts if a.port in (0, port)]
        if request.hostname:
            for address, host in fitting:
                if address.text.lower() == request.hostname or host.answers_to(request.hostname):
                    yield host
        else:
            for _, host in fitting:
                prefix = host.own.settings(PerServer).path
                if prefix and (request.uri + "/").startswith(prefix.rstrip("/") + "/"):
                    yield host


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


def server_name(request: Request) -> str:
    """The name for URLs that point here, by UseCanonicalName."""
    canonical = request.config(PerDir).canonical_name
    if canonical == "off" and request.hostname:
        return request.hostname
    if canonical == "dns":
        request.blocks("the server's host name was looked up")
        return _reverse(request.connection.local[0]) or request.server.name
    return request.server.name


def _reverse(ip: str) -> str:
    try:
        return socket.gethostbyaddr(ip)[0]
    except OSError:
        return ""


def server_port(request: Request) -> int:
    """The port for URLs that point here, by UseCanonicalName and UseCanonicalPhysicalPort."""
    settings = request.config(PerDir)
    asked: int = request.notes.get("host_port", 0) if settings.canonical_name != "on" else 0
    physical = request.connection.local[1] if settings.physical_port else 0
    order = (
        (request.server.port, physical)
        if settings.canonical_name == "on"
        else (physical, request.server.port)
    )
    return asked or order[0] or order[1] or default_port(request)


def scheme(request: Request) -> str:
    """https on a secured connection, or where ServerName says so; else http."""
    return (
        "https" if request.connection.secure or request.server.config(PerServer).scheme == "https" else "http"
    )


def default_port(request: Request) -> int:
    """The port that a URL of this server's scheme need not name."""
    return 443 if scheme(request) == "https" else 80


def construct_url(request: Request, path: str) -> str:
    """An absolute URL of this server; the port is left out where it is the scheme's own."""
    name, port = server_name(request), server_port(request)
    name = f"[{name}]" if ":" in name else name
    return f"{scheme(request)}://{name}{'' if port == default_port(request) else f':{port}'}{path}"
