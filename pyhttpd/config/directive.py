"""What a directive is: name, arguments, where it may stand, which field it fills, and how far we are with it.

A directive is declared once, in the module that owns it: as a field of the module's schema (`setting`) when
one value fills it, or as a function (`Module.directive`) when words must be combined. A function's
signature is its usage: two parameters take two words, a default makes one optional, `*names` takes any
number, annotations convert, the docstring is the manual line. A first parameter called `ctx` is given the
`Context`.

The words of the argument-count errors and of the contexts are Apache's (server/config.c); tools match them.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum, Flag, auto
from typing import Any, cast, get_type_hints

from pyhttpd.config.merge import REPLACE
from pyhttpd.config.values import Converter, converter_of


class Where(Flag):
    """The parts of a configuration file in which a directive may stand."""

    SERVER = auto()  # outside of Directory, Files and Location
    DIRECTORY = auto()  # inside of them
    ANYWHERE = SERVER | DIRECTORY


class Override(Flag):
    """The AllowOverride classes: which of them admits a directive to .htaccess files."""

    NONE = 0
    LIMIT = auto()
    OPTIONS = auto()
    FILEINFO = auto()
    AUTHCONFIG = auto()
    INDEXES = auto()
    ALL = LIMIT | OPTIONS | FILEINFO | AUTHCONFIG | INDEXES


class Within(Flag):
    """The kinds of section a line can be inside of."""

    NONE = 0
    VIRTUALHOST = auto()
    LIMIT = auto()
    DIRECTORY = auto()
    LOCATION = auto()
    FILES = auto()
    DIR_LOC_FILE = DIRECTORY | LOCATION | FILES
    ANY = VIRTUALHOST | LIMIT | DIR_LOC_FILE


SECTION_WORDS = {  # in the order 2.2 looks for a reason to refuse
    Within.VIRTUALHOST: "VirtualHost",
    Within.LIMIT: "Limit",
    Within.DIRECTORY: "Directory",
    Within.LOCATION: "Location",
    Within.FILES: "Files",
}


class Progress(Enum):
    """How far a directive is implemented."""

    IMPLEMENTED = "implemented"
    PARTIAL = "partial"
    ACCEPTED = "accepted"
    ABSENT = "not yet"


@dataclass(frozen=True, slots=True)
class Status:
    """How far a directive is, and the sentence that says what lacks or why it has no effect here."""

    progress: Progress = Progress.IMPLEMENTED
    note: str = ""


IMPLEMENTED = Status()


def PARTIAL(note: str) -> Status:
    """Works but for what the note says."""
    return Status(Progress.PARTIAL, note)


def ACCEPTED(note: str) -> Status:
    """Read, checked and without effect here, for the reason the note gives."""
    return Status(Progress.ACCEPTED, note)


@dataclass(frozen=True, slots=True)
class Arguments:
    """How many words a directive takes; `most` is None for any number."""

    least: int
    most: int | None

    def refuse(self, count: int) -> str | None:
        """Apache's phrase for a wrong number of words, None if the number is right."""
        if count >= self.least and (self.most is None or count <= self.most):
            return None
        return COUNT_PHRASES.get((self.least, self.most), f"takes {self.least} to {self.most} arguments")


COUNT_PHRASES = {
    (0, 0): "takes no arguments",
    (1, 1): "takes one argument",
    (1, 2): "takes 1-2 arguments",
    (1, 3): "takes one, two or three arguments",
    (2, 2): "takes two arguments",
    (2, 3): "takes two or three arguments",
    (3, 3): "takes three arguments",
    (2, None): "requires at least two arguments",
}
ANY_NUMBER = Arguments(0, None)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive of one module. `build` turns checked words into what goes into the layer."""

    name: str
    doc: str
    where: Where
    override: Override
    not_in: Within
    arguments: Arguments
    build: Callable[..., Any]
    into: str | None  # the schema field; None when `build` answers {field: value}
    converters: tuple[Converter, ...] = ()  # one per positional word; the last serves any further ones
    raw: bool = False  # the rest of the line, unsplit
    flag: bool = False  # On or Off and nothing else
    section: bool = False  # it opens a section; its value is then a selector, and its field holds Scopes
    opens: Within = Within.NONE  # the kind of section it opens
    contextual: bool = False  # `build` takes a Context first
    spelling: str = ""  # as messages show it, where that is not the name
    status: Status = IMPLEMENTED
    aliases: tuple[str, ...] = ()  # spellings of 2.4 with the same meaning

    @property
    def shown(self) -> str:
        """The name as Apache's messages print it."""
        return self.spelling or (f"<{self.name}" if self.section else self.name)

    def converter(self, index: int) -> Converter:
        """The converter of the word at `index`."""
        return self.converters[min(index, len(self.converters) - 1)]


def setting(name: str, default: Any, **declared: Any) -> Any:
    """Declare a schema field that one directive with one value fills.

    Keywords: where, override, not_in, doc, status, spelling, aliases, convert (a Converter, else the
    annotation's), merge (a Merge, REPLACE unless said otherwise).
    """
    merge = declared.pop("merge", REPLACE)
    return field(default=default, metadata={"merge": merge, "directive": {"name": name, **declared}})


def directives_of(schema: type) -> list[Directive]:
    """The directives that a schema's fields declare."""
    hints = get_type_hints(schema, include_extras=True)
    return [
        _from_field(f.name, hints[f.name], dict(f.metadata["directive"]))
        for f in fields(cast(Any, schema))
        if "directive" in f.metadata
    ]


def _from_field(into: str, hint: Any, declared: dict[str, Any]) -> Directive:
    convert = declared.pop("convert", None) or converter_of(hint)
    return Directive(
        name=declared.pop("name"),
        doc=declared.pop("doc", ""),
        where=declared.pop("where", Where.ANYWHERE),
        override=declared.pop("override", Override.NONE),
        not_in=declared.pop("not_in", Within.NONE),
        arguments=Arguments(1, 1),
        build=_itself,
        into=into,
        converters=(convert,),
        flag=convert.flag,
        **declared,
    )


def _itself(value: Any) -> Any:
    return value


def from_function(function: Callable[..., Any], name: str, into: str | None, **declared: Any) -> Directive:
    """The directive that a function is; keywords as for `setting`, and raw, section, arguments."""
    parameters = list(inspect.signature(function).parameters.values())
    contextual = bool(parameters) and parameters[0].name == "ctx"
    words = parameters[contextual:]
    raw = declared.get("raw", False)
    hints = get_type_hints(function, include_extras=True)
    return Directive(
        name=name,
        doc=inspect.cleandoc(function.__doc__ or "").partition("\n")[0],
        where=declared.pop("where", Where.ANYWHERE),
        override=declared.pop("override", Override.NONE),
        not_in=declared.pop("not_in", Within.NONE),
        arguments=declared.pop("arguments", None) or (ANY_NUMBER if raw else _arguments(words)),
        build=function,
        into=into,
        converters=tuple(converter_of(hints.get(p.name, str)) for p in words),
        contextual=contextual,
        **declared,
    )


def _arguments(words: list[inspect.Parameter]) -> Arguments:
    single = [p for p in words if p.kind is not inspect.Parameter.VAR_POSITIONAL]
    least = sum(p.default is inspect.Parameter.empty for p in single)
    if len(single) == len(words):
        return Arguments(least, len(single))
    return Arguments(least + 1 if single else 0, None)  # Apache's ITERATE2 wants a second word, ITERATE none
