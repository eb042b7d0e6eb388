"""Header fields: an ordered multimap whose names ignore letter case.

One class serves requests and answers. Underneath is one dict from the lower-case name to (name, value,
value ...): a look-up costs one hash, and fields come out in the order they came in, spelled as they were
first spelled. Several values of one name stand together, at the place of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar, overload

T = TypeVar("T")


class Headers:
    """Fields of a request or an answer; see the methods, named as Apache's table functions are."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, tuple[str, ...]] = {}
        if not fields:
            return
        for name, value in fields.items() if isinstance(fields, Mapping) else fields:
            self.add(name, value)

    @classmethod
    def of(cls, fields: dict[str, tuple[str, ...]]) -> Headers:
        """Wrap a ready {lower-case name: (name, value ...)} without copying it: the head parser's way in."""
        headers = cls.__new__(cls)
        headers._fields = fields
        return headers

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: T) -> str | T: ...
    def get(self, name: str, default: object = None) -> object:
        """The first value of that name."""
        field = self._fields.get(name.lower())
        return field[1] if field else default

    def get_all(self, name: str) -> tuple[str, ...]:
        """All values of that name, in order."""
        return self._fields.get(name.lower(), ("",))[1:]

    def set(self, name: str, value: str) -> None:
        """Replace all values of that name by one; the field keeps its place."""
        self._fields[name.lower()] = (name, value)

    def add(self, name: str, value: str) -> None:
        """One more value, in a line of its own."""
        key = name.lower()
        self._fields[key] = (*self._fields.get(key, (name,)), value)

    def merge(self, name: str, value: str) -> None:
        """One more value in the same line, after a comma."""
        key = name.lower()
        field = self._fields.get(key)
        self._fields[key] = (field[0], f"{field[1]}, {value}", *field[2:]) if field else (name, value)

    append = merge

    def setdefault(self, name: str, value: str) -> str:
        """The first value of that name, which is `value` if there was none."""
        return self._fields.setdefault(name.lower(), (name, value))[1]

    def unset(self, name: str) -> None:
        """Remove the field, if it is there."""
        self._fields.pop(name.lower(), None)

    def items(self) -> Iterator[tuple[str, str]]:
        """Every name and value, a name of several values several times."""
        for name, *values in self._fields.values():
            for value in values:
                yield name, value

    def lines(self) -> str:
        """All fields as they stand in a head, each with its line end."""
        return "".join([f"{field[0]}: {value}\r\n" for field in self._fields.values() for value in field[1:]])

    def copy(self) -> Headers:
        """Another one with the same fields."""
        return Headers.of(self._fields.copy())

    def update_from(self, other: Headers) -> None:
        """Take over all of `other`; what both have is `other`'s."""
        self._fields.update(other._fields)

    def has_any(self, names: frozenset[str]) -> bool:
        """Whether there is a field of any of these (lower-case) names."""
        return not names.isdisjoint(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (field[0] for field in self._fields.values())

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __len__(self) -> int:
        """How many lines these are."""
        return sum(map(len, self._fields.values())) - len(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and list(self.items()) == list(other.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Headers({list(self.items())!r})"
