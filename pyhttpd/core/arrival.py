"""What is known of a request before its phases: how its body is framed, which host it is for."""

from functools import partial
from typing import TYPE_CHECKING

from pyhttpd.core.body import RequestBody
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.methods import is_known
from pyhttpd.core.request import Request
from pyhttpd.core.subrequest import set_target
from pyhttpd.http.body import BodyFraming
from pyhttpd.http.status import HTTPError

if TYPE_CHECKING:
    from pyhttpd.core.connection import Connection

OF_BODY = frozenset(("content-length", "transfer-encoding", "expect"))


def begin(connection: "Connection", request: Request) -> None:
    """Find body and host. Raises HTTPError for what must not be served at all."""
    head = request.head
    expect: str | None = None
    if head.headers.has_any(OF_BODY):
        expect = head.headers.get("Expect")
        _expect_body(connection, request, expect is not None and expect.lower() == "100-continue")
    set_target(request, head.target)
    request.server.server.by_address.select(request, connection.place.chain)
    options = request.server.config(PerServer).protocol_options
    if options.get("methods") == "registered" and not is_known(request):
        raise HTTPError(501, f"HTTP Request: unknown method {head.method}")
    if expect is not None and expect.lower() != "100-continue" and head.version >= (1, 1):
        raise HTTPError(417, f"client sent an unrecognized expectation value of Expect: {expect}")


def _expect_body(connection: "Connection", request: Request, waits: bool) -> None:
    """Prepare to read a body; what the connection holds already are its first bytes."""
    head, wire = request.head, connection.wire
    framing = BodyFraming.from_head(head, connection.place.limits)
    receive, waits = partial(wire.receive, connection.timeout), waits and head.version >= (1, 1)
    request.body = RequestBody(framing, connection.buffer, receive, connection.say, waits)
    connection.buffer = b""
