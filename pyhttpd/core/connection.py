"""A client's connection: bytes in, requests through the phases, bytes out.

The MPM decides how to wait, the connection how to speak: `serve_one` is all there is between them. The
socket never blocks; where the connection itself must wait (for the rest of a head, for the client to take
more) it polls, up to TimeOut. `parked` says that a listener waits for next requests and for sockets that
take no more, so that no thread has to.
"""

import itertools
import select
import socket
import time
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol

from pyhttpd.core import errors, filters, hooks, output
from pyhttpd.core.body import RequestBody
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.journal import Journal
from pyhttpd.core.methods import is_known
from pyhttpd.core.output import Outgoing
from pyhttpd.core.pipeline import run_all
from pyhttpd.core.replay.give import Collect, give
from pyhttpd.core.request import Request
from pyhttpd.core.serve import answer, mishap, release
from pyhttpd.core.subrequest import set_target
from pyhttpd.core.verdict import Verdict
from pyhttpd.core.wire import Wire
from pyhttpd.http.body import BodyFraming
from pyhttpd.http.fields import Limits
from pyhttpd.http.head import Head, HeadReader
from pyhttpd.http.headers import Headers
from pyhttpd.http.response import FileBody
from pyhttpd.http.status import HTTPError

if TYPE_CHECKING:
    from pyhttpd.core.server import Server

numbers = itertools.count(1)

# What the scoreboard is told; the values are its Status, whose table lives one floor up.
READING, WRITING, KEEPALIVE, LOGGING = 3, 4, 5, 6


@lru_cache(maxsize=256)
def _limits(line: int, field: int, fields: int, syntax: str, least: str) -> Limits:
    return Limits(line, field, fields, strict=syntax != "unsafe", simple=least != "1.0")


def limits(settings: PerServer) -> Limits:
    """How a host's request heads are read."""
    options = settings.protocol_options
    syntax, least = options.get("syntax", "strict"), options.get("least", "0.9")
    return _limits(settings.limit_line, settings.limit_field, settings.limit_fields, syntax, least)


class Reporter(Protocol):
    """Where a connection tells what it is doing: a slot of the scoreboard."""

    def report(self, status: int, request: Request | None = None) -> None: ...

    def count(self, bytes_sent: int) -> None:
        """One more request answered, with this many bytes."""

    @property
    def stopping(self) -> bool:
        """Whether the child is to finish: answers then say that the connection closes."""


class Connection:
    """One connection, from accept to close."""

    def __init__(
        self,
        server: "Server",
        sock: socket.socket,
        client: tuple[str, int],
        local: tuple[str, int],
        reporter: Reporter,
        parked: bool,
    ) -> None:
        self.server, self.socket, self.client, self.local = server, sock, client, local
        self.reporter, self.parked = reporter, parked
        self.id = next(numbers)
        self.chain = server.by_address.at(local[0], local[1])
        self.base = self.chain.first if self.chain else server.main
        self.keepalives = self.requests = 0
        self.secure = self.aborted = self.close_after = False
        self.remote_host: str | None = None
        self.notes: dict[str, Any] = {}
        self.buffer = b""
        self.wire = Wire(sock)
        self._sending: Iterator[bool] | None = None
        self.settings = self.base.config(PerServer)
        self.limits = limits(self.settings)
        self.room = server.replay.room(local, self.limits) if server.replay is not None else None
        self._raw: bytes | None = None  # the present request's head, if it came in one piece

    def fileno(self) -> int:
        return self.socket.fileno()

    @property
    def pending(self) -> bool:
        """Whether bytes of a next request are here already."""
        return bool(self.buffer)

    @property
    def timeout(self) -> float:
        """Seconds to wait for a first request, or for the client to take more."""
        return self.settings.timeout

    @property
    def keepalive_timeout(self) -> float:
        """Seconds to wait for a next request."""
        return self.settings.keep_alive_timeout

    def serve_one(self) -> Verdict:
        """Read one request and answer it."""
        if not self.buffer and not self._arrives():
            return Verdict.CLOSE
        if (verdict := self.replayed(None)) is not None:
            return verdict
        started = self.wire.received - len(self.buffer)
        self.reporter.report(READING)
        try:
            head = self._read_head()
        except HTTPError as error:
            return self._refuse(error)
        except OSError:
            self.aborted = True
            return Verdict.CLOSE
        return Verdict.CLOSE if head is None else self._serve(head, started)

    def at_once(self, collect: Collect) -> Verdict | None:
        """For a listener: read what is here, and answer it if that takes no thread; None if it does."""
        try:
            data = self.wire.receive_now()
        except BlockingIOError:
            return Verdict.MORE
        except OSError:
            self.aborted = True
            return Verdict.CLOSE
        if not data:
            return Verdict.CLOSE
        self.buffer += data
        return self.replayed(collect)

    def replayed(self, collect: Collect | None) -> Verdict | None:
        """Give a remembered answer to what has been read, if there is one that holds."""
        replay = self.server.replay
        if replay is None or self.room is None:
            return None
        if collect is None:
            replay.next_turn(time.monotonic())
        found = replay.find(self.room, self.buffer, self.client[0])
        return give(self, *found, collect) if found is not None else None

    def _arrives(self) -> bool:
        """Wait for the first byte of a request."""
        first = self.requests == 0
        if not first and not self.parked:
            self.reporter.report(KEEPALIVE)
        try:
            self.buffer = self.wire.receive(self.timeout if first else self.keepalive_timeout)
        except OSError:
            self.buffer = b""
        return bool(self.buffer)

    def _read_head(self) -> Head | None:
        """The next head; None where the client left or fell silent before it said anything."""
        reader = HeadReader(self.limits)
        data, self.buffer = self.buffer, b""
        first = data
        while (head := reader.feed(data)) is None:
            first = b""
            try:
                data = self.wire.receive(self.timeout)
            except TimeoutError:
                if reader.partial is None:
                    return None
                error = HTTPError(408, "request failed: error reading the headers")
                error.head = reader.partial
                raise error from None
            if not data:
                return None
        self.buffer = reader.rest
        self._raw = first[: len(first) - len(reader.rest)] if first else None
        return head

    def _refuse(self, error: HTTPError) -> Verdict:
        """Answer a request that could not even be read, and end the connection."""
        head = error.head or Head("-", "/", "HTTP/1.0", (1, 0), Headers(), "-")
        request = Request(head, self, self.base)
        request.uri = head.target
        self.close_after = True
        self.requests += 1
        final = errors.die(request, errors.failed(request, error))
        return self._send(request, final)

    def _serve(self, head: Head, started: int) -> Verdict:
        self.requests += 1
        request = Request(head, self, self.base)
        if self.server.replay is not None and head.method in ("GET", "HEAD"):
            request.journal = Journal(explaining=False)
        request.notes["bytes_in_start"] = started
        try:
            self._begin(request)
        except HTTPError as error:
            final = errors.die(request, errors.failed(request, error))
        else:
            self.reporter.report(WRITING, request)
            final = answer(request)
        return self._send(request, final)

    def _begin(self, request: Request) -> None:
        """Find body and host. Raises HTTPError for what must not be served at all."""
        head = request.head
        framing = BodyFraming.from_head(head, self.limits)
        expect = head.headers.get("Expect")
        waits = expect is not None and expect.lower() == "100-continue" and head.version >= (1, 1)
        request.body = RequestBody(
            framing, self.buffer, partial(self.wire.receive, self.timeout), self._say, waits
        )
        self.buffer = b""
        set_target(request, head.target)
        self.server.by_address.select(request, self.chain)
        options = request.server.config(PerServer).protocol_options
        if options.get("methods") == "registered" and not is_known(request):
            raise HTTPError(501, f"HTTP Request: unknown method {head.method}")
        if expect is not None and expect.lower() != "100-continue" and head.version >= (1, 1):
            raise HTTPError(417, f"client sent an unrecognized expectation value of Expect: {expect}")

    def _say(self, data: bytes) -> None:
        """Send something at once, before the answer."""
        self.wire.drive(self.wire.write(data), self.timeout)

    def _send(self, request: Request, final: Request) -> Verdict:
        """Filter, frame and send the answer; then the log, and on with the connection or not."""
        try:
            filters.run(final)
            output.ranges(final)
        except HTTPError as error:
            final = errors.die(final, errors.failed(final, error))
        except Exception as error:
            final = errors.die(final, mishap(final, error))
        outgoing = output.finalize(final, request, self.reporter.stopping)
        if request.journal is not None and self._raw and self.room is not None and self.server.replay:
            self.server.replay.remember(self.room, self._raw, request, final, outgoing)
        return self.go_on(self._answered(request, final, outgoing))

    def go_on(self, sending: Iterator[bool]) -> Verdict:
        """Begin to send an answer."""
        self._sending = sending
        return self.flush()

    def flush(self) -> Verdict:
        """Send on. With a listener to wait for us, WRITE when the socket takes no more; else wait here."""
        sending = self._sending
        assert sending is not None
        try:
            for may_park in sending:
                if self.parked and may_park:
                    return Verdict.WRITE
                self.wire.wait(select.POLLOUT, self.timeout)
        except OSError:
            self.aborted = True
            sending.close()  # type: ignore[attr-defined]
        self._sending = None
        return Verdict.CLOSE if self.aborted or self.close_after else Verdict.KEEP

    def _answered(self, request: Request, final: Request, outgoing: Outgoing) -> Iterator[bool]:
        """Send an answer and finish its request; yields when the socket takes no more."""
        before = self.wire.sent
        try:
            yield from self._transfer(final, outgoing)
        finally:
            release(final.body_out)
            final.bytes_sent = max(0, self.wire.sent - before - len(outgoing.head) - outgoing.framing)
            if not outgoing.keep:
                self.close_after = True
            self._finish(request, final, before)

    def _transfer(self, final: Request, outgoing: Outgoing) -> Iterator[bool]:
        body = outgoing.body
        if isinstance(body, bytes):
            yield from self.wire.write(outgoing.head + body)
        elif isinstance(body, FileBody):
            yield from self.wire.write(outgoing.head, socket.MSG_MORE if len(body) else 0)
            try:
                yield from self.wire.send_file(body)
            except EOFError as error:  # the length was promised already: only closing tells the client
                final.log("error", f"{final.filename}: {error}")
                self.close_after = True
        else:
            try:
                for data in output.framed(outgoing):
                    for _ in self.wire.write(data):
                        yield False  # its source may block: this thread stays with it
            except (OSError, GeneratorExit):
                raise
            except Exception as error:
                mishap(final, error)
                self.close_after = True

    def _finish(self, request: Request, final: Request, before: int) -> None:
        """Read what is left of the request's body, count, and write the logs."""
        self._drain(request)
        self.reporter.report(LOGGING)
        notes = request.notes
        notes["bytes_in"] = self.wire.received - len(self.buffer) - notes.get("bytes_in_start", 0)
        notes["bytes_out"] = self.wire.sent - before
        notes["seconds"] = time.monotonic_ns() - request.started_ns
        try:
            run_all(hooks.LOG_TRANSACTION, request)
        except Exception as error:
            mishap(request, error)
        self.reporter.count(self.wire.sent - before)

    def _drain(self, request: Request) -> None:
        if request.body is None:
            return
        if not (self.close_after or self.aborted):
            try:
                request.body.discard()
            except (HTTPError, OSError):
                self.close_after = True
        self.buffer = request.body.rest

    def start_linger(self) -> bool:
        """Say that nothing more comes from us; False where there is nobody to tell."""
        return not self.aborted and self.wire.half_close()

    def close(self) -> None:
        """Give up the socket, and whatever was being sent."""
        if self._sending is not None:
            self.aborted = True
            self._sending.close()  # type: ignore[attr-defined]
        self.socket.close()
