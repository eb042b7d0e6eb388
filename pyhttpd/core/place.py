"""What all connections to one of our addresses share, found out with the first of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.reading import limits
from pyhttpd.core.replay import Block, Entry
from pyhttpd.core.replay.room import Room
from pyhttpd.core.vhosts import Chain, VirtualHost
from pyhttpd.http.fields import Limits

if TYPE_CHECKING:
    from pyhttpd.core.server import Server


@dataclass(frozen=True, slots=True)
class Place:
    """A local address: its virtual hosts, the first of which decides until a request names one."""

    chain: Chain | None
    base: VirtualHost
    settings: PerServer
    limits: Limits
    room: Room | None  # of remembered answers
    remembered: Callable[[bytes, str], tuple[Entry, Block] | None]  # the answer for a head and a client


def place_at(server: "Server", local: tuple[str, int]) -> Place:
    """The place of a local address."""
    chain = server.by_address.at(*local)
    base = chain.first if chain else server.main
    settings = base.config(PerServer)
    most = limits(settings)
    if server.replay is None:
        return Place(chain, base, settings, most, None, lambda head, client: None)
    room = server.replay.room(local, most)
    return Place(chain, base, settings, most, room, partial(server.replay.find, room))
