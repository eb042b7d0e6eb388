"""The directives that MPMs have: mpm_common's, and which of the sizing ones belong to which MPM.

A directive of another MPM is an unknown command, as in a 2.2 built with one MPM; that is why real files guard
them with <IfModule prefork.c> or <IfModule mpm_worker_module>, and both names are ours. Sizing directives are
kept as statements in their order, which matters: see `sizing`. Some directives steer machinery that we do not
have, since the kernel serialises accept; they are read and checked.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pyhttpd.config.directive import ACCEPTED, ANY_NUMBER, PARTIAL, Override, Where, Within, setting
from pyhttpd.config.merge import EXTEND, UPDATE, merged
from pyhttpd.config.values import Converter, Flag, ServerPath, atoi
from pyhttpd.core.module import Module
from pyhttpd.mpm import listen
from pyhttpd.mpm.sizing import KINDS, Limits, Statement, limits

PLACE: dict[str, Any] = {"where": Where.SERVER, "not_in": Within.ANY, "override": Override.NONE}
MUTEXES = ("default", "flock", "fcntl", "sysvsem", "posixsem", "pthread")
NO_MUTEX = ACCEPTED("the kernel hands each connection to one child; there is no accept mutex")


def _mutex(word: str) -> str:
    if word.lower() not in MUTEXES:
        raise ValueError(
            f"{word} is an invalid mutex mechanism; Valid accept mutexes for this platform and MPM are: "
            + ", ".join(MUTEXES)
            + "."
        )
    return word.lower()


def _directory(word: str, ctx: Any) -> str:
    path = str(ctx.server_path(word))
    if not os.path.isdir(path):
        why = "is not a directory" if os.path.lexists(path) else "does not exist"
        raise ValueError(f"{{name}} {path} {why}")
    return path


def _backlog(word: str) -> int:
    if (number := atoi(word)) <= 0:
        raise ValueError("ListenBacklog must be > 0")
    return number


def _buffer(word: str) -> int:
    if (number := atoi(word)) < 512 and number != 0:
        raise ValueError("{name} must be >= 512 bytes, or 0 for system default.")
    return number


def _user(word: str) -> str:
    if word in ("root", "#0"):
        raise ValueError("User root: pages are not served as root; name another user")
    return word


def _not_negative(word: str) -> int:
    if (number := atoi(word)) < 0:
        raise ValueError("Invalid {name} value.")
    return number


Buffer = Annotated[int, Converter(_buffer)]


@dataclass(frozen=True)
class MPMSettings:
    """What every MPM has."""

    listens: tuple[listen.Listen, ...] = merged((), EXTEND)
    accept_filters: dict[str, str] = merged({}, UPDATE)
    sizing: tuple[Statement, ...] = merged((), EXTEND)
    backlog: Annotated[int, Converter(_backlog)] = setting(
        "ListenBackLog", 511, doc="Length of the queue of pending connections", **PLACE
    )
    send_buffer: Buffer = setting(
        "SendBufferSize", 0, doc="TCP send buffer in bytes, 0 for the system's", **PLACE
    )
    receive_buffer: Buffer = setting(
        "ReceiveBufferSize", 0, doc="TCP receive buffer in bytes, 0 for the system's", **PLACE
    )
    pid_file: ServerPath = setting("PidFile", "", doc="File for the process id of the parent", **PLACE)
    user: Annotated[str, Converter(_user)] = setting(
        "User", "", doc="User the children run as, or #uid", **PLACE
    )
    group: str = setting("Group", "", doc="Group the children run as, or #gid", **PLACE)
    chroot: Annotated[str, Converter(_directory, contextual=True)] = setting(
        "ChrootDir", "", doc="Directory to chroot(2) to before serving", **PLACE
    )
    graceful_timeout: int = setting(
        "GracefulShutdownTimeout",
        0,
        doc="Seconds a graceful stop waits for busy children, 0 for ever",
        **PLACE,
    )
    max_requests: int = setting(
        "MaxRequestsPerChild",
        10000,
        doc="Connections a child takes in its life, 0 for any number",
        aliases=("MaxConnectionsPerChild",),
        **PLACE,
    )
    stack_size: Annotated[int, Converter(_not_negative)] = 0
    core_directory: Annotated[str, Converter(_directory, contextual=True)] = setting(
        "CoreDumpDirectory",
        "",
        doc="Working directory of the children, where a core file goes",
        status=PARTIAL("children change to it; whether a core file is written is the system's choice"),
        **PLACE,
    )
    accept_mutex: Annotated[str, Converter(_mutex)] = setting(
        "AcceptMutex", "default", doc="Way to serialise accept between children", status=NO_MUTEX, **PLACE
    )
    lock_file: ServerPath = setting("LockFile", "", doc="File for the accept mutex", status=NO_MUTEX, **PLACE)
    scoreboard_file: ServerPath = setting(
        "ScoreBoardFile",
        "",
        doc="File for the scoreboard, beside the pid file where none is named",
        **PLACE,
    )
    exception_hook: Flag = setting(
        "EnableExceptionHook",
        False,
        doc="Whether a hook runs in a child that crashes",
        status=ACCEPTED("Python code does not run in a child that crashes"),
        **PLACE,
    )
    max_mem_free: Annotated[int, Converter(_not_negative)] = setting(
        "MaxMemFree",
        0,
        doc="KBytes of memory kept for reuse",
        status=ACCEPTED("Python's allocator decides what it keeps"),
        **PLACE,
    )

    def limits(self, name: str, running: Limits | None = None) -> Limits:
        """The numbers that the MPM of this name runs with."""
        return limits(KINDS[name], self.sizing, running)

    @property
    def socket_options(self) -> listen.Options:
        """The options of listening sockets."""
        return listen.Options(self.backlog, self.send_buffer, self.receive_buffer, self.accept_filters)


SHARED = {
    "StartServers": "Number of children to start with",
    "ServerLimit": "Upper bound of the number of children while the server runs",
    "MaxClients": "Number of requests served at the same time",
}
OWN = {
    "prefork": {
        "MinSpareServers": "Least number of idle children",
        "MaxSpareServers": "Greatest number of idle children",
    },
    "worker": {
        "MinSpareThreads": "Least number of idle threads",
        "MaxSpareThreads": "Greatest number of idle threads",
        "ThreadsPerChild": "Number of threads of each child",
        "ThreadLimit": "Upper bound of ThreadsPerChild while the server runs",
    },
}
OWN["event"] = OWN["worker"]
ALIASES = {"MaxClients": ("MaxRequestWorkers",)}


def _statement(name: str, doc: str) -> Callable[[int], tuple[Statement]]:
    def sized(number: int) -> tuple[Statement]:
        return ((name, number),)

    sized.__doc__ = doc
    return sized


def _listen(ctx: Any, *words: str) -> tuple[listen.Listen]:
    """Port, or address and port, to listen on, and the protocol spoken there"""
    if not 1 <= len(words) <= 2:
        raise ValueError("Listen requires 1 or 2 arguments.")
    host, port = listen.parse(words[0])
    try:
        addresses = listen.resolve(host, port)
    except socket.gaierror as error:
        number = abs(error.args[0])
        ctx.warn(
            f"(EAI {number}){error.strerror}: alloc_listener: failed to set up sockaddr for {host}", "crit"
        )
        raise ValueError("Listen setup failed") from None
    protocol = words[1].lower() if len(words) == 2 else "https" if port == 443 else "http"
    return (listen.Listen(addresses, port, protocol),)


def _accept_filter(protocol: str, name: str) -> dict[str, str]:
    """A protocol, and what the kernel waits for before it hands a connection over: `none`, or `data`"""
    return {protocol.lower(): name.lower()}


def _mutex_24(*words: str) -> dict[str, Any]:
    """2.4's name for AcceptMutex and its kin"""
    return {}


def _stack_size(size: Annotated[int, Converter(_not_negative)]) -> int:
    """Bytes of stack of each thread, 0 for the system's choice"""
    return size


def mpm_module(name: str) -> Module:
    """The module of an MPM (`prefork`, `worker` or `event`): its names and exactly the directives it has."""
    module = Module(f"mpm_{name}_module", per_server=MPMSettings, source=f"{name}.c")
    for directive, doc in {**SHARED, **OWN[name]}.items():
        declare = module.directive(directive, into="sizing", aliases=ALIASES.get(directive, ()), **PLACE)
        declare(_statement(directive, doc))
    module.directive("Listen", into="listens", arguments=ANY_NUMBER, **PLACE)(_listen)
    module.directive("AcceptFilter", into="accept_filters", **PLACE)(_accept_filter)
    module.directive("Mutex", arguments=ANY_NUMBER, status=NO_MUTEX, **PLACE)(_mutex_24)
    if KINDS[name].threaded:
        module.directive("ThreadStackSize", into="stack_size", **PLACE)(_stack_size)
    return module
