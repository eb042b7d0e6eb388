"""Methods: which there are, and what the Allow field says."""

from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.request import Request

REGISTERED = (
    *("GET", "PUT", "POST", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"),
    *("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK"),
    *("VERSION-CONTROL", "CHECKOUT", "UNCHECKOUT", "CHECKIN", "UPDATE", "LABEL", "REPORT"),
    *("MKWORKSPACE", "MKACTIVITY", "BASELINE-CONTROL", "MERGE"),
)


def is_known(request: Request) -> bool:
    """Whether a request's method is one of 2.2's, or registered by the configuration."""
    if request.method in REGISTERED or request.method == "HEAD":
        return True
    return request.method in request.server.server.main.config(PerServer).methods


def allow(request: Request) -> str:
    """The Allow field: what handlers allowed, GET standing for HEAD as well, and TRACE unless it was turned
    off.

    TRACE is only answered where it was turned on, but a server that says nothing of it lists it, as 2.2's
    does.
    """
    listed: list[str] = []
    for method in (*REGISTERED, *sorted(request.allowed.difference(REGISTERED))):
        if method in request.allowed:
            listed += [method, "HEAD"] if method == "GET" else [method]
    if request.server.config(PerServer).trace != "off":
        listed.append("TRACE")
    return ",".join(listed)
