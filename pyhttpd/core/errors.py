"""From a status to an answer: ErrorDocument first, then 2.2's own pages (modules/http/http_request.c:
ap_die).

An ErrorDocument that is a path goes in again as an internal redirect, once: if that fails too, the page
tells both. Only fields that were set to be sent with errors go out with one.
"""

from pyhttpd.core import errorpages
from pyhttpd.core.canonical import server_name, server_port
from pyhttpd.core.core_module.of_files import is_url
from pyhttpd.core.core_module.schema import PerDir, PerServer
from pyhttpd.core.hooks import DONE, INSERT_ERROR_FILTER, OK
from pyhttpd.core.methods import allow
from pyhttpd.core.pipeline import run_void
from pyhttpd.core.request import Request
from pyhttpd.core.uri import escape_html
from pyhttpd.http.headers import Headers
from pyhttpd.http.response import Body
from pyhttpd.http.status import BODILESS, REASONS, HTTPError

DROPS_CONNECTION = frozenset((400, 408, 411, 413, 414, 500, 501, 503))


def failed(request: Request, error: HTTPError) -> int:
    """Note what an exception carries; its status."""
    if error.log:
        request.log("error", error.log)
    for name, value in error.headers.items():
        request.err_headers_out.set(name, value)
    if error.notes:
        request.notes["error-notes"] = error.notes
    return error.status


def die(request: Request, status: int) -> Request:
    """The request that answers for this failure: the same one, or the goal of an internal redirect."""
    if status in (OK, DONE):
        status = 500
    recursive = 0
    if request.status != 200:
        recursive = status
        while request.prev is not None and request.prev.status != 200:
            request = request.prev
        status = request.status
        document = None
    else:
        document = request.config(PerDir).error_documents.get(status)
    request.status = status
    if status in DROPS_CONNECTION:
        request.connection.close_after = True
    if document and request.explaining:
        line = request.layer.line(PerDir, "error_documents", str(status))
        request.step("core", f"ErrorDocument {status} {document}", line, decides=True)
    if document and document[0] != '"':
        if is_url(document):
            request.status = 302
            request.headers_out.set("Location", document)
        elif document[0] == "/":
            return _redirected(request, document)
        else:
            recursive = 500
            request.log("error", f"Invalid error redirection directive: {document}")
    send(request, document if document and document[0] == '"' else None, recursive)
    request.output_filters = []  # those of the content that is not sent
    run_void(INSERT_ERROR_FILTER, request)
    return request


def _redirected(request: Request, document: str) -> Request:
    from pyhttpd.core.subrequest import internal_redirect  # the one way round: an error may begin a request

    request.no_local_copy = True
    request.env["REQUEST_METHOD"] = request.method
    if "error-notes" in request.notes:
        request.env["ERROR_NOTES"] = request.notes["error-notes"]
    if request.method != "HEAD":
        request.method = "GET"
    return internal_redirect(request, document)


def send(request: Request, text: str | None, recursive: int) -> None:
    """Make the answer for `request.status`: a configured text, or the page 2.2 would make."""
    status = request.status
    if status == 304:
        request.body_out = b""
        return
    location = request.headers_out.get("Location") or request.err_headers_out.get("Location")
    request.headers_out, request.err_headers_out = request.err_headers_out, Headers()
    if location and (300 <= status < 400 or status == 201):
        request.headers_out.set("Location", location)
    request.languages, request.content_encoding = [], None
    charset = "" if "suppress-error-charset" in request.env else "; charset=iso-8859-1"
    request.content_type = "text/html" + charset
    if status in (405, 501):
        request.headers_out.set("Allow", allow(request))
    request.body_out = _body(request, text, location, recursive)


def _body(request: Request, text: str | None, location: str | None, recursive: int) -> Body:
    if request.status in BODILESS:
        return b""
    if text is not None:
        return text[1:].encode("utf-8", "surrogateescape")
    page = errorpages.page(
        request.status,
        uri=request.uri,
        method=request.method,
        location=location,
        notes=request.notes.get("error-notes", ""),
        verbose=request.notes.get("verbose-error-to") == "*",
        variants=request.notes.get("variant-list", ""),
        expect=request.headers_in.get("Expect"),
        admin=request.server.config(PerServer).admin,
        signature=signature(request),
        line=request.status_line,
        recursive=recursive or None,
    )
    return page.encode("utf-8", "surrogateescape")


def signature(request: Request, prefix: str = "<hr>\n") -> str:
    """The line that ServerSignature puts under pages the server makes; empty if it is off."""
    kind = request.config(PerDir).signature
    if kind == "off":
        return ""
    software = request.server.server.software
    name, port = escape_html(server_name(request)), server_port(request)
    if kind == "email":
        admin = request.server.config(PerServer).admin
        name = f'<a href="{"" if is_url(admin) else "mailto:"}{escape_html(admin)}">{name}</a>'
    return f"{prefix}<address>{software} Server at {name} Port {port}</address>\n"


def known(status: int) -> int:
    """A status that can be answered; 500 for one nobody knows."""
    return status if status in REASONS else 500
