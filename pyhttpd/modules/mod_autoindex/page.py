"""A listing as HTML: a plain list, columns in preformatted text, or a table.

All of it is 2.2's to the byte, blanks included: people have style sheets, scripts and mirrors that read it.
Widths are counted in bytes, and a name that is cut may lose the end of a character, as in 2.2.
"""

import time

from pyhttpd.core.uri import escape_html, escape_path
from pyhttpd.modules.mod_autoindex.entries import Entry
from pyhttpd.modules.mod_autoindex.options import DEFAULT_WIDTH, FIT, Ix
from pyhttpd.modules.mod_autoindex.query import Query
from pyhttpd.modules.mod_autoindex.settings import PerDir, found

BLANK = "^^BLANKICON^^"
HTML_32 = '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n'
XHTML_10 = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"\n'
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
    '<html xmlns="http://www.w3.org/1999/xhtml">\n'
)
COLUMNS = (  # letter of the query, option that takes it away, heading, blanks behind it in preformatted text
    ("M", Ix.NO_DATE, "Last modified", "      "),
    ("S", Ix.NO_SIZE, "Size", "  "),
    ("D", Ix.NO_DESCRIPTION, "Description", ""),
)
FREED = {Ix.NO_ICON: 6, Ix.NO_DATE: 19, Ix.NO_SIZE: 7}
"""What a description may be longer when another column is not there."""


def preamble(settings: PerDir, xhtml: bool, title: str) -> str:
    """Everything before the heading."""
    end = " />" if xhtml else ">"
    sheet = settings.style_sheet
    link = f'  <link rel="stylesheet" href="{sheet}" type="text/css"{end}\n' if sheet is not None else ""
    head = f" <head>\n  <title>Index of {title}</title>\n{link}{settings.head_insert} </head>\n <body>\n"
    return (XHTML_10 if xhtml else HTML_32) + head


def listing(rows: list[Entry], settings: PerDir, query: Query) -> str:
    """The rows in the form that is asked for."""
    if Ix.TABLE in query.options:
        return Table(rows, settings, query).text()
    if Ix.FANCY in query.options:
        return Fancy(rows, settings, query).text()
    items = [f'<li><a href="{link(row)}"> {escape_html(shown(row))}</a></li>\n' for row in rows]
    return f"<ul>{''.join(items)}</ul>\n"


def link(row: Entry) -> str:
    """The address of a row, ready for an attribute."""
    return escape_html(escape_path(row.name, partial=False))


def shown(row: Entry) -> str:
    """The name that people see."""
    return "Parent Directory" if row.is_parent else row.name


class Fancy:
    """Columns in preformatted text."""

    def __init__(self, rows: list[Entry], settings: PerDir, query: Query) -> None:
        self.rows, self.settings, self.query = rows, settings, query
        self.has = query.options
        options = settings.options
        self.end = " />" if Ix.XHTML in self.has else ">"
        self.name_width = self._width(options.name_width, [row.name for row in rows])
        self.description_width = self._width(
            options.description_width, [row.description for row in rows if row.description]
        )

    def _width(self, width: int | None, texts: list[str]) -> int:
        if width == FIT:
            return max([DEFAULT_WIDTH, *(len(_bytes(text)) for text in texts)])
        return width or DEFAULT_WIDTH

    def text(self) -> str:
        """All of it."""
        rule = "" if Ix.NO_RULES in self.has else f"<hr{self.end}"
        heads = [self.blank_icon(), self.head("N", "Name"), " " * (self.name_width - 4), " "]
        heads += [self.head(key, text) + blanks for key, off, text, blanks in COLUMNS if off not in self.has]
        lines = [self.row(row) for row in self.rows]
        return f"<pre>{''.join(heads)}{rule or chr(10)}{''.join(lines)}{rule}</pre>\n"

    def head(self, column: str, text: str) -> str:
        """A heading, which sorts by its column; once more the other way round."""
        query = self.query
        if Ix.NO_SORTING in self.has:
            return text
        direction = "D" if (query.column, query.direction) == (column, "A") else "A"
        return f'<a href="?C={column};O={direction}{query.carried}">{text}</a>'

    def image(self, source: str, alt: str) -> str:
        """An icon."""
        options = self.settings.options
        width = f' width="{options.icon_width}"' if options.icon_width else ""
        height = f' height="{options.icon_height}"' if options.icon_height else ""
        return f'<img src="{escape_html(source)}" alt="{alt}"{width}{height}{self.end}'

    def blank_icon(self) -> str:
        """The icon over the column of icons, which keeps its width."""
        if Ix.NO_ICON in self.has:
            return ""
        icon = found(self.settings.icons, BLANK)
        return "      " if icon is None else self.image(icon, "Icon ") + " "

    def icon(self, row: Entry, without: str) -> str:
        """A row's icon, with `without` where it has none; a link where it is asked for."""
        source = self.settings.default_icon if row.icon is None else row.icon
        alt = "   " if row.alt is None else row.alt
        image = without if source is None else self.image(source, f"[{alt}]")
        return f'<a href="{link(row)}">{image}</a>' if Ix.ICONS_ARE_LINKS in self.has else image

    def name(self, row: Entry) -> str:
        """A row's name, cut or filled up to the width."""
        name = _bytes(shown(row))
        if len(name) > self.name_width:
            name = name[: self.name_width - 3] + b"..>"
        text = name.decode("utf-8", "surrogateescape")
        return f'<a href="{link(row)}">{escape_html(text)}</a>{" " * (self.name_width - len(name))}'

    def description(self, row: Entry) -> str | None:
        """A row's description, cut to the width; None where it has none."""
        if row.description is None:
            return None
        width = self.description_width
        if self.settings.options.description_width is None:
            width += sum(more for option, more in FREED.items() if option in self.has)
        return cut_description(row.description, width)

    def row(self, row: Entry) -> str:
        """One line of the listing."""
        has = self.has
        parts = ["" if Ix.NO_ICON in has else self.icon(row, "     ") + " ", self.name(row), " "]
        if Ix.NO_DATE not in has:
            parts.append(date(row.modified) if row.modified != -1 else " " * 19)
        if Ix.NO_SIZE not in has:
            parts.append(short_size(row.size) + "  ")
        if Ix.NO_DESCRIPTION not in has:
            parts.append(self.description(row) or "")
        return "".join(parts) + "\n"


class Table(Fancy):
    """A table of HTML."""

    def _width(self, width: int | None, texts: list[str]) -> int:
        return DEFAULT_WIDTH if width == FIT else width or DEFAULT_WIDTH

    def text(self) -> str:
        cells = [] if Ix.NO_ICON in self.has else [self.blank_icon()]
        cells.append(self.head("N", "Name"))
        cells += [self.head(key, text) for key, off, text, _ in COLUMNS if off not in self.has]
        rule = f'<tr><th colspan="{len(cells)}"><hr{self.end}</th></tr>\n'
        if Ix.NO_RULES in self.has:
            rule = ""
        heads = "".join(f"<th>{cell}</th>" for cell in cells)
        lines = [self.row(row) for row in self.rows]
        return f"<table><tr>{heads}</tr>{rule}{''.join(lines)}{rule}</table>\n"

    def blank_icon(self) -> str:
        icon = found(self.settings.icons, BLANK)
        return "&nbsp;" if icon is None else self.image(icon, "[ICO]")

    def name(self, row: Entry) -> str:
        if self.settings.options.name_width == FIT:
            return f'<a href="{link(row)}">{escape_html(shown(row))}</a>'
        return super().name(row)

    def description(self, row: Entry) -> str | None:
        return row.description if self.settings.options.description_width == FIT else super().description(row)

    def row(self, row: Entry) -> str:
        has = self.has
        cells = [] if Ix.NO_ICON in has else [f'<td valign="top">{self.icon(row, "&nbsp;")}</td>']
        cells.append(f"<td>{self.name(row)}</td>")
        if Ix.NO_DATE not in has:
            known = row.modified != -1
            cells.append(f'<td align="right">{date(row.modified)}</td>' if known else "<td>&nbsp;</td>")
        if Ix.NO_SIZE not in has:
            cells.append(f'<td align="right">{short_size(row.size)}</td>')
        if Ix.NO_DESCRIPTION not in has:
            text = self.description(row)
            cells.append(f"<td>{'&nbsp;' if text is None else text}</td>")
        return f"<tr>{''.join(cells)}</tr>\n"


def date(microseconds: int) -> str:
    """`15-Jun-2013 12:00  `, in local time."""
    return time.strftime("%d-%b-%Y %H:%M  ", time.localtime(microseconds // 1_000_000))


def short_size(size: int) -> str:
    """A size in four characters, as ` 10 `, `1.5K` or `120M` (apr_strfsize); a dash for a negative one."""
    if size < 0:
        return "  - "
    if size < 973:
        return f"{size:3d} "
    rest, unit = 0, -1
    while size >= 973:
        size, rest, unit = size >> 10, size & 1023, unit + 1
    letter = "KMGTPE"[unit]
    if size < 9 or (size == 9 and rest < 973):
        tenths = (rest * 5 + 256) // 512
        return f"{size + tenths // 10}.{tenths % 10}{letter}"
    return f"{size + (rest >= 512):3d}{letter}"


def cut_description(text: str, width: int) -> str:
    """At most `width` visible characters; markup takes no room, an entity that of one character.

    The character that falls at the edge becomes a `>`, as in 2.2.
    """
    raw, position = _bytes(text), 0
    while position < len(raw) and (width > 0 or raw[position : position + 1] == b"<"):
        letter = raw[position : position + 1]
        closing = {b"<": b">", b"&": b";"}.get(letter)
        width -= letter != b"<"
        if closing is not None:
            end = raw.find(closing, position)
            if end < 0:
                return text
            position = end
        position += 1
    if width > 0 or position >= len(raw):
        return text
    return (raw[: max(position - 1, 0)] + b">" * (position > 0)).decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
