"""Run CGI programs (RFC 3875): what mod_cgi and mod_cgid do, which are two names of one thing here.

A program gets the request's body as its input and writes a header and a body. What it says on standard error
goes to the error log. A program whose name begins with `nph-` writes the whole answer itself. Rules and texts
are 2.2's (mod_cgi.c); manual: mod/mod_cgi, howto/cgi.
"""

import os
import re
import stat

from pyhttpd.core.cgi_env import INCLUDED, add_cgi_vars, add_common_vars, encoded, environment
from pyhttpd.core.core_module.schema import PerDir, PerServer
from pyhttpd.core.logfile import reason
from pyhttpd.core.options import Opt, switching
from pyhttpd.core.pipeline import Answer
from pyhttpd.core.request import Request
from pyhttpd.core.script import Script, Silence
from pyhttpd.core.script_headers import scan
from pyhttpd.core.script_log import ScriptLog
from pyhttpd.core.subrequest import internal_redirect
from pyhttpd.core.uri import unescape_text
from pyhttpd.http.status import HTTPError

HANDLERS = ("cgi-script", "application/x-httpd-cgi")
MOST_ARGUMENTS = 4096
_SHELL = re.compile(r"""[&;`'"|*?~<>^()\[\]{}$\\\n]""")


class Output:
    """What a program writes after its header: the answer's body. Closing it early ends the program."""

    def __init__(self, request: Request, script: Script, length: int | None = None) -> None:
        self.request, self.script, self.left = request, script, length

    def __iter__(self) -> "Output":
        return self

    @property
    def at_hand(self) -> bool:
        """Whether the next piece is here already, so that it may go out together with the head."""
        return self.script.at_hand and self.left != 0

    def __next__(self) -> bytes:
        data = self._read()
        if self.left is not None:
            data = data[: self.left]
            self.left -= len(data)
        if data:
            return data
        if self.left:  # fewer bytes than the program announced: only the end of the connection can tell
            self.request.connection.close_after = True
        self.script.finish()
        raise StopIteration

    def close(self) -> None:
        """Nobody reads on. A HEAD's program is let finish, any other is ended."""
        try:
            if self.request.header_only and not self.request.connection.aborted:
                self.drain()
        finally:
            self.script.close()

    def drain(self) -> None:
        """Wait for the program to end, whatever it writes."""
        while self._read():
            pass
        self.script.finish()

    def _read(self) -> bytes:
        try:
            return self.script.read()
        except Silence:
            silent(self.request)
            self.script.close()
            raise


def serve(request: Request, log: ScriptLog, timeout: float | None = None) -> Answer:
    """Run the program that the request is for. `timeout` in seconds, None for the server's Timeout."""
    request.blocks("a CGI program is run")
    nph = os.path.basename(request.filename or "").startswith("nph-")
    check(request, log, nph)
    if request.explaining:
        line = switching(request.layer.origin(PerDir, "options"), Opt.EXEC_CGI)
        request.step("core", "the program may be run", line)
    if request.imagined(f"{request.filename} would be run, and says the rest"):
        return b""
    add_common_vars(request)
    add_cgi_vars(request)
    script = _start(request, log, timeout or request.server.config(PerServer).timeout)
    try:
        seen = _feed(request, script, log.buffer if log.file else 0)
        if not nph:
            return _answer(request, script, log, seen)
    except BaseException:
        script.close()
        raise
    request.notes["nph"] = True
    request.output_filters = []
    return Output(request, script)


def check(request: Request, log: ScriptLog, nph: bool) -> None:
    """Raise HTTPError for what must not be run."""
    options = request.config(PerDir).options.effective
    aliased = request.notes.get("alias-forced-type", "").lower() == "cgi-script"
    info = request.info
    for wrong, status, why in (
        (not options & Opt.EXEC_CGI and not aliased, 403, "Options ExecCGI is off in this directory"),
        (nph and request.protocol == INCLUDED, 403, "attempt to include NPH CGI script"),
        (info is None, 404, "script not found or unable to stat"),
        (info is not None and stat.S_ISDIR(info.st_mode), 403, "attempt to invoke directory as script"),
        (
            request.path_info and request.path_info_accepted is False,
            404,
            "AcceptPathInfo off disallows user's path",
        ),
    ):
        if wrong:
            if "Options" in why:
                line = switching(request.layer.origin(PerDir, "options"), Opt.EXEC_CGI)
                request.step("core", why, line, decides=True)
            log.refused(request, status, why)
            raise HTTPError(status, f"{why}: {request.filename}")


def arguments(request: Request) -> list[bytes]:
    """The program and, from a query without an equals sign, its arguments (RFC 3875, 4.4)."""
    command = [encoded(request.filename or "")]
    if request.query and "=" not in request.query:
        words = request.query.split("+")[: MOST_ARGUMENTS - 2]
        command += [encoded(_SHELL.sub(r"\\\g<0>", unescape_text(word))) for word in words]
    return command


def _start(request: Request, log: ScriptLog, timeout: float) -> Script:
    filename = request.filename or ""
    if not os.access(encoded(filename), os.X_OK):
        raise HTTPError(500, f"(13)Permission denied: couldn't spawn child process: {filename}")
    try:
        return Script(
            arguments(request),
            environment(request.env),
            encoded(os.path.dirname(filename) or "/"),
            timeout,
            lambda line: request.log("error", line.decode("utf-8", "surrogateescape")),
            reads=request.main is None and request.body is not None and request.body.remaining,
            limits=request.config(PerDir).process_limits,
        )
    except OSError as error:
        request.log("error", f"{reason(error)}: exec of '{filename}' failed")
        text = f"Premature end of script headers: {os.path.basename(filename)}"
        log.failed(request, 500, b"", b"", (), [])
        raise HTTPError(500, text) from None


def _feed(request: Request, script: Script, wanted: int) -> bytes:
    """Give the request's body to the program. Answers its first bytes, as many as the log wants."""
    body, seen, taken = request.body, b"", True
    if request.main is None and body is not None and body.remaining:
        body.limit = request.config(PerDir).body_limit
        while data := body.read():
            seen += data[: max(wanted - len(seen), 0)]
            try:
                taken = taken and script.feed(data)
            except Silence:
                taken = False
                request.log("error", f"Error writing request body to script {request.filename}")
    script.end_of_input()
    return seen


def _answer(request: Request, script: Script, log: ScriptLog, seen: bytes) -> Answer:
    """Header, then body; or a redirect."""
    condition = _header(request, script, log, seen)
    if condition:
        request.status = condition
        return b"" if condition == 304 else condition
    location = request.headers_out.get("Location")
    if location and request.status == 200:
        Output(request, script).drain()
        if not location.startswith("/"):
            return 302
        request.method = "GET"
        request.headers_in.unset("Content-Length")
        return internal_redirect(request, location)
    length = request.headers_out.get("Content-Length")
    if length is not None and not re.fullmatch("[0-9]{1,18}", length):
        request.headers_out.unset("Content-Length")
        length = None
    return Output(request, script, None if length is None else int(length))


def _header(request: Request, script: Script, log: ScriptLog, seen: bytes) -> int:
    """Read the header; what is wrong with it goes to the script log. Raises HTTPError."""
    lines = [b""]

    def read_line() -> bytes:
        lines[0] = script.read_line()
        return lines[0]

    name = os.path.basename(request.filename or "")
    try:
        condition = scan(request, read_line, name)
    except Silence:
        silent(request)
        _tell(request, script, log, 504, seen, b"")
        raise HTTPError(504, f"Script timed out before returning headers: {name}") from None
    except HTTPError as error:
        _tell(request, script, log, error.status, seen, lines[0])
        raise
    if condition:
        _tell(request, script, log, condition, seen, b"")
    return condition


def _tell(request: Request, script: Script, log: ScriptLog, status: int, seen: bytes, line: bytes) -> None:
    """Write to the script log, with all that the program still has to say; see it end."""
    errors: list[bytes] = []
    if log.file:
        script.complain = errors.append
    rest: list[bytes] = []
    try:
        while status != 504 and (data := script.read()):
            if log.file:
                rest.append(data)
        if status != 504:
            script.finish()
    except Silence:
        silent(request)
    script.close()
    if log.file:
        log.failed(request, status, seen, line, rest, errors)


def silent(request: Request) -> None:
    """Say that a program has not been heard of."""
    request.log("warn", f"Timeout waiting for output from CGI script {request.filename}")
