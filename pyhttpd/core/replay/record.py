"""A remembered answer as bytes, by which another child has it without computing it.

Only plain values are told: an answer that something else belongs to is each child's own. Virtual hosts and
logs, which were there before the children were, go by number. A file that is sent from its descriptor is
opened anew, and must still be the one it was. What only some requests need, such as the request that the
answer was first made for, is made of the record when somebody asks for it.
"""

import marshal
import os
from functools import partial
from typing import TYPE_CHECKING

from pyhttpd.core.replay.entry import Entry, Stamp
from pyhttpd.core.request import Request, stamp
from pyhttpd.http.head import Head
from pyhttpd.http.headers import Headers

if TYPE_CHECKING:
    from pyhttpd.core.server import Server
    from pyhttpd.core.vhosts import VirtualHost

LEFT_OUT = (  # of a request: what belongs to its connection or its time, or follows from the rest
    *("connection", "headers_in", "body", "body_out", "journal", "info", "layer", "server", "head"),
    *("prev", "next", "main", "output_filters"),
)
FIELDS = ("headers_out", "err_headers_out")
FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


def record(entry: Entry) -> bytes | None:
    """The bytes to tell of an answer; None where there is more to it than they could."""
    lines = [line.kept for _, line in entry.loggers]
    if None in lines:
        return None
    request = entry.prototype
    opened = (request.filename or "", entry.offset, entry.length) if entry.fd >= 0 else None
    unmodified = record(entry.beside) if isinstance(entry.beside, Entry) else None
    if entry.beside is not None and unmodified is None:
        return None
    try:
        return marshal.dumps(
            (
                request.server.server.hosts.index(request.server),
                (entry.before, entry.after, entry.rest),
                _told(request),
                (entry.files, opened),
                (lines, entry.errors),
                (entry.framed, entry.modern),
                (entry.validators, entry.made, unmodified),
            )
        )
    except ValueError:  # something is no plain value
        return None


def answer(data: bytes | memoryview, server: "Server") -> Entry | None:
    """The answer that a record tells of; None where its file is another now."""
    number, head, told, looks, logs, keeps, conditions = marshal.loads(data)
    (files, opened), (lines, errors), (validators, made, unmodified) = looks, logs, conditions
    host = server.hosts[number]
    entry = Entry(head, b"", partial(_request, told, host), host)
    entry.length = len(head[2])
    entry.looks_at(files)
    if opened is not None and not _open(entry, opened):
        return None
    entry.logs(tuple([server.providers["replay_line", name](server, kept) for name, kept in lines]), errors)
    entry.keeps(*keeps)
    entry.validators, entry.made = validators, made
    if unmodified is not None:
        entry.beside = partial(answer, unmodified, server)
    return entry


def _told(request: Request) -> bytes:
    """A request in plain values. Raises ValueError for one that has others."""
    values = {name: value for name, value in vars(request).items() if name not in (*LEFT_OUT, *FIELDS)}
    fields = [list(getattr(request, name).items()) for name in FIELDS]
    return marshal.dumps((values, fields))


def _request(told: bytes, host: "VirtualHost") -> Request:
    """The request again, as far as logs ask for it."""
    values, fields = marshal.loads(told)
    request = object.__new__(Request)
    request.__dict__.update(values)
    for name, pairs in zip(FIELDS, fields, strict=True):
        setattr(request, name, Headers(pairs))
    request.headers_in = Headers()
    head = (request.method, request.unparsed_uri, request.protocol, request.version)
    request.head = Head(*head, request.headers_in, request.line)
    request.server, request.layer = host, host.layer
    request.body = request.journal = request.info = None
    return request


def _open(entry: Entry, opened: tuple[str, int, int]) -> bool:
    """Open the file of an answer; False where it is not the file that was looked at."""
    path, entry.offset, entry.length = opened
    stamps: list[Stamp] = [
        was for name, kind, was in entry.files if name == path and kind in ("file", "link")
    ]
    try:
        entry.fd = os.open(path, FLAGS)
        return stamp(os.fstat(entry.fd)) in stamps[:1]
    except OSError:
        return False
