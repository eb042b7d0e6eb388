"""The request that is imagined: from a URL and options to the bytes a client would send, and where to.

The address that the connection goes to decides among virtual hosts. Where nobody says it, it is one at which
the configuration has a virtual host of the URL's name, else one it listens to, else loopback.
"""

import base64
import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.mpm.common import MPMSettings

if TYPE_CHECKING:
    from pyhttpd.core.server import Server
    from pyhttpd.core.vhosts import VirtualHost

LOOPBACK = "127.0.0.1"
DEFAULT_PORTS = {"http": 80, "https": 443}
URL = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>\[[^]/]*\]|[^/:?#]*)(?::(?P<port>\d{1,5}))?(?P<target>[/?].*|)",
    re.IGNORECASE | re.DOTALL,
)
AS_SENT = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"  # all that is printable but the blank goes out as it is


@dataclass(frozen=True)
class Asked:
    """One request, and both ends of its connection."""

    method: str
    target: str
    host: str  # the Host field; empty for none
    scheme: str
    client: str
    local: tuple[str, int]
    fields: tuple[str, ...] = ()  # further header fields, `Name: value`
    body: bytes | None = None
    notes: tuple[str, ...] = field(default=())  # what was assumed

    @property
    def url(self) -> str:
        """The URL, for people."""
        return f"{self.scheme}://{self.host}{self.target}" if self.host else self.target

    def wire(self) -> bytes:
        """What a client would send."""
        given = {one.partition(":")[0].strip().lower() for one in self.fields}
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        if "host" not in given:
            lines.append(f"Host: {self.host}")
        lines += self.fields
        if self.body is not None and not given & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(self.body)}")
        head = "".join(f"{line}\r\n" for line in lines) + "\r\n"
        return head.encode("utf-8", "surrogateescape") + (self.body or b"")


def asked(
    server: "Server",
    url: str,
    method: str,
    fields: Iterable[str],
    client: str = LOOPBACK,
    to: str = "",
    body: bytes | None = None,
) -> Asked:
    """The request for a URL (or a path alone) of a server. Raises ValueError for what is none."""
    found = URL.fullmatch(url.partition("#")[0])
    if found is None:
        raise ValueError(f"{url} is no URL")
    scheme = (found["scheme"] or "http").lower()
    name = found["host"] or server.main.name
    port = int(found["port"] or 0) or (DEFAULT_PORTS[scheme] if found["host"] else _ports(server)[0])
    for one in fields:
        if not re.fullmatch(r"[!-9;-~]+:.*", one):
            raise ValueError(f"{one} is no header field: write 'Name: value'")
    ipaddress.ip_address(client)
    local, note = _local(server, (found["host"] or "").strip("[]").lower(), port, to)
    host = name if port == DEFAULT_PORTS[scheme] else f"{name}:{port}"
    target = quote(found["target"] or "/", safe=AS_SENT)
    target = target if target.startswith("/") else f"/{target}"
    return Asked(method, target, host, scheme, client, local, tuple(fields), body, (note,) if note else ())


def login(user: str) -> str:
    """The header field that says `name:password`."""
    return "Authorization: Basic " + base64.b64encode(user.encode("utf-8", "surrogateescape")).decode()


def _local(server: "Server", name: str, port: int, to: str) -> tuple[tuple[str, int], str]:
    """Where the connection goes, and why there."""
    if to:
        ip, given = _address(to)
        return (ip, given or port), ""
    if _is_address(name):
        return (name, port), ""
    for (ip, of_port), chain in server.by_address.chains.items():
        if ip != "*" and of_port in (0, port) and any(_named(host, name) for _, host in chain.hosts):
            return (ip, port), f"the virtual host {name} is at this address"
    listening = list(_listening(server, port))
    if not listening:
        return (LOOPBACK, port), f"no Listen line names port {port}"
    return (LOOPBACK if LOOPBACK in listening else listening[0], port), ""


def _named(host: "VirtualHost", name: str) -> bool:
    """Whether a virtual host has this name, and not only the main server's because it has none."""
    return bool(name and (host.own.settings(PerServer).name or host.names) and host.answers_to(name))


def _listening(server: "Server", port: int) -> Iterator[str]:
    for line in server.main.config(MPMSettings).listens:
        if line.port == port:
            yield from (LOOPBACK if ip in ("0.0.0.0", "::", "*", "") else ip for ip in line.addresses)


def _ports(server: "Server") -> list[int]:
    """The ports of Listen lines; 2.2 listens to none without them."""
    return [line.port for line in server.main.config(MPMSettings).listens] or [80]


def _address(text: str) -> tuple[str, int]:
    """`ip`, `ip:port` or `[ip]:port`. Raises ValueError."""
    found = re.fullmatch(r"\[?(?P<ip>[0-9a-fA-F:]+(?=\]|$)|[0-9.]+)\]?(?::(?P<port>\d{1,5}))?", text)
    if found is None or not _is_address(found["ip"]):
        raise ValueError(f"{text} is no address")
    return found["ip"], int(found["port"] or 0)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
