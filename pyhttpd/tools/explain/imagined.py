"""A connection without a network: the server's own reading, phases and answers, watched.

Everything a request goes through is the real thing. What is different: the bytes come from memory and the
answer goes nowhere; no log is opened; what would change the world stops before it does (`Journal.dry`); hooks
and handlers are asked by way of `Watch`, which notes the phase each step was taken in, and, where a module
ended the request without naming a line, the lines whose settings it had looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pyhttpd.core import hooks
from pyhttpd.core.connection import Connection
from pyhttpd.core.hooks import DECLINED, DONE, OK
from pyhttpd.core.journal import Journal
from pyhttpd.core.options import Options, Overriding
from pyhttpd.core.output import Outgoing
from pyhttpd.core.request import Request
from pyhttpd.core.serve import release
from pyhttpd.core.verdict import Verdict
from pyhttpd.diagnostics import Location
from pyhttpd.http.response import FileBody
from pyhttpd.http.status import HTTPError, status_line

if TYPE_CHECKING:
    from pyhttpd.core.server import Server

ANSWERS = "answers"  # what the step says with which a hook ends a request
ANSWER = "answer"  # the phase after all hooks: error pages, ranges, header fields
DISCARDED = "before"  # sections merged to find the file's name, and forgotten again
BEFORE = ("", hooks.POST_READ_REQUEST.name, hooks.QUICK_HANDLER.name)
SETTING_UP = (hooks.INSERT_FILTER.name, hooks.INSERT_ERROR_FILTER.name)
WATCH = "explain"  # where a connection's notes have the Watch
NAMED = (dict, tuple, list, frozenset, Options, Overriding)  # of these modules name the line that counted
Settings = TypeVar("Settings")
Reads = dict[tuple[type, str], Location]


class Memory:
    """A socket that is none: gives bytes that were written beforehand, takes any."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def recv(self, size: int) -> bytes:
        """Next bytes, b"" at the end."""
        data, self.data = self.data[:size], self.data[size:]
        return data

    def send(self, data: bytes, _flags: int = 0) -> int:
        """Take it all."""
        return len(data)

    def _nothing(self, *_: object) -> None:
        pass

    setblocking = setsockopt = shutdown = close = _nothing


class Nobody:
    """A reporter without a scoreboard."""

    stopping = False

    def report(self, status: int, request: Request | None = None) -> None:
        """Nobody is told."""

    def count(self, bytes_sent: int, replayed: bool = False) -> None:
        """Nothing is counted."""


class Watched:
    """Settings that tell which of their fields are read."""

    def __init__(self, settings: Any, told: Callable[[str], None]) -> None:
        self._settings, self._told = settings, told

    def __getattr__(self, name: str) -> Any:
        self._told(name)
        return getattr(self._settings, name)

    def __eq__(self, other: object) -> bool:
        return bool(self._settings == getattr(other, "_settings", other))

    def __hash__(self) -> int:
        return hash(self._settings)


class Witnessed(Request):
    """A request whose way is watched. `phase` is the one it is in, or the last it was in."""

    phase = ""

    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        self.watch: Watch = self.connection.notes[WATCH]
        self.journal = self.watch.journal

    def config(self, schema: type[Settings]) -> Settings:
        """The settings, wrapped up so that reading them is noticed."""

        def told(name: str) -> None:
            self.watch.read(self, schema, name)

        return cast(Settings, Watched(super().config(schema), told))

    def step(self, room: str, text: str, location: Any = None, **more: Any) -> None:
        """Note a decision, and in which phase it was taken."""
        around = self.main or self.prev
        outer = around.phase if isinstance(around, Witnessed) else ""
        early = more.get("layer") is not None and self.phase in BEFORE
        self.watch.journal.phase = DISCARDED if early else self.phase or outer
        super().step(room, text, location, **more)

    def log(self, level: str, message: str) -> None:
        """What would stand in the error log is a step."""
        self.step("error log", f"[{level}] {message}")


@dataclass
class Watch:
    """Asks hooks, and notes what they do. `user` is taken for logged in, whatever the password."""

    journal: Journal
    user: str | None = None
    reads: list[Reads] = field(default_factory=lambda: [{}])  # the hooks at work, the innermost last

    def through(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function to ask in place of a hook."""
        if phase == hooks.LOG_TRANSACTION.name:
            return lambda request: DECLINED
        if phase == hooks.CHECK_USER_ID.name and self.user is not None:
            return self.taken_for_granted
        room = room_of(function)
        return lambda request: self.ask(phase, room, function, request)

    def taken_for_granted(self, request: Request) -> int:
        """--user without a password: who asks is who he says."""
        request.user, request.auth_type = self.user, "Basic"
        request.step("explain", f"taken for granted: {self.user} has logged in", decides=True)
        return OK

    def ask(self, phase: str, room: str, function: Callable[..., Any], request: Any) -> Any:
        """Ask a hook or handler."""
        if not isinstance(request, Witnessed):  # phases of the server's life and of connections
            return function(request)
        began = len(self.journal.steps)
        if phase not in SETTING_UP:
            self.reads[0].clear()
        request.phase = phase
        self.reads.append({})
        try:
            result = function(request)
            self.judge(request, room, result, began)
            return result
        except HTTPError as error:
            self.ended(request, room, error.status, began)
            raise
        finally:
            self.reads.pop()

    def judge(self, request: Request, room: str, result: Any, began: int) -> None:
        """Note what a hook answered, if nobody is asked after it."""
        if isinstance(result, int):
            if result not in (OK, DONE):
                self.ended(request, room, result, began)
            return
        if result is DECLINED or isinstance(result, Request):
            return
        if isinstance(result, FileBody):
            request.step(room, f"serves {request.filename}, {result.length} bytes", decides=True)
        elif not self.decided(request, began):
            request.step(room, f"makes the answer ({request.handler})", decides=True)
        self.settings_used(request)

    def ended(self, request: Request, room: str, status: int, began: int) -> None:
        """Note that a hook ended the request; its line is the one that decided, or was looked at."""
        around = request.depth
        since = self.journal.steps[began:]
        said = [s.location for s in since if s.decides and s.location and s.depth >= around]
        self.settings_used(request)
        lines = said or list(self.reads[-1].values())
        request.step(room, f"{ANSWERS} {status_line(status)}", lines[-1] if lines else None, decides=True)

    def decided(self, request: Request, began: int) -> list[Any]:
        """The steps since then that decided about this request."""
        depth = request.depth
        return [step for step in self.journal.steps[began:] if step.decides and step.depth == depth]

    def settings_used(self, request: Request) -> None:
        """Note the lines whose settings were read by the hook at work."""
        for line in dict.fromkeys(self.reads[-1].values()):
            request.step("setting", line.text.strip(), line, decides=True)

    def read(self, request: Request, schema: type, name: str) -> None:
        """Note that a setting was read, if somebody wrote it."""
        line = request.layer.line(schema, name)
        if line is not None and type(request.layer.values[schema].get(name)) not in NAMED:
            self.reads[-1][schema, name] = line


def room_of(function: Callable[..., Any]) -> str:
    """The module that a hook is of: `mod_alias`, or core."""
    parts = function.__module__.split(".")
    if parts[:2] == ["pyhttpd", "modules"]:
        return parts[2]
    return "core" if parts[0] == "pyhttpd" else function.__module__


@dataclass
class Outcome:
    """One answer: what was read, the request that holds the answer, and its head and body."""

    request: Request
    final: Request
    outgoing: Outgoing


class Imagined(Connection):
    """A connection that somebody thought up. `outcomes` are its answers so far."""

    made = Witnessed

    def __init__(
        self,
        server: "Server",
        data: bytes,
        client: tuple[str, int],
        local: tuple[str, int],
        watch: Watch,
        secure: bool = False,
    ) -> None:
        super().__init__(server, cast(Any, Memory(data)), client, local, Nobody(), False)
        self.secure = secure
        self.notes[WATCH] = watch
        self.outcomes: list[Outcome] = []

    def _send(self, request: Request, final: Request) -> Verdict:
        """Make the answer's head, and leave it at that."""
        watch: Watch = self.notes[WATCH]
        if isinstance(final, Witnessed):
            final.phase = ANSWER
        final, outgoing = self._complete(request, final)
        watch.settings_used(final)
        watch.reads[0].clear()
        release(final.body_out)
        if request.body is not None:
            self.buffer = request.body.rest
        self.outcomes.append(Outcome(request, final, outgoing))
        return Verdict.KEEP if outgoing.keep and not self.close_after else Verdict.CLOSE
