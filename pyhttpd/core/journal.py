"""What one request looked at, and what it decided.

While a request runs, `request.journal` can note two things. *Inputs*: header fields read, client address,
the stamp of every file and .htaccess examined or found missing, the clock, the environment; an answer may
be given again only while they all hold. *Steps*: virtual host chosen, sections merged, rule matched, access
granted by which line, each with its file:line; that is what people are shown when they ask why.

A request without a journal has None there, so keeping none costs one attribute test.
"""

from dataclasses import dataclass, field
from typing import Any

from pyhttpd.config.merge import Layer
from pyhttpd.diagnostics import Location

TICK = 0.02  # seconds within which two changes of a file may get one stamp
COARSE = 2.0  # the same for file systems that keep whole seconds
CHANGED = 4  # where a stamp has the time of the last change of any kind, in nanoseconds


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: the phase or module that took it, a sentence, the line that caused it.

    `decides` says that the answer hangs on it. `depth` counts the requests around this one, of which it is a
    subrequest or an internal redirect; `outcome` is the status that a subrequest ended with. `layer` are the
    settings that a section brought.
    """

    room: str
    text: str
    location: Location | None = None
    decides: bool = False
    depth: int = 0
    phase: str = ""
    outcome: int = 0
    layer: Layer | None = None


@dataclass(slots=True)
class Journal:
    """Inputs and steps of one request, its subrequests and internal redirects included.

    `inputs` maps (kind, key) to the value seen: ("header", "user-agent") -> text or None; ("file", path) ->
    stamp or None, and "link" where it was not followed, "way" for a directory that was only passed through;
    ("client", "address"); ("clock", ""); ("env", name). `unrepeatable` holds reasons why the answer must not
    be given again (a process was run, a body read, a module looked at something it did not declare).
    """

    inputs: dict[tuple[str, str], Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    unrepeatable: list[str] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)  # level and text of what went to the error log
    explaining: bool = True  # whether anybody will read the steps
    phase: str = ""  # the one at work, where whoever explains keeps it
    blocked: bool = False  # whether something was done that may take long
    dry: bool = False  # what would change the world is told and not done

    def input(self, kind: str, key: str, value: Any) -> None:
        """Note something the answer depends on."""
        self.inputs[kind, key] = value

    def file(self, kind: str, path: str, stamp: tuple[int, ...] | None, now: float) -> None:
        """Note what a file or link was. `now` is when the request came.

        One that is not the same all the time, or that may change without getting another stamp, is nothing
        to rely on.
        """
        if self.inputs.setdefault((kind, path), stamp) != stamp:
            self.never_again(f"{path} changed meanwhile")
        elif stamp is not None and not settled(stamp, now):
            self.never_again(f"{path} has only just changed")

    def step(
        self,
        room: str,
        text: str,
        location: Location | None = None,
        *,
        decides: bool = False,
        depth: int = 0,
        outcome: int = 0,
        layer: Layer | None = None,
    ) -> None:
        """Note a decision."""
        if self.explaining:
            self.steps.append(Step(room, text, location, decides, depth, self.phase, outcome, layer))

    def never_again(self, reason: str) -> None:
        """Note that this answer holds for this one request only."""
        self.unrepeatable.append(reason)


def settled(stamp: tuple[int, ...], now: float) -> bool:
    """Whether a file that has this stamp will get another one with its next change."""
    seconds, fraction = divmod(stamp[CHANGED], 10**9)
    return now - (seconds + fraction / 1e9) > (TICK if fraction else COARSE)
