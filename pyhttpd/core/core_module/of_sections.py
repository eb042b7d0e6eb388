"""The sections: <Directory>, <Files>, <Location>, their Match forms, <VirtualHost>, <Limit> and
<LimitExcept>.

What a section's argument says becomes a `Selector`; whether it matches is asked in core/sections.py.
"""

import os
import posixpath
from dataclasses import dataclass

from pyhttpd.config.directive import ANY_NUMBER, Override, Where, Within
from pyhttpd.config.regex import Regex, compile
from pyhttpd.config.walk import Context
from pyhttpd.core.core_module.schema import module
from pyhttpd.core.options import Methods, read_methods
from pyhttpd.core.uri import match_name

WILDCARDS = frozenset("*?[")
AT_TOP = {
    "where": Where.SERVER,
    "section": True,
    "not_in": Within.DIR_LOC_FILE | Within.LIMIT,
    "arguments": ANY_NUMBER,
}


@dataclass(frozen=True, slots=True)
class Selector:
    """What a section speaks of: a plain name, a shell pattern, or a regular expression."""

    text: str
    regex: Regex | None = None
    wild: bool = False

    def matches(self, name: str) -> bool:
        """Whether a whole name is meant; / is only matched by itself in shell patterns."""
        if self.regex is not None:
            return self.regex.matches(name)
        return match_name(self.text, name, pathname=True) if self.wild else self.text == name

    @property
    def depth(self) -> int:
        """How many path components a <Directory> names; / has none."""
        return len([part for part in self.text.split("/") if part])


def _regex(word: str) -> Regex:
    try:
        return compile(word)
    except ValueError:
        raise ValueError("Regex could not be compiled") from None


def _selector(ctx: Context, words: tuple[str, ...], name: str) -> Selector:
    first, *more = words
    if first == "~":
        if not more:
            raise ValueError(f"<{name}> directive requires additional arguments")
        return Selector(more[0], _regex(more.pop(0)))
    if more:
        raise ValueError(f"Multiple <{name}> arguments not (yet) supported.")
    if ctx.name.lower().endswith("match"):
        return Selector(first, _regex(first))
    return Selector(first, wild=bool(WILDCARDS & set(first)))


@module.directive("Directory", into="directories", opens=Within.DIRECTORY, **AT_TOP)
def directory(ctx: Context, *words: str) -> Selector:
    """settings for a folder of the file system and what is below it"""
    chosen = _selector(ctx, words, "Directory")
    if chosen.regex is not None:
        return chosen
    path = chosen.text if os.path.isabs(chosen.text) else ctx.server_path(chosen.text)
    path = posixpath.normpath(path).replace("//", "/") if path != "/" else path
    return Selector(path, wild=chosen.wild)


@module.directive("DirectoryMatch", into="directories", opens=Within.DIRECTORY, **AT_TOP)
def directory_match(ctx: Context, *words: str) -> Selector:
    """settings for folders that match a regular expression"""
    return _selector(ctx, words, "DirectoryMatch")


@module.directive("Location", into="locations", opens=Within.LOCATION, **AT_TOP)
def location(ctx: Context, *words: str) -> Selector:
    """settings for URLs below a path"""
    return _selector(ctx, words, "Location")


@module.directive("LocationMatch", into="locations", opens=Within.LOCATION, **AT_TOP)
def location_match(ctx: Context, *words: str) -> Selector:
    """settings for URLs that match a regular expression"""
    return _selector(ctx, words, "LocationMatch")


IN_FILES = {
    "override": Override.ALL,
    "section": True,
    "not_in": Within.LIMIT | Within.LOCATION,
    "arguments": ANY_NUMBER,
}


@module.directive("Files", into="files", opens=Within.FILES, **IN_FILES)
def files(ctx: Context, *words: str) -> Selector:
    """settings for files by their names"""
    return _selector(ctx, words, "Files")


@module.directive("FilesMatch", into="files", opens=Within.FILES, **IN_FILES)
def files_match(ctx: Context, *words: str) -> Selector:
    """settings for files whose names match a regular expression"""
    return _selector(ctx, words, "FilesMatch")


@module.directive(
    "VirtualHost",
    into="virtual_hosts",
    where=Where.SERVER,
    section=True,
    opens=Within.VIRTUALHOST,
    not_in=Within.ANY,
)
def virtual_host(*addresses: str) -> tuple[str, ...]:
    """settings of a host at some addresses"""
    return addresses


IN_LIMIT = {"override": Override.ALL, "section": True, "opens": Within.LIMIT, "not_in": Within.LIMIT}


@module.directive("Limit", into="", **IN_LIMIT)
def limit(*methods: str) -> Methods:
    """settings for requests with some methods"""
    return read_methods(list(methods), excepted=False)


@module.directive("LimitExcept", into="", **IN_LIMIT)
def limit_except(*methods: str) -> Methods:
    """settings for requests with any methods but these"""
    return read_methods(list(methods), excepted=True)
