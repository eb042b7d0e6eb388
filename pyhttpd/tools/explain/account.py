"""What became of an imagined request: the way it went, what it ended with, and which lines decided."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyhttpd.config.merge import Layer
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.journal import Journal, Step
from pyhttpd.diagnostics import Location
from pyhttpd.tools.explain.asked import Asked
from pyhttpd.tools.explain.hosts import reasons
from pyhttpd.tools.explain.imagined import ANSWERS, Imagined, Outcome, Watch

if TYPE_CHECKING:
    from pyhttpd.core.request import Request
    from pyhttpd.core.server import Server

CLIENT_PORT = 40000
STOPPED = "stops here"


@dataclass
class Account:
    """One request explained."""

    asked: Asked
    outcome: Outcome
    journal: Journal
    steps: list[Step] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = settled(self.journal.steps, self.status)

    @property
    def final(self) -> "Request":
        """The request that holds the answer: the one asked, or the last of its internal redirects."""
        return self.outcome.final

    @property
    def status(self) -> int:
        """The answer's status."""
        return self.final.status

    @cached_property
    def head(self) -> tuple[str, list[tuple[str, str]]]:
        """The status line and the header fields, as they would be sent."""
        return split_head(self.outcome.outgoing.head)

    @property
    def stopped(self) -> bool:
        """Whether a program would have said the rest."""
        return any(step.text.startswith(STOPPED) for step in self.journal.steps)

    @property
    def without_htaccess(self) -> list[str]:
        """The folders in which an .htaccess file was looked for in vain."""
        names = self.final.server.config(PerServer).access_file_names
        inputs = self.journal.inputs.items()
        missing = [path.rpartition("/") for (kind, path), stamp in inputs if kind == "file" and not stamp]
        return list(dict.fromkeys(folder or "/" for folder, _, name in missing if name in names))

    @cached_property
    def verdict(self) -> Step | None:
        """The step that ended the request before it had its answer; an error document may have come after."""
        return next((s for s in self.steps if s.text.startswith(f"{ANSWERS} ") and not s.depth), None)

    @cached_property
    def deciding(self) -> list[Step]:
        """The steps that decided and name a line, each line once; first the one that decided the status."""
        first = [self.verdict] if self.verdict else []
        found: dict[tuple[str, int], Step] = {}
        for step in (*first, *(step for step in self.steps if step.decides)):
            if step.location is not None:
                found.setdefault((step.location.source.name, step.location.line), step)
        return list(found.values())

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        final = self.final
        return {
            "method": self.asked.method,
            "url": self.asked.url,
            "client": self.asked.client,
            "local": list(self.asked.local),
            "virtual_host": {"name": final.server.name} | place(final.server.location),
            "status": self.status,
            "status_line": self.head[0],
            "headers": [list(one) for one in self.head[1]],
            "file": final.filename,
            "path_info": final.path_info,
            "handler": handler(final),
            "content_type": final.content_type,
            "user": final.user,
            "complete": not self.stopped,
            "without_htaccess": self.without_htaccess,
            "verdict": as_json(self.verdict) if self.verdict else None,
            "steps": [as_json(step) for step in self.steps],
            "decided_by": [as_json(step) for step in self.deciding],
        }


def handler(request: "Request") -> str:
    """What answers for a request."""
    return request.handler or "default-handler"


def split_head(head: bytes) -> tuple[str, list[tuple[str, str]]]:
    """Status line and fields of a head."""
    first, *lines = head.decode("utf-8", "surrogateescape").rstrip("\r\n").split("\r\n")
    pairs = [line.partition(":") for line in lines if line]
    return first.partition(" ")[2], [(name, value.strip()) for name, _, value in pairs]


def as_json(step: Step) -> dict[str, Any]:
    """A step for programs."""
    said = [place(line) | {"text": line.text.strip()} for line in lines_of(step.layer)]
    return {
        "room": step.room,
        "phase": step.phase,
        "text": step.text,
        "decides": step.decides,
        "depth": step.depth,
        **place(step.location),
        **({"says": said} if step.layer is not None else {}),
        **({"outcome": step.outcome} if step.outcome else {}),
    }


def place(location: Location | None) -> dict[str, Any]:
    """File and line, nothing where there is none."""
    return {} if location is None else {"file": location.source.name, "line": location.line}


def lines_of(layer: Layer | None) -> list[Location]:
    """The lines that a section's settings come from, in the order they stand."""
    if layer is None:
        return []
    found = {(line.source.name, line.line): line for lines in layer.origins.values() for line in lines}
    return [found[key] for key in sorted(found)]


def settled(steps: list[Step], status: int) -> list[Step]:
    """The steps, with those no longer deciding that a subrequest took which came to nothing.

    What a subrequest ended with counts if the file it found took the request's place, or if its status became
    the request's own.
    """
    result = list(steps)
    began: dict[int, int] = {}
    for index, step in enumerate(steps):
        began = {depth: at for depth, at in began.items() if depth <= step.depth}
        began.setdefault(step.depth, index)
        if step.outcome:
            start = began.pop(step.depth)
            if step.outcome not in (200, status):
                result[start : index + 1] = [replace(one, decides=False) for one in result[start : index + 1]]
    _overwritten(result)
    return result


def _overwritten(steps: list[Step]) -> None:
    """Header fields that a later line sets or takes away are not decided by earlier lines."""
    last: set[tuple[int, str]] = set()
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        if step.room == "mod_headers":
            action, _, name = step.text.partition(" ")
            key = (step.depth, name.lower())
            if key in last:
                steps[index] = replace(step, decides=False)
            elif step.decides and action in ("set", "unset"):
                last.add(key)


def explain(server: "Server", asked: Asked, *, run: bool = False, user: str | None = None) -> Account:
    """Send an imagined request through a server that nobody else uses. With `run`, programs are run."""
    journal = Journal(dry=not run)
    watch = Watch(journal, user)
    server.watch(watch.through)
    server.replay = None  # its journals note no steps
    connection = Imagined(
        server, asked.wire(), (asked.client, CLIENT_PORT), asked.local, watch, asked.scheme == "https"
    )
    for note in asked.notes:
        journal.step("explain", f"assumed: arrives at {asked.local[0]}:{asked.local[1]}, {note}")
    connection.serve_one()
    if not connection.outcomes:
        raise ValueError("the request cannot be read: no answer would be sent")
    outcome = connection.outcomes[0]
    first = outcome.request
    opening = [
        Step("vhosts", why.text, why.location, why.decides) for why in reasons(first, connection.place.chain)
    ]
    rest = [step for step in journal.steps if step.room != "vhosts"]
    at = len(asked.notes)
    journal.steps[:] = [*rest[:at], *opening, *rest[at:]]
    return Account(asked, outcome, journal)
