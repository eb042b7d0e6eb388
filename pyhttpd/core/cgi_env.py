"""The environment of scripts (RFC 3875, 4.1, and Apache's additions), put into `request.env`.

CGI programs get all of it, server-side includes too. As in 2.2 it is written over what SetEnv and its kin
set, and an internal redirect passes it on with REDIRECT_ in front. Authorization is kept from scripts:
whoever may list processes could read passwords. So is Proxy: HTTP_PROXY means something else to programs.

One thing is stricter than 2.2: of two fields that become one variable (X-User and X_User), the one that is
spelled with letters, digits and hyphens counts, so that a client cannot cover up what a proxy before us set.
"""

import os
import re
from functools import lru_cache

from pyhttpd.core.canonical import server_name, server_port
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.errors import signature
from pyhttpd.core.hostnames import remote_host
from pyhttpd.core.request import Request
from pyhttpd.core.subrequest import lookup_uri
from pyhttpd.core.uri import escape_html, escape_uri

INCLUDED = "INCLUDED"
"""The protocol of a subrequest that server-side includes make (CGI scripts see it as SERVER_PROTOCOL)."""

DEFAULT_PATH = "/bin:/usr/bin:/usr/ucb:/usr/bsd:/usr/local/bin"
KEPT_BACK = frozenset(("proxy", "authorization", "proxy-authorization"))
OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH", "SHLIB_PATH")
_NOT_IN_NAMES = re.compile("[^A-Za-z0-9]")
_NOT_IN_VARIABLES = re.compile("[^A-Za-z0-9_]|^[0-9]")


def add_common_vars(request: Request) -> None:
    """What every kind of script sees: header fields, server and client (ap_add_common_vars)."""
    host, connection = request.server, request.connection
    settings = host.config(PerServer)
    env = request.env
    env.update(_fields(request))
    env["PATH"] = os.environ.get("PATH", DEFAULT_PATH)
    env.update({name: os.environ[name] for name in PASSED_ON if name in os.environ})
    env["SERVER_SIGNATURE"] = signature(request, prefix="")
    env["SERVER_SOFTWARE"] = host.server.software
    env["SERVER_NAME"] = escape_html(server_name(request))
    env["SERVER_ADDR"] = connection.local[0]
    env["SERVER_PORT"] = str(server_port(request))
    if name := remote_host(request):
        env["REMOTE_HOST"] = name
    env["REMOTE_ADDR"] = request.client_ip
    env["DOCUMENT_ROOT"] = settings.document_root
    env["SERVER_ADMIN"] = settings.admin
    env["SCRIPT_FILENAME"] = request.filename or ""
    env["REMOTE_PORT"] = str(connection.client[1])
    _add_user(request)
    if request.prev is not None:
        if request.prev.query is not None:
            env["REDIRECT_QUERY_STRING"] = request.prev.query
        env["REDIRECT_URL"] = request.prev.uri


def add_cgi_vars(request: Request) -> None:
    """What RFC 3875 asks for beyond that (ap_add_cgi_vars)."""
    env = request.env
    env["GATEWAY_INTERFACE"] = "CGI/1.1"
    env["SERVER_PROTOCOL"] = request.protocol
    env["REQUEST_METHOD"] = request.method
    env["QUERY_STRING"] = request.query or ""
    env["REQUEST_URI"] = original_uri(request)
    env["SCRIPT_NAME"] = request.uri
    if not request.path_info:
        return
    if request.protocol != INCLUDED:
        env["SCRIPT_NAME"] = request.uri[: path_info_start(request.uri, request.path_info)]
    env["PATH_INFO"] = request.path_info
    found = lookup_uri(request, escape_uri(request.path_info))
    if found.filename:
        env["PATH_TRANSLATED"] = found.filename + found.path_info


def environment(variables: dict[str, str]) -> dict[bytes, bytes]:
    """Variables as a process takes them: names made of letters, digits and underscores, no NUL anywhere."""
    given = {"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}
    return {_variable(name): encoded(value) for name, value in (given | variables).items() if name}


@lru_cache(maxsize=1024)
def _variable(name: str) -> bytes:
    return encoded(_NOT_IN_VARIABLES.sub("_", name))


def encoded(text: str) -> bytes:
    """The bytes that a text stands for, up to a NUL."""
    return text.encode("utf-8", "surrogateescape").partition(b"\0")[0]


def original_uri(request: Request) -> str:
    """The target as the client sent it, whatever redirects have come since."""
    words = request.line.split()
    return words[1] if len(words) > 1 else ""


def path_info_start(uri: str, path_info: str) -> int:
    """Where in a URL the path information begins: the longest common end, from a slash on.

    Several slashes in the URL stand for one (ap_find_path_info).
    """
    at, left = len(uri), len(path_info)
    while at and left and uri[at - 1] == path_info[left - 1]:
        at, left = at - 1, left - 1
        if path_info[left] == "/":
            while at and uri[at - 1] == "/":
                at -= 1
    slash = uri.find("/", at)
    return len(uri) if slash < 0 else slash


def _fields(request: Request) -> dict[str, str]:
    plain: dict[str, str] = {}
    other: dict[str, str] = {}
    for name, value in request.headers_in.items():
        variable, is_plain = _of_field(name)
        if variable:
            (plain if is_plain else other)[variable] = value
    return other | plain


@lru_cache(maxsize=1024)
def _of_field(name: str) -> tuple[str, bool]:
    """The variable for a field, "" for one that is kept back; whether nothing in its name was replaced."""
    key = name.lower()
    if key in KEPT_BACK:
        return "", False
    variable = OWN_NAMES.get(key) or "HTTP_" + _NOT_IN_NAMES.sub("_", name).upper()
    return variable, re.fullmatch("[a-z0-9-]+", key) is not None


def _add_user(request: Request) -> None:
    if request.user is not None:
        request.env["REMOTE_USER"] = request.user
    else:
        before = request.prev
        while before is not None and before.user is None:
            before = before.prev
        if before is not None and before.user is not None:
            request.env["REDIRECT_REMOTE_USER"] = before.user
    if request.auth_type:
        request.env["AUTH_TYPE"] = request.auth_type
