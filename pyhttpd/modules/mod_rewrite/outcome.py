"""What becomes of a result that is no path here: the client is sent to a URL, or another server is asked."""

from pyhttpd.core.hooks import OK, Result
from pyhttpd.core.uri import escape_uri
from pyhttpd.modules.mod_rewrite.engine import Outcome, Run
from pyhttpd.modules.mod_rewrite.urls import escaped_url, on_one_line, scheme_length

BAD_REQUEST, FORBIDDEN, FOUND = 400, 403, 302


def redirect(run: Run, target: str, outcome: Outcome) -> int:
    """Send the client to a URL; unless a rule said NE, it is escaped, the query too."""
    request = run.request
    if outcome is not Outcome.VERBATIM:
        run.note(1, f"escaping {target} for redirect")
        target = escaped_url(target, scheme_length(target))
    if request.query is not None:
        target += "?" + (request.query if outcome is Outcome.VERBATIM else escape_uri(request.query))
    status = run.status or FOUND
    request.headers_out.set("Location", on_one_line(target))
    run.note(1, f"redirect to {target} [REDIRECT/{status}]")
    return status


def to_proxy(run: Run, target: str) -> Result:
    """P: another server shall answer, by way of mod_proxy."""
    request = run.request
    if "proxy_module" not in request.server.server.modules:
        text = "attempt to make remote request from mod_rewrite without proxy enabled: "
        request.log("error", text + target)
        return FORBIDDEN
    if run.home is None and request.path_info:
        target += request.path_info
    request.filename = target if request.query is None else f"{target}?{request.query}"
    request.notes["proxyreq"] = "reverse"
    request.handler, request.handler_set = "proxy-server", True
    run.note(1, f"go-ahead with proxy request {request.filename} [OK]")
    return OK
