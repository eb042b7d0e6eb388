"""How this server calls itself in URLs that point back to it: scheme, name and port.

Manual: core, UseCanonicalName and UseCanonicalPhysicalPort (server/core.c: ap_get_server_name,
ap_get_server_port).
"""

import socket

from pyhttpd.core.core_module.schema import PerDir, PerServer
from pyhttpd.core.request import Request


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
    named = request.server.port
    first, second = (named, physical) if settings.canonical_name == "on" else (physical, named)
    return asked or first or second or default_port(request)


def scheme(request: Request) -> str:
    """https on a secured connection, or where ServerName says so; else http."""
    secured = request.connection.secure or request.server.config(PerServer).scheme == "https"
    return "https" if secured else "http"


def default_port(request: Request) -> int:
    """The port that a URL of this server's scheme need not name."""
    return 443 if scheme(request) == "https" else 80


def construct_url(request: Request, path: str) -> str:
    """An absolute URL of this server; the port is left out where it is the scheme's own."""
    name, port = server_name(request), server_port(request)
    name = f"[{name}]" if ":" in name else name
    return f"{scheme(request)}://{name}{'' if port == default_port(request) else f':{port}'}{path}"
