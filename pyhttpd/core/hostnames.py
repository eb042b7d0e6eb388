"""The client's host name, looked up once per connection and only when somebody needs it.

A name counts for access only if it leads back to the address it came from (a double reverse look-up), because
whoever owns an address can give it any name. Manual: core, HostnameLookups; mod_authz_host, Allow.
"""

import socket

from pyhttpd.core.core_module.schema import PerDir
from pyhttpd.core.request import Request

VERIFIED = "hostname-verified"


def remote_host(request: Request) -> str | None:
    """The name HostnameLookups gives the client, None where nobody knows one.

    Where it is Off, a name that was looked up for another reason is given, as in 2.2.
    """
    lookups = request.config(PerDir).lookups
    if lookups == "off":
        if request.journal is not None:
            request.journal.never_again("other connections may know a name of the client, or none")
        return request.connection.remote_host or None
    return verified_host(request) if lookups == "double" else _reverse(request)


def verified_host(request: Request) -> str | None:
    """The client's name if it leads back to its address, whatever HostnameLookups says."""
    name = _reverse(request)
    notes = request.connection.notes
    if name and VERIFIED not in notes:
        notes[VERIFIED] = _leads_back(name, request.client_ip)
    return name if name and notes[VERIFIED] else None


def _reverse(request: Request) -> str | None:
    connection = request.connection
    if connection.remote_host is None:
        request.blocks("the client's host name is looked up")
        try:
            connection.remote_host = socket.gethostbyaddr(request.client_ip)[0].lower()
        except (OSError, UnicodeError):
            connection.remote_host = ""
    return connection.remote_host or None


def _leads_back(name: str, address: str) -> bool:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return address in {str(entry[4][0]).removeprefix("::ffff:") for entry in found}
