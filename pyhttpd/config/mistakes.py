"""Where a mistake found while reading becomes a diagnostic: the reader's half of "who knows it adds it".

Those who look at one line raise ValueError with Apache's sentence; here it gets its place, section and code.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyhttpd.config.parser import DirectiveLine, Line
from pyhttpd.config.tree import Section
from pyhttpd.diagnostics import ConfigError, Diagnostic


class Mistake(ValueError):
    """A mistake in how lines stand together: it concerns the line's name, and has its own code and hint."""

    def __init__(self, message: str, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def located(error: ValueError, line: Line, parent: Section | None) -> ConfigError:
    """The error with its place. A plain ValueError is about the last argument of its line."""
    location, code, hint = line.location, "bad-argument", ""
    if isinstance(error, Mistake):
        code, hint = error.code, error.hint
    if isinstance(line, DirectiveLine):
        words = [line.name] if isinstance(error, Mistake) else [line.name, *line.words]
        location = words[-1].location
    section = parent.location if parent else None
    return ConfigError(Diagnostic(str(error), location, code, read_time=True, hint=hint, section=section))


def not_closed(sections: Sequence[Section]) -> ConfigError:
    """One message for all of them, the innermost first, at the place of the outermost: Apache's choice."""
    message = "\n".join(f"{section.location}: <{section.name}> was not closed." for section in sections)
    hint = f"</{sections[0].name}> is missing; a section must end in the file it begins in"
    return ConfigError(
        Diagnostic(message, sections[-1].location, "unclosed-section", read_time=True, hint=hint)
    )
