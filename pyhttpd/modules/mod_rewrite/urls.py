"""URLs in results: which texts are one, whether it is ours, how it is escaped for a redirect.

What counts as a URL are 2.2's schemes and no others: a result of any other form is a path.
"""

import re
from typing import TYPE_CHECKING

from pyhttpd.core.canonical import construct_url, default_port, scheme
from pyhttpd.core.core_module.of_server import HOST_PORT
from pyhttpd.core.uri import escape_uri

if TYPE_CHECKING:
    from pyhttpd.core.request import Request

SCHEMES = re.compile(
    r"(?:(?:ajp|balancer|fcgi|ftp|gopher|https?|ldap|nntp|scgi)://|mailto:|news:)", re.IGNORECASE
)
SHORTEST = 6
AUTHORITY = re.compile(r"[^/]*/?")
OWN = re.compile(
    r"(?P<scheme>[A-Za-z]+)://(?P<host>[^/:]*)(?P<colon>:(?P<port>[0-9]*)[^/]*)?(?P<path>.*)", re.DOTALL
)
_NOT_ALPHANUMERIC = re.compile(rb"[^A-Za-z0-9_]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def scheme_length(target: str) -> int:
    """How long the `http://` (or `mailto:` ...) is that a URL begins with; 0 for a path."""
    if target[:1] == "/" or len(target) < SHORTEST:
        return 0
    found = SCHEMES.match(target)
    return found.end() if found else 0


def qualified(request: "Request", target: str) -> str:
    """The target as a URL, of this server unless it is one already."""
    if scheme_length(target):
        return target
    return construct_url(request, target if target.startswith("/") else f"/{target}")


def own_path(request: "Request", url: str) -> str | None:
    """The path of a URL that leads to this very server or virtual host; None for any other text."""
    found = OWN.fullmatch(url)
    if not found or found["scheme"].lower() != scheme(request):
        return None
    port = int(found["port"][:9] or 0) if found["colon"] else default_port(request)
    return (found["path"] or "/") if _is_ours(request, found["host"], port) else None


def _is_ours(request: "Request", host: str, port: int) -> bool:
    """By an address in <VirtualHost>, else by port and name (server/vhost.c: ap_matches_request_vhost)."""
    server = request.server
    for address in server.addresses:
        found = HOST_PORT.match(address)
        name, its_port = (found["host"], found["port"]) if found else (address, None)
        if its_port in (None, "*", str(port)) and name.lower() == host.lower():
            return True
    return port == server.port and server.answers_to(host.lower())


def escaped_url(url: str, length: int) -> str:
    """A URL with the path behind its authority escaped; the parts of an LDAP one, each for itself."""
    begin = length
    if url[length - 1] == "/":
        begin = AUTHORITY.match(url, length).end()  # type: ignore[union-attr]
        if url[:4].lower() == "ldap":
            return url[:begin] + "?".join(map(escape_uri, url[begin:].split("?", 4)))
    return url[:begin] + escape_uri(url[begin:])


def on_one_line(url: str) -> str:
    """A URL fit for a header field: NE leaves everything as it is, but line ends must not get there."""
    return _CONTROL.sub(lambda found: f"%{ord(found[0]):02x}", url)


def escape_all(text: str) -> str:
    """Everything but letters, digits and _ as %xx, blanks as +: what the B flag does to groups."""
    if text.isascii() and text.replace("_", "a").isalnum():
        return text
    return _NOT_ALPHANUMERIC.sub(_byte, text.encode("utf-8", "surrogateescape")).decode()


def _byte(found: re.Match[bytes]) -> bytes:
    return b"+" if found[0] == b" " else b"%%%02x" % found[0][0]
