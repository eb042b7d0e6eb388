"""A client's connection: bytes in, requests through the phases, bytes out.

The MPM decides how to wait, the connection how to speak: `serve_one` and its kin are all between them. The
socket never blocks; where the connection itself must wait (for the rest of a head, for the client to take
more) it polls, up to TimeOut. `parked` says that a listener waits for next requests and for sockets that
take no more, so that no thread has to.
"""

import itertools
import select
import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pyhttpd.core import byterange, errors, filters, output
from pyhttpd.core.arrival import begin
from pyhttpd.core.journal import Journal
from pyhttpd.core.keepalive import asks_to_close, tokens
from pyhttpd.core.logfile import Lines
from pyhttpd.core.output import Outgoing
from pyhttpd.core.reading import may_go_on, read_head
from pyhttpd.core.replay.give import give
from pyhttpd.core.replay.steady import serve_known
from pyhttpd.core.reporter import KEEPALIVE, READING, WRITING, Reporter
from pyhttpd.core.request import Request
from pyhttpd.core.sending import Sending
from pyhttpd.core.serve import answer, mishap, release
from pyhttpd.core.verdict import HandOver, Verdict
from pyhttpd.core.wire import RECEIVE, Wire
from pyhttpd.http.head import Head
from pyhttpd.http.headers import Headers
from pyhttpd.http.response import WHOLE
from pyhttpd.http.status import HTTPError

if TYPE_CHECKING:
    from pyhttpd.core.server import Server

KEEP, CLOSE = Verdict.KEEP, Verdict.CLOSE  # asked for with each answer
numbers = itertools.count(1)


class Connection:
    """One connection, from accept to close. There may be many thousands that only wait, hence the slots."""

    __slots__ = (
        *("_light", "_patience", "_raw", "_sending", "aborted", "asked_to_close", "base", "buffer"),
        *("client", "close_after", "id", "inline", "keepalives", "lines", "local", "notes"),
        *("parked", "place", "remote_host", "reporter", "requests", "room", "secure", "server", "settings"),
        *("socket", "wire"),
    )

    made: type[Request] = Request  # what a head becomes

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
        place = self.place = server.places.get(local) or server.place(local)
        self.base, self.room, self.settings = place.base, place.room, place.settings
        self.keepalives = self.requests = 0
        self.asked_to_close = False  # by the client, in the request answered last
        self.secure = self.aborted = self.close_after = self.inline = False
        self.lines: Lines | None = None
        self.remote_host: str | None = None
        self.notes: dict[str, Any] = {}
        self.buffer = b""
        self.wire = Wire(sock, parked)
        self._sending: Iterator[bool] | None = None
        self._patience: float = self.settings.timeout  # seconds for each further part of a head
        self._light = False  # whether what is being sent needs no more of the client's bytes
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
        data, self.buffer = self.buffer, b""
        if self.server.replay is not None:
            self.server.replay.next_turn(time.monotonic())
        if (found := self.place.remembered(data, self.client[0])) is not None:
            return give(self, *found, len(data))
        started = self.wire.received - len(data)
        self.reporter.report(READING)
        try:
            head, self._raw, self.buffer = read_head(self.wire, self.place.limits, data, self._patience)
        except HTTPError as error:
            return self._refuse(error)
        except OSError:
            self.aborted = True
            return Verdict.CLOSE
        return Verdict.CLOSE if head is None else self._serve(head, started)

    def serve_known(self) -> Verdict:
        """Answer from memory what comes, until something comes that takes more: `serve_one` sees to that."""
        replay, room = self.server.replay, self.room
        patience = self.settings.keep_alive_timeout  # the address's, which may be 0 where a host's is not
        if replay is None or room is None or replay.trust or self.buffer or self.parked or not patience:
            return KEEP
        self.wire.be_patient(patience)
        self.reporter.report(KEEPALIVE)
        return serve_known(self, replay, room)

    def at_once(self, lines: Lines) -> Verdict | None:
        """For a listener: read what is here, and answer it if that takes no thread; None if it does.

        Lines for the logs are left to the listener. MORE while a head is not complete and may still become
        right: a slow client holds no thread.
        """
        try:
            data = self.socket.recv(RECEIVE)
        except BlockingIOError:
            return Verdict.MORE
        except OSError:
            self.aborted = True
            return Verdict.CLOSE
        if not data:
            return Verdict.CLOSE
        self.wire.received += len(data)
        if self.buffer:
            data, self.buffer = self.buffer + data, b""
        self.lines = lines
        if (found := self.place.remembered(data, self.client[0])) is not None:
            verdict: Verdict | None = give(self, *found, len(data))
        else:
            self.buffer = data
            verdict = self._made_here()
        self.lines = None
        return Verdict.MORE if verdict is None and may_go_on(self.buffer) else verdict

    def _made_here(self) -> Verdict | None:
        """Make an answer here, if those like it did nothing that may block; None if this one would."""
        head = self.room.calm_head(self.buffer) if self.room is not None else None
        if head is None:
            return None
        whole, requests = self.buffer, self.requests
        self.buffer, self._raw, self.inline = b"", whole, True
        try:
            return self._serve(head, self.wire.received - len(whole))
        except HandOver:
            self.buffer, self.requests = whole, requests
            return None
        finally:
            self.inline = False

    def hurry(self) -> None:
        """The rest of a head has been waited for long enough."""
        self._patience = 0.0

    @property
    def light(self) -> bool:
        """Whether `flush` is sure not to block: nothing of the request is left to read."""
        return self._light

    def _arrives(self) -> bool:
        """Wait for the first byte of a request."""
        first = self.requests == 0
        patience = self.settings.timeout if first else self.settings.keep_alive_timeout
        if not first and not self.parked:
            self.reporter.report(KEEPALIVE)
        try:
            self.buffer = self.wire.receive(patience)
        except OSError:
            self.buffer = b""
        return bool(self.buffer)

    def _refuse(self, error: HTTPError) -> Verdict:
        """Answer a request that could not even be read, and end the connection."""
        head = error.head or Head("-", "/", "HTTP/1.0", (1, 0), Headers(), "-")
        request = self.made(head, self, self.base)
        request.uri = head.target
        self.close_after = True
        self.requests += 1
        final = errors.die(request, errors.failed(request, error))
        return self._send(request, final)

    def _serve(self, head: Head, started: int) -> Verdict:
        self.requests += 1
        request = self.made(head, self, self.base)
        replay = self.server.replay
        if replay is not None and (replay.on or not self.inline) and head.method in ("GET", "HEAD"):
            request.journal = Journal(explaining=False)
        request.notes["bytes_in_start"] = started
        try:
            begin(self, request)
        except HTTPError as error:
            final = errors.die(request, errors.failed(request, error))
        else:
            self.reporter.report(WRITING, request)
            final = answer(request)
        return self._send(request, final)

    def say(self, data: bytes) -> None:
        """Send something at once, before the answer."""
        self.wire.drive(self.wire.write(data), self.timeout)

    def _send(self, request: Request, final: Request) -> Verdict:
        """Filter, frame and send the answer; then the log, and on with the connection or not."""
        if self.inline and not isinstance(final.body_out, WHOLE):
            release(final.body_out)
            raise HandOver("the answer is a stream")
        final, outgoing = self._complete(request, final)
        if request.journal is not None and self._raw and self.room is not None and self.server.replay:
            self.server.replay.remember(self.room, self._raw, request, final, outgoing)
        light = request.body is None or not request.body.remaining
        sending = Sending(self, request, final, outgoing)
        return self.over() if sending.at_once() else self.go_on(sending.run(), light)

    def _complete(self, request: Request, final: Request) -> tuple[Request, Outgoing]:
        """Filter and frame the answer; the request that holds it then, since filters may fail."""
        try:
            filters.run(final)
            byterange.ranges(final)
            output.read_small(final)
        except HTTPError as error:
            final = errors.die(final, errors.failed(final, error))
        except Exception as error:
            final = errors.die(final, mishap(final, error))
        asked = tokens(request.headers_in.get("Connection"))
        self.asked_to_close = asks_to_close(request, asked)
        return final, output.finalize(final, asked, self.reporter.stopping)

    def go_on(self, sending: Iterator[bool], light: bool) -> Verdict:
        """Begin to send an answer; `light` says that finishing it cannot block."""
        self._sending, self._light = sending, light
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
        return self.over()

    def over(self) -> Verdict:
        """What comes after an answer."""
        return CLOSE if self.aborted or self.close_after else KEEP

    def start_linger(self) -> bool:
        """Say that nothing more comes from us; False where there is nobody to tell, or no need to.

        A client that asked for the end sends nothing that closing at once could turn into a reset.
        """
        return not (self.aborted or self.asked_to_close) and self.wire.half_close()

    def close(self) -> None:
        """Give up the socket, and whatever was being sent."""
        if self._sending is not None:
            self.aborted = True
            self._sending.close()  # type: ignore[attr-defined]
        self.socket.close()
