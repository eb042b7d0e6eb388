"""Requests within requests: looking up a URL or a file, and internal redirects (server/request.c,
http_request.c).

A subrequest goes through the same phases as any request, so that what it finds is what the client may have.
It ends with a status; running it gives its handler's body. An internal redirect is a whole new request that
takes the place of the old one; the old one's environment is passed on with REDIRECT_ in front of its names.
"""

import os
import stat

from pyhttpd.core import errors, hooks
from pyhttpd.core.core_module.schema import PerDir, PerServer
from pyhttpd.core.hooks import OK
from pyhttpd.core.pipeline import prepare
from pyhttpd.core.request import Request
from pyhttpd.core.uri import escape_path
from pyhttpd.http.head import split_target
from pyhttpd.http.headers import Headers
from pyhttpd.http.response import Body
from pyhttpd.http.status import HTTPError, status_line

TOO_DEEP = (
    "Request exceeded the limit of {limit} {what} due to probable configuration error. "
    "Use 'LimitInternalRecursion' to increase the limit if necessary. "
    "Use 'LogLevel debug' to get a backtrace."
)


def set_target(request: Request, target: str) -> None:
    """Take a request target apart into `uri` (not decoded yet) and `query`."""
    path, query, _, authority = split_target(target, request.method)
    if path.startswith("//"):
        path = "/" + path.lstrip("/")
    request.uri, request.query = path if request.method != "CONNECT" else "/", query
    if authority:
        request.notes["authority"] = authority


def lookup_uri(request: Request, uri: str, method: str = "GET") -> Request:
    """The request for another URL of this server, all phases but the handler done: see its `status`."""
    sub = _subrequest(request, method)
    if not uri.startswith("/"):
        uri = escape_path(request.uri.rpartition("/")[0] + "/", partial=False) + uri
    set_target(sub, uri)
    sub.unparsed_uri = uri
    if too_deep(request):
        sub.status = 500
        return sub
    return _outcome(sub)


def lookup_file(request: Request, filename: str) -> Request:
    """The request for a file beside this request's (or at an absolute path), without going by its URL."""
    sub = _subrequest(request, "GET")
    folder = request.filename or "/"
    if not (request.info is not None and stat.S_ISDIR(request.info.st_mode)):
        folder = os.path.dirname(folder)
    sub.filename = os.path.join(folder, filename)
    sub.uri = request.uri.rpartition("/")[0] + "/" + filename if "/" not in filename else request.uri
    sub.unparsed_uri = escape_path(sub.uri, partial=False)
    if too_deep(request):
        sub.status = 500
        return sub
    return _outcome(sub)


def _subrequest(request: Request, method: str) -> Request:
    sub = type(request)(request.head, request.connection, request.server)
    sub.method, sub.main = method, request
    sub.header_only = method == "HEAD"
    sub.headers_in = request.headers_in.copy()
    for name in ("Content-Length", "Transfer-Encoding"):
        sub.headers_in.unset(name)
    sub.hostname, sub.journal, sub.received = request.hostname, request.journal, request.received
    sub.env = dict(request.env)
    sub.user, sub.auth_type = request.user, request.auth_type
    sub.notes = {key: value for key, value in request.notes.items() if key == "host_port"}
    sub.protocol, sub.version = request.protocol, request.version
    return sub


def _outcome(sub: Request) -> Request:
    if sub.explaining:
        sub.step("core", f"looks up {sub.unparsed_uri}")
    try:
        result = prepare(sub)
    except HTTPError as error:
        result = errors.failed(sub, error)
    if result not in (OK, hooks.DONE, None):
        sub.status = result
    if sub.explaining:
        missing = sub.status == 200 and sub.info is None and not sub.handler
        found = f"nothing at {sub.filename}" if missing else f"{status_line(sub.status)} {sub.filename or ''}"
        sub.step("core", f"found: {found}", outcome=404 if missing else sub.status)
    return sub


def too_deep(request: Request) -> bool:
    """Whether LimitInternalRecursion is reached; says so in the error log."""
    redirects = subrequests = 0
    one: Request | None = request
    settings = request.server.config(PerServer)
    while one is not None:
        if one.prev is not None:
            redirects += 1
        elif one.main is not None:
            subrequests += 1
        one = one.prev or one.main
    limits = (
        (redirects, settings.redirect_limit, "internal redirects"),
        (subrequests, settings.subrequest_limit, "subrequest nesting levels"),
    )
    for depth, limit, what in limits:
        if depth >= limit:
            request.log("error", TOO_DEEP.format(limit=limit, what=what))
            return True
    return False


def run(sub: Request) -> Body:
    """The body of a subrequest whose status is 200; empty when its handler fails."""
    from pyhttpd.core.serve import run_handler

    return run_handler(sub)


def internal_redirect(request: Request, target: str) -> Request:
    """A new request for `target` in place of this one, finished."""
    from pyhttpd.core.serve import answer

    new = redirected(request, target)
    if new.explaining:
        new.step("core", f"goes on as {target} (internal redirect)")
    if too_deep(request):
        return errors.die(new, 500)
    return answer(new)


def redirected(request: Request, target: str) -> Request:
    """The new request of an internal redirect, before any phase."""
    new = type(request)(request.head, request.connection, request.server, request.body)
    new.method, new.header_only = request.method, request.header_only
    new.prev, request.next = request, new
    new.main = request.main
    new.headers_in, new.err_headers_out = request.headers_in, request.err_headers_out
    new.headers_out = Headers()
    new.hostname, new.journal, new.received = request.hostname, request.journal, request.received
    new.started_ns, new.line = request.started_ns, request.line
    new.env = {f"REDIRECT_{name}": value for name, value in request.env.items()}
    new.env["REDIRECT_STATUS"] = str(request.status)
    new.status, new.no_local_copy = request.status, request.no_local_copy
    new.user, new.auth_type = request.user, request.auth_type
    new.notes = {key: value for key, value in request.notes.items() if key in ("host_port", "error-notes")}
    new.unparsed_uri = target
    set_target(new, target)
    new.notes.pop("authority", None)
    return new


def internal_fast_redirect(request: Request, sub: Request) -> None:
    """Let a request take over what its subrequest found, as mod_dir does for an index file."""
    for name in (
        "server", "uri", "filename", "path_info", "info", "layer", "handler", "handler_set", "content_type",
        "content_encoding", "languages", "query", "env", "allowed", "path_info_accepted",
    ):  # fmt: skip
        setattr(request, name, getattr(sub, name))
    for ours, theirs in (("headers_out", sub.headers_out), ("err_headers_out", sub.err_headers_out)):
        merged = theirs.copy()
        merged.update_from(getattr(request, ours))
        setattr(request, ours, merged)
    request.notes = {**request.notes, **sub.notes}
    request.output_filters += sub.output_filters


__all__ = ["PerDir", "internal_fast_redirect", "internal_redirect", "lookup_file", "lookup_uri", "run"]
