"""What is configured of a listing: icons, texts in their place, descriptions, names to leave out.

`Item` and `Description` also know how they are compared, which is 2.2's way: `*` and `?` match slashes too,
a name without wildcards is an ending, and an item speaks only of files below the directory it was said for.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pyhttpd.config.merge import PREPEND, merged
from pyhttpd.core.uri import name_pattern
from pyhttpd.modules.mod_autoindex.options import OPTIONS, Options

BY_NAME, BY_TYPE, BY_ENCODING = "name", "type", "encoding"


@lru_cache(maxsize=1024)
def wild(pattern: str, ignore_case: bool = False) -> re.Pattern[str]:
    """ap_strcmp_match: `*` is anything, `?` one character, and there are no sets."""
    parts = {"*": ".*", "?": "."}
    text = "".join(parts.get(letter) or re.escape(letter) for letter in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def is_wild(text: str) -> bool:
    """Whether a text has wildcards."""
    return "*" in text or "?" in text


@dataclass(frozen=True, slots=True)
class Item:
    """An icon or alternative text for files by name, type or encoding; or, without text, a name to ignore."""

    kind: str
    to: str
    below: str  # pattern of the paths it speaks of
    text: str = ""

    def applies(self, path: str) -> bool:
        """Whether the file is below the directory that this was said for."""
        return wild(self.below).fullmatch(path) is not None

    def fits(self, path: str, media_type: str | None, encoding: str | None) -> bool:
        """Whether this is about a file with such a path, type and encoding."""
        if path[:1] != "^" and not self.applies(path):
            return False
        if not self.to:
            return True
        if self.kind == BY_NAME or path[:1] == "^":
            return wild(self.to).fullmatch(path) is not None
        other = (
            (media_type if self.kind == BY_TYPE else None)
            if encoding is None
            else (encoding if self.kind == BY_ENCODING else None)
        )
        return other is not None and wild(self.to, True).fullmatch(other) is not None

    def ignores(self, path: str) -> bool:
        """Whether this IndexIgnore word leaves a file out."""
        return (
            self.applies(path)
            and wild(self.to.rpartition("/")[2]).fullmatch(path.rpartition("/")[2]) is not None
        )


@dataclass(frozen=True, slots=True)
class Description:
    """One AddDescription word."""

    name: str
    text: str

    def fits(self, path: str) -> bool:
        """Whether this describes the file; with a slash in it, it is about the end of the path."""
        if "/" in self.name:
            return name_pattern(f"*/{self.name}*").fullmatch(path) is not None
        bare = path.rpartition("/")[2]
        if is_wild(self.name) or ("[" in self.name and "]" in self.name):
            return name_pattern(f"*{self.name}*").fullmatch(bare) is not None
        return self.name == bare


@dataclass(frozen=True, slots=True)
class PerDir:
    """Settings of a directory's listing."""

    options: Options = merged(Options(), OPTIONS)
    icons: tuple[Item, ...] = merged((), PREPEND)
    alts: tuple[Item, ...] = merged((), PREPEND)
    descriptions: tuple[Description, ...] = merged((), PREPEND)
    ignored: tuple[Item, ...] = merged((), PREPEND)
    default_icon: str | None = merged(None)
    header: str | None = merged(None)
    readme: str | None = merged(None)
    style_sheet: str | None = merged(None)
    head_insert: str = merged("")
    order: tuple[str, str] = merged(("N", "A"))  # column and direction, in the letters of the query


def found(
    items: tuple[Item, ...], path: str, media_type: str | None = None, encoding: str | None = None
) -> str | None:
    """The text of the first item that fits."""
    return next((item.text for item in items if item.fits(path, media_type, encoding)), None)


def described(settings: PerDir, path: str) -> str | None:
    """The first description that fits."""
    return next((entry.text for entry in settings.descriptions if entry.fits(path)), None)
