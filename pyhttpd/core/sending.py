"""An answer on its way out, and what is to be done when it is out: counters and logs."""

import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyhttpd.core import hooks, output
from pyhttpd.core.output import Outgoing
from pyhttpd.core.pipeline import run_all
from pyhttpd.core.reporter import LOGGING
from pyhttpd.core.request import Request
from pyhttpd.core.serve import mishap, release
from pyhttpd.http.response import FileBody
from pyhttpd.http.status import HTTPError

if TYPE_CHECKING:
    from pyhttpd.core.connection import Connection


class Sending:
    """One answer: `request` is what was asked, `final` the request that holds the answer."""

    def __init__(
        self, connection: "Connection", request: Request, final: Request, outgoing: Outgoing
    ) -> None:
        self.connection, self.request, self.final, self.outgoing = connection, request, final, outgoing
        self.wire = connection.wire
        self.before = self.wire.sent

    def at_once(self) -> bool:
        """Send what is whole in memory; False where the socket does not take all of it in one go."""
        outgoing = self.outgoing
        if not isinstance(outgoing.body, bytes):
            return False
        try:
            data = outgoing.head + outgoing.body
            whole = self.wire.put(data) == len(data)
        except OSError:
            whole = self.connection.aborted = True
        if whole:
            self._end()
        return whole

    def run(self) -> Iterator[bool]:
        """Send, and finish whatever becomes of it.

        Yields when the socket takes no more: True where anyone may go on, False where only this thread can.
        """
        try:
            yield from self._transfer()
        finally:
            self._end()

    def _transfer(self) -> Iterator[bool]:
        outgoing = self.outgoing
        if isinstance(outgoing.body, bytes):
            done = self.wire.sent - self.before
            yield from self.wire.write(memoryview(outgoing.head + outgoing.body)[done:])
        elif isinstance(outgoing.body, FileBody):
            yield from self.wire.write(outgoing.head, socket.MSG_MORE if len(outgoing.body) else 0)
            yield from self._file(outgoing.body)
        else:
            yield from self._stream()

    def _file(self, body: FileBody) -> Iterator[bool]:
        try:
            yield from self.wire.send_file(body)
        except EOFError as error:  # the length was promised already: only closing tells the client
            self.final.log("error", f"{self.final.filename}: {error}")
            self.connection.close_after = True

    def _stream(self) -> Iterator[bool]:
        try:
            for data in output.framed(self.outgoing):
                for _ in self.wire.write(data):
                    yield False  # its source may block: this thread stays with it
        except (OSError, GeneratorExit):
            raise
        except Exception as error:
            mishap(self.final, error)
            self.connection.close_after = True

    def _end(self) -> None:
        """Free the answer's body, read what is left of the request's, count, and write the logs."""
        connection, request, outgoing = self.connection, self.request, self.outgoing
        if not isinstance(self.final.body_out, bytes):
            release(self.final.body_out)
            self.final.body_out = b""  # a body that knows its request would live on with it until collected
        sent = self.wire.sent - self.before
        self.final.bytes_sent = max(0, sent - len(outgoing.head) - outgoing.framing)
        if not outgoing.keep:
            connection.close_after = True
        self._drain()
        connection.reporter.report(LOGGING)
        notes = request.notes
        notes["bytes_in"] = self.wire.received - len(connection.buffer) - notes.get("bytes_in_start", 0)
        notes["bytes_out"] = sent
        notes["nanoseconds"] = time.monotonic_ns() - request.started_ns
        try:
            run_all(hooks.LOG_TRANSACTION, request)
        except Exception as error:
            mishap(request, error)
        connection.reporter.count(sent)

    def _drain(self) -> None:
        connection, body = self.connection, self.request.body
        if body is None:
            return
        if not (connection.close_after or connection.aborted):
            try:
                body.discard()
            except (HTTPError, OSError):
                connection.close_after = True
        connection.buffer = body.rest
