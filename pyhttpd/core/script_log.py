"""ScriptLog: what failing scripts were asked and what they answered, for those who debug them.

The directives are shared by mod_cgi and mod_cgid, which are two names of one thing here. The format is 2.2's;
manual: mod/mod_cgi, "CGI Debugging".
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from pyhttpd.config.directive import Where, setting
from pyhttpd.config.values import Atoi, ServerPath
from pyhttpd.core.errorlog import timestamp
from pyhttpd.core.request import Request

MODE = 0o644


@dataclass(frozen=True, slots=True)
class ScriptLog:
    """Where to tell of failing scripts, and how much."""

    file: ServerPath = setting(
        "ScriptLog", "", where=Where.SERVER, doc="file that tells of failing scripts: what they got and gave"
    )
    length: Atoi = setting(
        "ScriptLogLength", 10385760, where=Where.SERVER, doc="bytes beyond which the script log is left alone"
    )
    buffer: Atoi = setting(
        "ScriptLogBuffer", 1024, where=Where.SERVER, doc="bytes of a request body that the script log shows"
    )

    def refused(self, request: Request, status: int, why: str) -> None:
        """Tell of a script that was not run."""
        self._write([*_heading(request, status), f"%error\n{why}\n"])

    def failed(
        self,
        request: Request,
        status: int,
        body: bytes,
        line: bytes,
        output: Iterable[bytes],
        errors: list[bytes],
    ) -> None:
        """Tell of a script whose header was no good: `line` is the bad one, `output` what followed."""
        parts = [*_heading(request, status), "%request\n"]
        parts += [f"{name}: {value}\n" for name, value in request.headers_in.items()]
        if body and request.method in ("POST", "PUT"):
            parts.append(f"\n{_text(body)}\n")
        parts.append("%response\n")
        parts += [f"{name}: {value}\n" for name, value in request.err_headers_out.items()]
        if shown := line.rstrip(b"\r\n"):
            parts.append(_text(shown) + "\n")
        said = [_text(data) + "\n" for data in output]
        parts += ["%stdout\n", *said] if said else []
        complaints = [_text(data) + "\n" for data in errors]
        parts += ["%stderr\n", *complaints, "\n"] if complaints else []
        self._write(parts)

    def _write(self, parts: list[str]) -> None:
        """Append, unless the file is too long by now. A log that cannot be written stops nobody."""
        if not self.file:
            return
        with suppress(OSError):
            if os.path.exists(self.file) and os.path.getsize(self.file) > self.length:
                return
            fd = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
            try:
                os.write(fd, "".join(parts).encode("utf-8", "surrogateescape"))
            finally:
                os.close(fd)


def _heading(request: Request, status: int) -> list[str]:
    query = f"?{request.query}" if request.query is not None else ""
    now = timestamp(int(request.received))
    return [
        f"%% [{now}] {request.method} {request.uri}{query} {request.protocol}\n",
        f"%% {status} {request.filename}\n",
    ]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
