"""What IndexOptions says, and how one section's options come over another's.

The rules are 2.2's, and they have corners (manual: mod_autoindex, IndexOptions): options without a sign
replace everything inherited; options with a sign change what is inherited, but only when sections are merged;
a width, a Type or a Charset is inherited by itself.
"""

from enum import IntFlag, auto
from typing import NamedTuple

from pyhttpd.config.merge import Merge
from pyhttpd.config.values import atoi

DEFAULT_WIDTH = 23  # of names and of descriptions
ICON_WIDTH, ICON_HEIGHT = 20, 22
FIT = -1  # a width: as wide as the widest


class Ix(IntFlag):
    """The options that are on or off."""

    NOTHING = 0
    NONE = auto()
    ICONS_ARE_LINKS = auto()
    SCAN_TITLES = auto()
    NO_ICON = auto()
    NO_DATE = auto()
    NO_SIZE = auto()
    NO_DESCRIPTION = auto()
    NO_PREAMBLE = auto()
    NO_SORTING = auto()
    NO_RULES = auto()
    FOLDERS_FIRST = auto()
    VERSION_SORT = auto()
    TRACK_MODIFIED = auto()
    FANCY = auto()
    TABLE = auto()
    IGNORE_CLIENT = auto()
    IGNORE_CASE = auto()
    XHTML = auto()
    SHOW_FORBIDDEN = auto()


WORDS = {
    "fancyindexing": Ix.FANCY,
    "foldersfirst": Ix.FOLDERS_FIRST,
    "htmltable": Ix.TABLE,
    "iconsarelinks": Ix.ICONS_ARE_LINKS,
    "ignorecase": Ix.IGNORE_CASE,
    "ignoreclient": Ix.IGNORE_CLIENT,
    "scanhtmltitles": Ix.SCAN_TITLES,
    "suppresscolumnsorting": Ix.NO_SORTING,
    "suppressdescription": Ix.NO_DESCRIPTION,
    "suppresshtmlpreamble": Ix.NO_PREAMBLE,
    "suppressicon": Ix.NO_ICON,
    "suppresslastmodified": Ix.NO_DATE,
    "suppresssize": Ix.NO_SIZE,
    "suppressrules": Ix.NO_RULES,
    "trackmodified": Ix.TRACK_MODIFIED,
    "versionsort": Ix.VERSION_SORT,
    "xhtml": Ix.XHTML,
    "showforbidden": Ix.SHOW_FORBIDDEN,
}


class Options(NamedTuple):
    """IndexOptions of a section. A width is None where nobody set it."""

    on: Ix = Ix.NOTHING
    add: Ix = Ix.NOTHING
    remove: Ix = Ix.NOTHING
    name_width: int | None = None
    description_width: int | None = None
    icon_width: int = 0
    icon_height: int = 0
    media_type: str | None = None
    charset: str | None = None


def read_options(words: tuple[str, ...], before: Options) -> Options:
    """`before` (what the section said already) and a further line. Raises ValueError with Apache's texts."""
    result = before
    for word in words:
        sign, word = (word[0], word[1:]) if word[:1] in ("+", "-") else ("", word)
        result = _switched(_valued(word, sign, result), WORDS.get(word.lower(), Ix.NOTHING), sign)
    if Ix.NONE in result.on and result.on != Ix.NONE:
        raise ValueError("Cannot combine other IndexOptions keywords with 'None'")
    return result


def _switched(options: Options, bit: Ix, sign: str) -> Options:
    if sign == "+":
        return options._replace(add=options.add | bit, remove=options.remove & ~bit)
    if sign == "-":
        return options._replace(add=options.add & ~bit, remove=options.remove | bit)
    return options._replace(on=options.on | bit, add=Ix.NOTHING, remove=Ix.NOTHING)


def _valued(word: str, sign: str, options: Options) -> Options:
    """Options after a word that is not just a switch."""
    name, equals, value = word.partition("=")
    name = name.lower()
    if word.lower() in WORDS:
        return options
    if name == "none" and not equals:
        if sign:
            raise ValueError("Cannot combine '+' or '-' with 'None' keyword")
        return options._replace(on=Ix.NONE)
    if name in ("iconwidth", "iconheight"):
        usual = ICON_WIDTH if name == "iconwidth" else ICON_HEIGHT
        size = 0 if sign == "-" else atoi(value) if equals else usual
        return (
            options._replace(icon_width=size) if name == "iconwidth" else options._replace(icon_height=size)
        )
    if name == "namewidth":
        return options._replace(name_width=_width("NameWidth", 5, value if equals else None, sign))
    if name == "descriptionwidth":
        width = _width("DescriptionWidth", 12, value if equals else None, sign)
        return options._replace(description_width=width)
    if equals and name == "type":
        return options._replace(media_type=value)
    if equals and name == "charset":
        return options._replace(charset=value)
    raise ValueError("Invalid directory indexing option")


def _width(name: str, least: int, value: str | None, sign: str) -> int:
    if value is None:
        if sign != "-":
            raise ValueError(f"{name} with no value may only appear as '-{name}'")
        return DEFAULT_WIDTH
    if sign == "-":
        raise ValueError(f"Cannot combine '-' with {name}=n")
    if value.startswith("*"):
        return FIT
    width = atoi(value)
    if width and width < least:
        raise ValueError(f"{name} value must be greater than {least}")
    return width


def _inherit(outer: Options, inner: Options) -> Options:
    on, add, remove = _inherited_switches(outer, inner)
    return Options(
        on,
        add,
        remove,
        outer.name_width if inner.name_width is None else inner.name_width,
        outer.description_width if inner.description_width is None else inner.description_width,
        inner.icon_width or outer.icon_width,
        inner.icon_height or outer.icon_height,
        outer.media_type if inner.media_type is None else inner.media_type,
        outer.charset if inner.charset is None else inner.charset,
    )


def _inherited_switches(outer: Options, inner: Options) -> tuple[Ix, Ix, Ix]:
    if Ix.NONE in inner.on:
        return Ix.NONE, Ix.NOTHING, Ix.NOTHING
    if inner.on:
        return inner.on, Ix.NOTHING, Ix.NOTHING
    add = (outer.add | inner.add) & ~inner.remove
    remove = outer.remove | inner.remove
    return ((outer.on & ~Ix.NONE) | add) & ~remove, add, remove


def _latter(_before: Options, after: Options) -> Options:
    return after  # a line is read on top of what the section said already


OPTIONS = Merge(_latter, _inherit)
