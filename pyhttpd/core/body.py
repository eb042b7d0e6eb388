"""A request's body as handlers read it: decoded, within limits, with 100 Continue said when it is wanted."""

from collections.abc import Callable

from pyhttpd.http.body import BodyFraming, ChunkedBody, LengthBody
from pyhttpd.http.status import HTTPError

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class RequestBody:
    """Reads a body from a connection.

    `receive` gives more raw bytes (b"" at the end of the connection; raises TimeoutError), `say` sends
    bytes at once.
    """

    def __init__(
        self,
        framing: BodyFraming,
        buffered: bytes,
        receive: Callable[[], bytes],
        say: Callable[[bytes], None],
        expected: bool,
    ) -> None:
        self.framing, self.limit = framing, 0
        self.started = False
        self._receive, self._say = receive, say
        self._expected = expected
        self._buffered, self._ready, self._seen = buffered, b"", 0

    @property
    def remaining(self) -> bool:
        """Whether there is (more) to read."""
        return not self.framing.done or bool(self._ready)

    @property
    def length(self) -> int | None:
        """What Content-Length said, less what was read; None where it is not known."""
        return self.framing.remaining if isinstance(self.framing, LengthBody) else None

    @property
    def chunked(self) -> bool:
        """Whether the length is not known beforehand."""
        return isinstance(self.framing, ChunkedBody)

    def read(self, size: int = 65536) -> bytes:
        """Up to `size` bytes, b"" at the end.

        Raises HTTPError: 400 for broken framing or a client that left, 408 for one that fell silent, 413
        above LimitRequestBody.
        """
        while not self._ready and not self.framing.done:
            self._more()
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _more(self) -> None:
        self._check(self.length or 0)
        if not self.started:
            self.started = True
            if self._expected:
                self._say(CONTINUE)
        raw, self._buffered = self._buffered, b""
        if not raw:
            try:
                raw = self._receive()
            except TimeoutError:
                raise HTTPError(408, "timeout while reading the request body") from None
            if not raw:
                raise HTTPError(400, "the client left before its request body was complete")
        self._ready = self.framing.feed(raw)
        self._seen += len(self._ready)
        self._check(self._seen)

    def _check(self, size: int) -> None:
        if self.limit and size > self.limit:
            raise HTTPError(413, f"Requested content-length of {size} is larger than the configured limit of "
                            f"{self.limit}")  # fmt: skip

    @property
    def rest(self) -> bytes:
        """What came behind the body: the next request's first bytes."""
        return self.framing.rest + self._buffered

    def discard(self) -> None:
        """Read to the end and forget it. Raises as `read` does."""
        while self.remaining:
            self.read()
