"""Layers of explicitly written values, and how one layer comes over another.

A layer holds what a configuration *says* and nothing else: `{schema: {field: value}}`. Defaults live in the
schema (a frozen dataclass) and fill what nobody wrote when `Layer.settings` builds it. So no value means
"unset", and merging is one function for all modules.

How a field behaves is its `Merge`: what happens when the same section says it again (`repeat`) and when an
inner section says it (`inherit`). A schema with `merge_whole = True` is not merged at all: an inner section
that uses the module replaces everything the outer one said of it, as 2.2's modules without a per-directory
merger do (mod_authz_host, all of authentication ...). There, field by field would change who gets in.
One whose fields decide about each other brings a static method `merge_written(outer, inner)` that merges what
two places wrote.

Layers are never changed once the walk is over; children share them after fork.
"""

import operator
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, TypeVar, cast

from pyhttpd.diagnostics import Location

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class Merge:
    """The two rules of a field: said again in one section, and said by an inner section."""

    repeat: Callable[[Any, Any], Any]
    inherit: Callable[[Any, Any], Any]


def _latter(_before: Any, after: Any) -> Any:
    return after


def _prepend(outer: Any, inner: Any) -> Any:
    return inner + outer


REPLACE = Merge(_latter, _latter)
COLLECT = Merge(operator.add, _latter)
EXTEND = Merge(operator.add, operator.add)
PREPEND = Merge(operator.add, _prepend)
UPDATE = Merge(operator.or_, operator.or_)


def merged(default: Any, merge: Merge = REPLACE) -> Any:
    """Declare a schema field that directives write with functions of their own."""
    metadata = {"merge": merge}
    if isinstance(default, dict | list):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@cache
def policies(schema: type) -> dict[str, Merge]:
    """The merge rule of each field of a schema."""
    return {f.name: f.metadata.get("merge", REPLACE) for f in fields(cast(Any, schema))}


def defaults(schema: type) -> dict[str, Any]:
    """What each field of a schema holds when nobody wrote it."""
    found: dict[str, Any] = {}
    for f in fields(cast(Any, schema)):
        found[f.name] = f.default if f.default is not MISSING else cast(Any, f.default_factory)()
    return found


class Layer:
    """What one section (or a merge of several) says, and where it says it."""

    __slots__ = ("asked", "built", "origins", "values")

    def __init__(self) -> None:
        self.values: dict[type, dict[str, Any]] = {}
        self.origins: dict[tuple[type, str], tuple[Location, ...]] = {}
        self.built: dict[type, Any] = {}  # see `settings`
        self.asked: dict[str, Any] = {}  # what others found out about these settings and may keep with them

    def __bool__(self) -> bool:
        return bool(self.values)

    def write(self, schema: type, name: str, value: Any, location: Location) -> None:
        """Record one written value; a repetition follows the field's `repeat` rule."""
        mine = self.values.setdefault(schema, {})
        mine[name] = policies(schema)[name].repeat(mine[name], value) if name in mine else value
        self.origins[schema, name] = (*self.origins.get((schema, name), ()), location)
        self.built.pop(schema, None)
        self.asked.clear()

    def settings(self, schema: type[Settings]) -> Settings:
        """The schema's dataclass with what was written, and defaults for the rest."""
        built: Settings | None = self.built.get(schema)
        if built is None:
            built = self.built[schema] = schema(**self.values.get(schema, {}))
        return built

    def origin(self, schema: type, name: str) -> tuple[Location, ...]:
        """The lines that had a say in a field, in the order they took effect."""
        return self.origins.get((schema, name), ())

    def line(self, schema: type, name: str, word: str = "") -> Location | None:
        """The last line that had a say in a field; with `word`, the last of those with this argument.

        Quotes, and a dot in front of an argument, do not count.
        """
        for place in reversed(self.origin(schema, name)):
            if not word or word.lower() in (part.strip("\"'.").lower() for part in place.text.split()):
                return place
        return None


def merge(outer: Layer, inner: Layer) -> Layer:
    """A new layer: `inner` over `outer`."""
    result = Layer()
    result.values.update(outer.values)
    result.origins.update(outer.origins)
    for schema, written in inner.values.items():
        before = result.values.get(schema)
        if before is None or getattr(schema, "merge_whole", False):
            _replace(result, inner, schema, written)
        else:
            result.values[schema] = _over(schema, before, written)
            for name in written:
                origin = outer.origins.get((schema, name), ()) + inner.origins.get((schema, name), ())
                result.origins[schema, name] = origin
    return result


def _over(schema: type, outer: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    if (merge_written := getattr(schema, "merge_written", None)) is not None:
        return cast(dict[str, Any], merge_written(outer, inner))
    rules = policies(schema)
    both = {name: rules[name].inherit(outer[name], value) for name, value in inner.items() if name in outer}
    return outer | inner | both


def _replace(result: Layer, inner: Layer, schema: type, written: dict[str, Any]) -> None:
    for key in [key for key in result.origins if key[0] is schema]:
        del result.origins[key]
    result.values[schema] = written
    result.origins.update({key: where for key, where in inner.origins.items() if key[0] is schema})
