"""The listening sockets: made from Listen lines, kept over restarts, shared by all children.

A socket whose address is listened to before and after a restart stays the same socket, so the connections
that wait in its queue are not lost. `Listen 80` is [::]:80, which also takes IPv4, or 0.0.0.0:80 where
there is no IPv6. Messages are 2.2's (server/listen.c): monitoring looks for them. See the manual page
mpm_common, Listen.
"""

import contextlib
import errno
import os
import re
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

WILDCARD = ("::", "0.0.0.0")
MAPPED = "::ffff:"
KEPT_BACK = 30  # seconds for which the kernel keeps a silent connection back
NONE_LEFT = ("no listening sockets available, shutting down", "Unable to open logs")


class StartError(Exception):
    """The server cannot start; `lines` say why, as they are to be printed."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Listen:
    """One Listen line: its numeric addresses, one of which is enough when it is a wildcard."""

    addresses: tuple[str, ...]
    port: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Options:
    """Socket options, in bytes and connections; 0 leaves a buffer to the system.

    `filters` are the accept filters by protocol where they are not the usual ones.
    """

    backlog: int = 511
    send_buffer: int = 0
    receive_buffer: int = 0
    filters: Mapping[str, str] = field(default_factory=dict)

    def waits_for_data(self, protocol: str) -> bool:
        """Whether the kernel keeps a connection back until its client has said something."""
        return self.filters.get(protocol, "data" if protocol in ("http", "https") else "none") != "none"


def parse(address: str) -> tuple[str | None, int]:
    """`[host:]port` as host (None for any) and port. Raises ValueError in 2.2's words."""
    host, port = _split(address)
    if port is None:
        raise ValueError("Port must be specified")
    if not 1 <= port <= 65535:
        raise ValueError("Invalid address or port")
    return (None if host in ("", "*") else host.strip("[]")), port


def _split(address: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(?:(.*):)?([0-9]{1,10})", address)
    return (found[1] or "", int(found[2])) if found else (address, None)


def resolve(host: str | None, port: int) -> tuple[str, ...]:
    """The numeric addresses of a host. Raises OSError for a name that does not exist."""
    if host is None:
        return WILDCARD
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def plain(address: tuple[str, int]) -> tuple[str, int]:
    """An address as (IP, port), IPv4 in its own notation even if it came through an IPv6 socket."""
    host = address[0]
    return (host.removeprefix(MAPPED) if "." in host else host), address[1]


def shown(host: str, port: int) -> str:
    """An address as messages print it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Listeners:
    """The open listening sockets, by address."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], socket.socket] = {}
        self._bound: dict[int, tuple[str, int]] = {}  # addresses of those that listen at just one

    def __len__(self) -> int:
        return len(self._open)

    @property
    def sockets(self) -> list[socket.socket]:
        """The sockets, in the order of the configuration."""
        return list(self._open.values())

    def local(self, sock: socket.socket, listener: socket.socket) -> tuple[str, int]:
        """The address a client connected to: asked of the kernel only where the listener takes any."""
        bound = self._bound.get(listener.fileno())
        return bound or plain(sock.getsockname())

    def update(self, wanted: Iterable[Listen], options: Options) -> None:
        """Open what is wanted and not open yet, then close what is open and not wanted.

        Raises StartError, with everything as it was, when an address cannot be had.
        """
        fresh: dict[tuple[str, int], socket.socket] = {}
        try:
            for listen in wanted:
                self._open_one(listen, options, fresh)
            if not fresh:
                raise StartError(*NONE_LEFT)
        except StartError:
            _close(set(fresh.values()) - set(self._open.values()))
            raise
        _close(set(self._open.values()) - set(fresh.values()))
        self._open = fresh
        self._bound = {
            sock.fileno(): plain((host, port)) for (host, port), sock in fresh.items() if host not in WILDCARD
        }

    def _open_one(
        self, listen: Listen, options: Options, fresh: dict[tuple[str, int], socket.socket]
    ) -> None:
        complaints: list[str] = []
        for host in listen.addresses:
            key = (host, listen.port)
            old = self._open.get(key)
            try:
                if old is not None and key not in fresh:
                    old.listen(options.backlog)
                    fresh[key] = old
                else:
                    fresh[key] = make_socket(host, listen.port, options)
                keep_back(fresh[key], options.waits_for_data(listen.protocol))
            except OSError as error:
                if error.errno != errno.EAFNOSUPPORT or listen.addresses != WILDCARD:
                    complaints.append(_complaint(error, host, listen.port))
                continue
            if listen.addresses == WILDCARD:
                return
        if complaints:
            raise StartError(*complaints, *NONE_LEFT)

    def close(self) -> None:
        """Stop listening."""
        _close(set(self._open.values()))
        self._open.clear()


class Door(socket.socket):
    """A listening socket that accepts without working out its own family and kind for each connection."""

    family = socket.AF_INET
    type = socket.SOCK_STREAM


class Door6(Door):
    """The same for IPv6."""

    family = socket.AF_INET6


def make_socket(host: str, port: int, options: Options) -> socket.socket:
    """A non-blocking listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = (Door6 if ":" in host else Door)(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        for option, size in (
            (socket.SO_SNDBUF, options.send_buffer),
            (socket.SO_RCVBUF, options.receive_buffer),
        ):
            if size:
                sock.setsockopt(socket.SOL_SOCKET, option, size)
        sock.bind((host, port))
        sock.listen(options.backlog)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def keep_back(sock: socket.socket, wanted: bool) -> None:
    """Let the kernel keep connections back until there is something to read, where it can."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, KEPT_BACK if wanted else 0)


def _complaint(error: OSError, host: str, port: int) -> str:
    number = error.errno or 0
    return f"({number}){os.strerror(number)}: make_sock: could not bind to address {shown(host, port)}"


def _close(sockets: Iterable[socket.socket]) -> None:
    for sock in sockets:
        with contextlib.suppress(OSError):
            sock.close()


OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def accept(sock: socket.socket) -> tuple[socket.socket, tuple[str, int]] | None:
    """The next connection and its client, None if another child was quicker or the client has gone.

    Raises OSError when the system has no descriptor or memory left: wait before trying again.
    """
    try:
        client, address = sock.accept()
    except OSError as error:
        if error.errno in OUT_OF_DESCRIPTORS:
            raise
        return None
    return client, plain(address)
