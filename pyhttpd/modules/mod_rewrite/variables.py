"""`%{NAME}`: what of the request, connection, server and clock rules may read.

Whatever an answer may depend on is read through the request, so that the journal knows. Unknown variables
are empty. `%{LA-U:NAME}` asks what NAME will be once the URL has gone through all phases, `%{LA-F:NAME}` the
same of the file; both ask a subrequest, unless that would ask itself for ever.
"""

import grp
import os
import pwd
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyhttpd.core.canonical import server_name, server_port
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.hostnames import remote_host
from pyhttpd.core.subrequest import lookup_file, lookup_uri

if TYPE_CHECKING:
    from pyhttpd.core.request import Request
    from pyhttpd.modules.mod_rewrite.engine import Run

Variable = Callable[["Request", "Run"], str | None]
API_VERSION = "20051115:43"  # of 2.2.34
UNKNOWN = "<unknown>"
SHORTEST = 4


def variable(name: str) -> Variable:
    """How the variable of a name is read."""
    if len(name) < SHORTEST:
        return _nothing
    for length in (3, 4):
        prefix, colon, rest = name[:length].upper(), name[length : length + 1], name[length + 1 :]
        if colon == ":":
            make = PREFIXES.get(prefix)
            return make(rest) if make and rest else _nothing
    return VARIABLES.get(name.upper(), _nothing)


def subrequest_is_safe(request: "Request") -> bool:
    """Whether a subrequest would not ask for what is being asked already."""
    return request.main is None or request.main.uri != request.uri


def _nothing(_request: "Request", _run: "Run") -> str:
    return ""


def header(name: str) -> Variable:
    """A header field; a condition that looks at one makes the answer vary with it."""

    def read(request: "Request", run: "Run") -> str | None:
        value = request.header(name)
        if value is not None:
            run.looked_at.append(name)
        return value

    return read


def environment(name: str) -> Variable:
    """A variable of the request, else of the server's process."""

    def read(request: "Request", _run: "Run") -> str | None:
        note = request.notes.get(name)
        if isinstance(note, str):
            return note
        value = request.env.get(name)
        return os.environ.get(name) if value is None else value

    return read


def ssl(name: str) -> Variable:
    """What the module for TLS knows of the connection; nothing without one."""

    def read(request: "Request", _run: "Run") -> str | None:
        lookup = request.server.server.providers.get(("ssl", "variable"))
        return str(lookup(request, name)) if lookup else None

    return read


def ahead_by_url(name: str) -> Variable:
    """What a variable will be for the URL as rewritten so far."""
    read = variable(name)

    def ahead(request: "Request", run: "Run") -> str:
        if not subrequest_is_safe(request):
            return ""
        return _ahead(run, run.url, name, read, lookup_uri(request, run.url))

    return ahead


def ahead_by_file(name: str) -> Variable:
    """The same for the file; where only a URL is known yet, for that."""
    read = variable(name)

    def ahead(request: "Request", run: "Run") -> str:
        if not subrequest_is_safe(request):
            return ""
        if run.home is not None and run.subject.startswith("/"):
            return _ahead(run, run.subject, name, read, lookup_uri(request, run.subject))
        path = run.subject if run.home is None else run.home.directory + run.subject
        return _ahead(run, path, name, read, lookup_file(request, path))

    return ahead


def _ahead(run: "Run", path: str, name: str, read: Variable, found: "Request") -> str:
    value = read(found, run) or ""
    if run.tracing:
        run.note(5, f"lookahead: path={path} var={name} -> val={value}")
    return value


PREFIXES: dict[str, Callable[[str], Variable]] = {
    "ENV": environment,
    "SSL": ssl,
    "HTTP": header,
    "LA-U": ahead_by_url,
    "LA-F": ahead_by_file,
}


def _clock(form: str) -> Variable:
    return lambda request, _run: time.strftime(form, time.localtime(request.now()))


def _client_port(request: "Request", _run: "Run") -> str:
    if request.journal is not None:
        request.journal.never_again("a rewrite rule looked at the client's port")
    return str(request.connection.client[1])


def _owner(request: "Request", _run: "Run") -> str:
    try:
        return pwd.getpwuid(request.info.st_uid).pw_name if request.info is not None else UNKNOWN
    except KeyError:
        return UNKNOWN


def _group(request: "Request", _run: "Run") -> str:
    try:
        return grp.getgrgid(request.info.st_gid).gr_name if request.info is not None else UNKNOWN
    except KeyError:
        return UNKNOWN


VARIABLES: dict[str, Variable] = {
    "API_VERSION": lambda _r, _run: API_VERSION,
    "AUTH_TYPE": lambda r, _run: r.auth_type,
    "DOCUMENT_ROOT": lambda r, _run: r.server.config(PerServer).document_root,
    "HTTPS": lambda r, _run: "on" if r.connection.secure else "off",
    "HTTP_ACCEPT": header("Accept"),
    "HTTP_COOKIE": header("Cookie"),
    "HTTP_FORWARDED": header("Forwarded"),
    "HTTP_HOST": header("Host"),
    "HTTP_PROXY_CONNECTION": header("Proxy-Connection"),
    "HTTP_REFERER": header("Referer"),
    "HTTP_USER_AGENT": header("User-Agent"),
    "IS_SUBREQ": lambda r, _run: "false" if r.main is None else "true",
    "PATH_INFO": lambda r, _run: r.path_info,
    "QUERY_STRING": lambda r, _run: r.query,
    "REMOTE_ADDR": lambda r, _run: r.client_ip,
    "REMOTE_HOST": lambda r, _run: remote_host(r) or r.client_ip,
    "REMOTE_IDENT": lambda r, _run: r.connection.notes.get("logname"),
    "REMOTE_PORT": _client_port,
    "REMOTE_USER": lambda r, _run: r.user,
    "REQUEST_FILENAME": lambda r, _run: r.filename,
    "REQUEST_METHOD": lambda r, _run: r.method,
    "REQUEST_URI": lambda r, _run: r.uri,
    "SCRIPT_FILENAME": lambda r, _run: r.filename,
    "SCRIPT_GROUP": _group,
    "SCRIPT_USER": _owner,
    "SERVER_ADDR": lambda r, _run: r.connection.local[0],
    "SERVER_ADMIN": lambda r, _run: r.server.config(PerServer).admin,
    "SERVER_NAME": lambda r, _run: server_name(r),
    "SERVER_PORT": lambda r, _run: str(server_port(r)),
    "SERVER_PROTOCOL": lambda r, _run: r.protocol,
    "SERVER_SOFTWARE": lambda r, _run: r.server.server.software,
    "THE_REQUEST": lambda r, _run: r.line,
    "TIME": _clock("%Y%m%d%H%M%S"),
    "TIME_DAY": _clock("%d"),
    "TIME_HOUR": _clock("%H"),
    "TIME_MIN": _clock("%M"),
    "TIME_MON": _clock("%m"),
    "TIME_SEC": _clock("%S"),
    "TIME_WDAY": _clock("%w"),
    "TIME_YEAR": _clock("%Y"),
}
