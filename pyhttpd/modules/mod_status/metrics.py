"""The figures in Prometheus' text format (version 0.0.4). No client, host or request line is in them."""

from collections.abc import Iterable, Iterator, Mapping

from pyhttpd import __version__
from pyhttpd.mpm.scoreboard import LETTERS, Picture, Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Samples = Iterable[tuple[Mapping[str, object], float]]


def text(picture: Picture) -> str:
    """All of them."""
    return "".join(
        line for name, kind, help, samples in _all(picture) for line in _lines(name, kind, help, samples)
    )


def _lines(name: str, kind: str, help: str, samples: Samples) -> Iterator[str]:
    name = f"pyhttpd_{name}"
    yield f"# HELP {name} {help}\n# TYPE {name} {kind}\n"
    for labels, value in samples:
        listed = ",".join(f'{key}="{_escaped(str(label))}"' for key, label in labels.items())
        yield f"{name}{{{listed}}} {value!r}\n" if listed else f"{name} {value!r}\n"


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _one(value: float) -> Samples:
    return [({}, value)]


def _by(label: str, values: Mapping[str, float]) -> Samples:
    return [({label: key}, value) for key, value in values.items()]


def _all(picture: Picture) -> Iterator[tuple[str, str, str, Samples]]:
    children, counts, usage = picture.children, picture.counts, picture.usage
    about = {"version": __version__, "mpm": picture.mpm, "server": picture.software}
    yield "info", "gauge", "What runs.", [(about, 1)]
    yield "start_time_seconds", "gauge", "When counting began.", _one(round(picture.restart_time, 3))
    yield "generation", "gauge", "Graceful restarts since the start.", _one(picture.generation)
    yield "requests_total", "counter", "Requests answered.", _one(counts.answers)
    yield "sent_bytes_total", "counter", "Bytes sent, heads included.", _one(counts.bytes)
    yield "replayed_total", "counter", "Answers given again from memory.", _one(counts.replayed)
    yield (
        "workers",
        "gauge",
        "Workers of serving children.",
        _by("state", {"busy": picture.busy, "idle": picture.ready}),
    )
    letters = {status.name.lower(): picture.letters.count(LETTERS[status]) for status in Status}
    yield "scoreboard", "gauge", "Slots by what their workers do.", _by("state", letters)
    stopping = sum(child.stopping for child in children)
    yield (
        "children",
        "gauge",
        "Child processes.",
        _by("state", {"serving": len(children) - stopping, "stopping": stopping}),
    )
    if picture.mpm == "event":
        yield "connections", "gauge", "Open connections.", _by("state", _connections(picture))
    if usage.seconds:
        modes = {"user": usage.user + usage.children_user, "system": usage.system + usage.children_system}
        yield (
            "cpu_seconds_total",
            "counter",
            "Processor time of all children.",
            _by("mode", {mode: round(seconds, 2) for mode, seconds in modes.items()}),
        )
        yield "resident_bytes", "gauge", "Memory of the living children.", _one(usage.resident)


def _connections(picture: Picture) -> dict[str, float]:
    children = picture.children
    parked = {
        "waiting": sum(child.waiting for child in children),
        "writing": sum(child.writing for child in children),
        "closing": sum(child.closing for child in children),
    }
    return {"busy": max(0, sum(child.connections for child in children) - sum(parked.values())), **parked}
