"""Count the bytes that go over the network for each request, head and all, for `%I` and `%O` of log formats.

The connection counts, since only it sees every byte; it leaves the sums in the notes of the request that came
in. For pipelined requests they are the shares of each.
"""

from pyhttpd.core.module import Module
from pyhttpd.core.request import Request

module = Module("logio_module", replayable=True)


@module.provider("log_format", "I")
def bytes_in(request: Request, _argument: str) -> str:
    """Bytes received, request line and fields included."""
    return _count(request, "bytes_in")


@module.provider("log_format", "O")
def bytes_out(request: Request, _argument: str) -> str:
    """Bytes sent, status line and fields included."""
    return _count(request, "bytes_out")


def _count(request: Request, name: str) -> str:
    while request.prev is not None:
        request = request.prev
    return str(request.notes.get(name, 0))
