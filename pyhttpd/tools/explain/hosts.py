"""Why a request is this virtual host's: the address that chose some hosts, the name that chose one."""

from typing import TYPE_CHECKING, NamedTuple

from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.uri import match_name
from pyhttpd.diagnostics import Location

if TYPE_CHECKING:
    from pyhttpd.core.request import Request
    from pyhttpd.core.vhosts import Chain, VirtualHost


class Reason(NamedTuple):
    """One sentence, and the line it is about."""

    text: str
    location: Location | None
    decides: bool = True


def reasons(request: "Request", chain: "Chain | None") -> list[Reason]:
    """How the host of a request was found, in the order it was looked for."""
    ip, port = request.connection.local
    host = request.server
    if chain is None:
        return [Reason(f"no <VirtualHost> has the address {ip}:{port}: the main server {host.name}", None)]
    if not chain.by_name:
        count = len(chain.hosts)
        text = f"the address {ip}:{port} is {host.name}'s" + (" alone" if count == 1 else ", the first of it")
        return [Reason(text, host.location)]
    shown = f"{chain.address.ip}:{chain.address.port or '*'}"
    found = [Reason(f"NameVirtualHost {shown} has {_count(len(chain.hosts))}", chain.location, False)]
    asked = request.hostname
    if asked and (by := _answers(host, chain, asked)) is not None:
        return [*found, Reason(f"{host.name} is the first that answers to {asked}", host.location), by]
    if not asked and (prefix := host.own.settings(PerServer).path) and host is not chain.first:
        line = host.own.line(PerServer, "path")
        why = f"{host.name}: there is no Host field, but the URL begins with its ServerPath"
        return [*found, Reason(why, host.location), Reason(f"by its ServerPath {prefix}", line)]
    why = f"no host answers to {asked}" if asked else "there is no Host field"
    return [*found, Reason(f"{host.name}: {why}, so the first of them serves it", host.location)]


def _count(hosts: int) -> str:
    return "one host" if hosts == 1 else f"{hosts} hosts"


def _answers(host: "VirtualHost", chain: "Chain", asked: str) -> Reason | None:
    """What of a host is this name, and the line that says so."""
    if host.name.lower() == asked:
        return Reason(f"by its ServerName {host.name}", host.own.line(PerServer, "name"))
    for alias in host.names:
        if alias == asked or match_name(alias, asked):
            return Reason(f"by its ServerAlias {alias}", host.own.line(PerServer, "aliases", alias))
    for address, one in chain.hosts:
        if one is host and address.text.lower() == asked:
            return Reason(f"by its <VirtualHost {address.text}>", host.location)
    return None
