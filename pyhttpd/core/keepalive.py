"""Whether a connection goes on after an answer, and the fields that say so.

The rules are 2.2's (modules/http/http_protocol.c: ap_set_keepalive).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhttpd.core.core_module.schema import PerServer
    from pyhttpd.core.request import Peer, Request

CLOSE: Mapping[str, str] = {"Connection": "close"}
SILENT: Mapping[str, str] = {}


def tokens(value: str | None) -> frozenset[str]:
    """The words of a field such as Connection, in lower case."""
    return frozenset(word.strip(" \t").lower() for word in value.split(",")) if value else frozenset()


def persists(
    peer: "Peer", settings: "PerServer", *, framed: bool, asked: frozenset[str], modern: bool
) -> bool:
    """Whether a next request may follow.

    `framed` says that the client can tell where the answer ends and that nothing in it speaks against;
    `asked` are the words of the client's Connection field, `modern` that it speaks HTTP/1.1.
    """
    most = settings.max_keep_alive
    return (
        framed
        and not peer.close_after
        and settings.keep_alive
        and settings.keep_alive_timeout > 0
        and (most == 0 or most > peer.keepalives)
        and "close" not in asked
        and (modern or "keep-alive" in asked)
    )


def asks_to_close(request: "Request", asked: frozenset[str]) -> bool:
    """Whether the client itself wants no more than this answer, and has sent all it had to say."""
    last = "close" in asked or (request.version < (1, 1) and "keep-alive" not in asked)
    return last and (request.body is None or not request.body.remaining)


def fields(peer: "Peer", settings: "PerServer", persistent: bool, asked: frozenset[str]) -> Mapping[str, str]:
    """The fields that tell the client; counts the request if the connection goes on."""
    if not persistent:
        return CLOSE
    left = settings.max_keep_alive - peer.keepalives
    peer.keepalives += 1
    if "keep-alive" not in asked:
        return SILENT
    most = f", max={left}" if settings.max_keep_alive else ""
    return {"Keep-Alive": f"timeout={settings.keep_alive_timeout}{most}", "Connection": "Keep-Alive"}
