"""What Options, AllowOverride, FileETag and <Limit> say, as values that know how to merge.

Bits and rules are 2.2's (server/core.c: set_options, merge_core_dir_configs); manual: core, Options,
AllowOverride.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntFlag
from typing import NamedTuple

from pyhttpd.config.directive import Override
from pyhttpd.config.merge import Merge
from pyhttpd.diagnostics import Location


class Opt(IntFlag):
    """The features that Options switches."""

    NONE = 0
    INDEXES = 1
    INCLUDES = 2
    FOLLOW_SYMLINKS = 4
    EXEC_CGI = 8
    INCLUDES_NOEXEC = 32
    SYMLINKS_IF_OWNER = 64
    MULTIVIEWS = 128
    ALL = INDEXES | INCLUDES | FOLLOW_SYMLINKS | EXEC_CGI  # not MultiViews, as 2.2 has it


OPTION_WORDS = {
    "indexes": Opt.INDEXES,
    "includes": Opt.INCLUDES,
    "includesnoexec": Opt.INCLUDES | Opt.INCLUDES_NOEXEC,
    "followsymlinks": Opt.FOLLOW_SYMLINKS,
    "symlinksifownermatch": Opt.SYMLINKS_IF_OWNER,
    "execcgi": Opt.EXEC_CGI,
    "multiviews": Opt.MULTIVIEWS,
    "runscripts": Opt.MULTIVIEWS | Opt.EXEC_CGI,
    "none": Opt.NONE,
    "all": Opt.ALL,
}


FOLLOW_SYMLINKS, SYMLINKS_IF_OWNER = int(Opt.FOLLOW_SYMLINKS), int(Opt.SYMLINKS_IF_OWNER)


@dataclass(frozen=True, slots=True)
class Options:
    """One section's Options: a set of its own (or None: the inherited one), then additions and removals.

    `effective` are the features that are on, as a plain number: it is asked at every step of a walk.
    """

    own: Opt | None = None
    add: Opt = Opt.NONE
    remove: Opt = Opt.NONE
    effective: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        base = Opt.ALL if self.own is None else self.own
        object.__setattr__(self, "effective", int((base & ~self.remove) | self.add))


def _inherit_options(outer: Options, inner: Options) -> Options:
    if inner.own is not None:
        return inner
    own, add = outer.own, (outer.add & ~inner.remove) | inner.add
    if Opt.INCLUDES in inner.add and Opt.INCLUDES_NOEXEC not in inner.add:  # +Includes brings exec back
        own = None if own is None else own & ~Opt.INCLUDES_NOEXEC
        add &= ~Opt.INCLUDES_NOEXEC
    return Options(own, add, (outer.remove & ~inner.add) | inner.remove)


OPTIONS = Merge(_inherit_options, _inherit_options)


def read_options(words: list[str], admitted: Opt | None) -> Options:
    """The words of an Options line. Raises ValueError for unknown ones and those an .htaccess may not set."""
    own, add, remove = None, Opt.NONE, Opt.NONE
    for word in words:
        sign, name = (word[:1], word[1:]) if word[:1] in "+-" else ("", word)
        option = OPTION_WORDS.get(name.lower())
        if option is None:
            raise ValueError(f"Illegal option {name}")
        if admitted is not None and option & ~admitted:
            raise ValueError(f"Option {name} not allowed here")
        if sign == "-":
            remove, add = remove | option, add & ~option
        elif sign == "+":
            add, remove = add | option, remove & ~option
        else:
            own, add, remove = (own or Opt.NONE) | option, add & ~option, remove & ~option
    return Options(own, add, remove)


def switching(lines: Iterable[Location], option: Opt) -> Location | None:
    """Of the Options lines that had a say, the one that switched an option on or off."""
    for line in reversed(tuple(lines)):
        said = read_options([word.strip("\"'") for word in line.text.split()[1:]], None)
        if said.own is not None or option & (said.add | said.remove):
            return line
    return None


class Overriding(NamedTuple):
    """What an AllowOverride line admits: classes of directives, and of Options which."""

    classes: Override = Override.ALL
    options: Opt | None = None  # None: any


OVERRIDE_WORDS = {
    "limit": Override.LIMIT,
    "authconfig": Override.AUTHCONFIG,
    "fileinfo": Override.FILEINFO,
    "indexes": Override.INDEXES,
    "options": Override.OPTIONS,
    "none": Override.NONE,
    "all": Override.ALL,
}


def read_override(words: list[str]) -> Overriding:
    """The words of an AllowOverride line. Raises ValueError for unknown ones."""
    classes, options = Override.NONE, None
    for word in words:
        name, equals, listed = word.partition("=")
        found = OVERRIDE_WORDS.get(name.lower())
        if found is None or (equals and found is not Override.OPTIONS):
            raise ValueError(f"Illegal override option {name}")
        if equals:
            options = read_allowed_options(listed)
        classes = found if name.lower() in ("none", "all") else classes | found
    return Overriding(classes, options)


def read_allowed_options(listed: str) -> Opt:
    """The list after AllowOverride's Options=."""
    allowed = Opt.NONE
    for name in filter(None, listed.split(",")):
        option = OPTION_WORDS.get(name.lower())
        if option is None:
            raise ValueError(f"Illegal option {name}")
        allowed = option if name.lower() in ("none", "all") else allowed | option
    return allowed


class ETagBits(NamedTuple):
    """Which of inode, mtime and size an entity tag is made of."""

    own: frozenset[str] | None = None
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()

    @property
    def effective(self) -> frozenset[str]:
        """The parts in use; all three unless something was said."""
        base = ETAG_ALL if self.own is None else self.own
        return (base - self.remove) | self.add


ETAG_ALL = frozenset(("inode", "mtime", "size"))


def read_etag(words: list[str]) -> ETagBits:
    """The words of a FileETag line. Raises ValueError for unknown ones and for All or None with a sign."""
    own: frozenset[str] | None = None
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()
    for word in words:
        sign, name = (word[:1], word[1:]) if word[:1] in "+-" else ("", word)
        low = name.lower()
        if low not in (*ETAG_ALL, "all", "none"):
            raise ValueError(f"Unknown keyword '{name}' for FileETag directive")
        if sign and low in ("all", "none"):
            raise ValueError(f"FileETag keyword '{name}' may not be specified with '{sign}'")
        parts = {"all": ETAG_ALL, "none": frozenset()}.get(low, frozenset((low,)))
        if sign == "-":
            remove, add = remove | parts, add - parts
        elif sign == "+":
            add, remove = add | parts, remove - parts
        else:
            own = parts if low in ("all", "none") else (own or frozenset()) | parts
    return ETagBits(own, add, remove)


def _inherit_etag(outer: ETagBits, inner: ETagBits) -> ETagBits:
    if inner.own is not None:
        return inner
    add, remove = (outer.add - inner.remove) | inner.add, (outer.remove - inner.add) | inner.remove
    return ETagBits(outer.own, add, remove)


ETAG = Merge(_inherit_etag, _inherit_etag)


@dataclass(frozen=True, slots=True)
class Methods:
    """What <Limit> or <LimitExcept> selects."""

    names: frozenset[str]
    excepted: bool = False

    def __contains__(self, method: str) -> bool:
        return (("GET" if method == "HEAD" else method) in self.names) != self.excepted


def covers(methods: Methods | None, method: str) -> bool:
    """Whether a line inside <Limit> (or outside: None) speaks of a method."""
    return methods is None or method in methods


def read_methods(words: list[str], excepted: bool) -> Methods:
    """The methods of a <Limit> line; HEAD counts as GET. Raises ValueError for TRACE."""
    if "TRACE" in words:
        raise ValueError("TRACE cannot be controlled by <Limit>, see TraceEnable")
    return Methods(frozenset("GET" if word == "HEAD" else word for word in words), excepted)
