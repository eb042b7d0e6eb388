"""What the client may choose in the query of a listing's URL: column, direction, form, pattern.

`?C=S;O=D` and so on; reading stops at the first thing that is none of them, and a form's `X=Go` may end it.
Manual: mod_autoindex, "Autoindex Request Query Arguments".
"""

import re
from dataclasses import dataclass

from pyhttpd.core.uri import BadPath, escape_uri, match_name, unescape
from pyhttpd.modules.mod_autoindex.options import Ix

ARGUMENT = re.compile(r"(?:(?P<key>C=[NMSD]|O=[AD]|F=[012]|V=[01])|P=(?P<pattern>[^&;]*))(?:[&;]|$)")
FORMS = {  # what F and V do: options off, then options on
    "F=0": (Ix.FANCY | Ix.TABLE, Ix.NOTHING),
    "F=1": (Ix.TABLE, Ix.FANCY),
    "F=2": (Ix.NOTHING, Ix.FANCY | Ix.TABLE),
    "V=0": (Ix.VERSION_SORT, Ix.NOTHING),
    "V=1": (Ix.NOTHING, Ix.VERSION_SORT),
}


@dataclass(frozen=True, slots=True)
class Query:
    """How a listing is to be made: by its options, and by what the client asked for."""

    options: Ix
    column: str = "N"
    direction: str = "A"
    pattern: str | None = None
    carried: str = ""  # what links to other orders must repeat

    @property
    def fancy(self) -> bool:
        """Whether rows have more than a name."""
        return bool(self.options & (Ix.FANCY | Ix.TABLE))

    def shows(self, name: str) -> bool:
        """Whether the pattern admits a name; a leading dot must be written."""
        if self.pattern is None:
            return True
        if name.startswith(".") and not self.pattern.startswith("."):
            return False
        return match_name(self.pattern.replace("\\", "\\\\"), name)


def read_query(text: str | None, options: Ix, column: str, direction: str) -> Query:
    """The query of a request to a directory whose own order is `column` and `direction`."""
    if Ix.IGNORE_CLIENT in options:
        return Query(options | Ix.NO_SORTING, column, direction)
    chosen = {"C": f"C={column}", "O": f"O={direction}", "F": "", "V": ""}
    pattern, position, text = None, 0, text or ""
    while argument := ARGUMENT.match(text, position):
        position = argument.end()
        if argument["key"]:
            chosen[argument["key"][0]] = argument["key"]
            off, on = FORMS.get(argument["key"], (Ix.NOTHING, Ix.NOTHING))
            options = options & ~off | on
        else:
            pattern = _decoded(argument["pattern"])
        if position == len(text):
            break
    repeated = [chosen["F"], chosen["V"], f"P={escape_uri(pattern)}" if pattern else ""]
    carried = "".join(f";{part}" for part in repeated if part)
    return Query(options, chosen["C"][2:], chosen["O"][2:], pattern, carried)


def _decoded(text: str) -> str | None:
    """A pattern without its escapes; None for none, and for one that is malformed."""
    try:
        return unescape(text) or None
    except BadPath:
        return None
