"""The socket under a connection: it counts what goes through, and waits only as long as it is told to.

Where a listener waits for others (`parked`), the socket never blocks, and sending is a generator that
yields whenever it takes no more: the one who drives it decides whether to wait here or to let the listener
wait. Where a thread has nobody else to look after, the kernel waits with it, which saves a system call or
two for every request.
"""

import os
import select
import socket
import struct
from collections.abc import Iterator

from pyhttpd.http.response import FileBody

RECEIVE = 16384  # bytes read at a time
SEND_SLICE = 2 << 20  # most bytes of a file handed to the kernel at a time; small answers wait that long


class Wire:
    """One socket. `received` and `sent` are bytes so far."""

    __slots__ = ("_patience", "parked", "received", "sent", "socket")

    def __init__(self, sock: socket.socket, parked: bool) -> None:
        self.socket, self.parked = sock, parked
        self.received = self.sent = 0
        self._patience = 0.0  # the kernel's, where it waits
        if parked:  # else it blocks, as accepted sockets do
            sock.setblocking(False)

    def receive(self, seconds: float) -> bytes:
        """More bytes, b"" at the end. Raises TimeoutError, or OSError for a broken connection."""
        if not self.parked and seconds > 0:
            self.be_patient(seconds)
            try:
                data = self.socket.recv(RECEIVE)
            except BlockingIOError:
                raise TimeoutError from None
            self.received += len(data)
            return data
        try:
            data = self.socket.recv(RECEIVE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            self.wait(select.POLLIN, seconds)
            data = self.socket.recv(RECEIVE)
        self.received += len(data)
        return data

    def be_patient(self, seconds: float) -> None:
        """Tell the kernel how long to wait for the client, unless it knows."""
        if seconds == self._patience:
            return
        self._patience = seconds
        whole = int(seconds)
        span = struct.pack("ll", whole, int((seconds - whole) * 1_000_000))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)

    def wait(self, event: int, seconds: float) -> None:
        """Wait for POLLIN or POLLOUT. Raises TimeoutError."""
        poll = select.poll()
        poll.register(self.socket, event)
        if not poll.poll(max(seconds, 0) * 1000):
            raise TimeoutError

    def drive(self, sending: Iterator[object], seconds: float) -> None:
        """Send to the end, waiting here. Raises TimeoutError and OSError."""
        for _ in sending:
            self.wait(select.POLLOUT, seconds)

    def put(self, data: bytes) -> int:
        """Send as much as the socket takes at once; how much that was. Raises OSError."""
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            return 0
        self.sent += sent
        return sent

    def write(self, data: bytes | memoryview, flags: int = 0) -> Iterator[bool]:
        """Send bytes; yields True when the socket takes no more."""
        view = memoryview(data)
        while view:
            try:
                sent = self.socket.send(view, flags)
            except BlockingIOError:
                yield True
                continue
            self.sent += sent
            view = view[sent:]

    def send_file(self, body: FileBody) -> Iterator[bool]:
        """Let the kernel send a file; yields True when the socket takes no more.

        Raises EOFError when the file has become shorter than it was.
        """
        position, end = body.offset, body.offset + body.length
        out = self.socket.fileno()
        while position < end:
            try:
                sent = os.sendfile(out, body.fd, position, min(SEND_SLICE, end - position))
            except BlockingIOError:
                yield True
                continue
            if not sent:
                raise EOFError(f"file ended at {position} of {end} bytes")
            position += sent
            self.sent += sent
            if position < end:
                yield True  # a big file must not keep small answers waiting

    def half_close(self) -> bool:
        """Say that nothing more comes from us; False where there is nobody to tell."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True
