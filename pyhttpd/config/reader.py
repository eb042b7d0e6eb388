"""Text to tree, in Apache's order: what is read is also decided while it is read.

Apache runs some directives the moment it meets them: LoadModule, Include, IfModule and their like. So an
IfModule knows the modules loaded above it and no others, a skipped body may hold nonsense as long as its
sections nest, and a mistake in the last line is told before an unknown directive in the first. Everything
else waits in the tree for the walk.

Rules kept here: a section never spans two files; what a directive *means* is not known here, only what
reading needs. Facts: the manual's core, mod_so and mod_version pages; messages as Apache 2.2 prints them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple, Protocol

from pyhttpd.config import conditions, include
from pyhttpd.config.mistakes import Mistake, located, not_closed
from pyhttpd.config.parser import CloseLine, CommentLine, DirectiveLine, Line, OpenLine, parse, reparse
from pyhttpd.config.tree import Directive, Section, Tree
from pyhttpd.diagnostics import COMMAND_LINE, ConfigError, Diagnostic, Location, Source

MAX_INCLUDE_DEPTH = 128


class Host(Protocol):
    """What reading needs to know of the server that is being built, and what it tells it."""

    server_root: str
    defines: dict[str, str]
    environment: Mapping[str, str]
    version: tuple[int, int, int]

    def has_module(self, name: str) -> bool:
        """Whether "mod_alias.c" or "alias_module" is loaded by now."""

    def load_module(self, identifier: str, path: str) -> str | None:
        """Load a module; a warning to print, or None. Raises ValueError with Apache's message.

        `path` is as written: relative to ServerRoot, or a dotted Python name.
        """

    def load_file(self, path: str) -> None:
        """Load a library. Raises ValueError with Apache's message."""

    def located(self, path: str) -> str:
        """Where a file that is to be read lies: there, unless the configuration is another machine's."""

    def lost_root(self, path: str) -> str:
        """What to take for a ServerRoot that is not there. Raises ValueError with Apache's message."""

    def warn(self, message: str, location: Location) -> None:
        """Print something that is no error."""


def read_file(
    path: str, host: Host, before: Sequence[str] = (), after: Sequence[str] = (), missing_ok: bool = False
) -> Tree:
    """Read a configuration file, the directives of -C before it and of -c after it. Raises ConfigError."""
    reader = _Reader(host)
    reader.command_line(before)
    if not (missing_ok and not os.path.exists(path)):
        try:
            for name in include.files_of(path):
                reader.file(name, reader.tree.root, None, None)
        except ValueError as error:
            raise ConfigError(Diagnostic(str(error), code="unreadable", read_time=True)) from None
    reader.command_line(after)
    return reader.tree


def read_text(text: str, name: str, host: Host, htaccess: bool = False) -> Tree:
    """Read a configuration that is at hand; `name` stands for it in messages. Raises ConfigError.

    In an .htaccess file only the conditional sections are decided here, every other directive stays for the
    walk.
    """
    reader = _Reader(host, htaccess)
    reader.text(Source(name, text), reader.tree.root, None)
    return reader.tree


@dataclass(slots=True)
class _Frame:
    """What the lines read now belong to: a file, a section, or a condition that came true."""

    children: list[Directive]
    parent: Section | None
    opened: Section | None = None
    """The section that is to be closed, None in a file's or a condition's frame."""
    condition: str = ""
    """The only line that ends a condition's frame."""


class _Reader:
    def __init__(self, host: Host, htaccess: bool = False) -> None:
        self.host = host
        self.tree = Tree()
        self.depth = 0
        self.read_time = {} if htaccess else READ_TIME

    def command_line(self, directives: Sequence[str]) -> None:
        if directives:
            self.text(Source(COMMAND_LINE, "\n".join(directives)), self.tree.root, None)

    def file(self, path: str, into: list[Directive], parent: Section | None, origin: Location | None) -> None:
        self.text(Source(path, include.read(path), origin), into, parent)

    def text(self, source: Source, into: list[Directive], parent: Section | None) -> None:
        lines = parse(source)
        self.tree.sources.append(source)
        self.tree.lines[source] = lines
        frames = [_Frame(into, parent)]
        pending = iter(lines)
        for line in pending:
            self.line(self.expanded(line), pending, frames)
        # A condition that came true may stay open to the end of the file, and then so may all that is in it.
        if unclosed := [frame.opened for frame in takewhile(lambda frame: frame.opened, frames[1:])]:
            raise not_closed([section for section in reversed(unclosed) if section])

    def expanded(self, line: Line) -> Line:
        """The line with `${NAME}` put in: once, before it is split into words."""
        text = line.logical.text
        if "${" not in text or isinstance(line, CommentLine):
            return line
        new = _VARIABLE.sub(self.variable, text)
        return line if new == text else reparse(line, new)

    def variable(self, match: re.Match[str]) -> str:
        value = self.host.defines.get(match[1]) or self.host.environment.get(match[1])
        return match[0] if value is None else value

    # ---- one line

    def line(self, line: Line, pending: Iterator[Line], frames: list[_Frame]) -> None:
        frame = frames[-1]
        try:
            if isinstance(line, CloseLine):
                self.close(line, frames)
            elif isinstance(line, OpenLine):
                self.open(line, pending, frames)
            elif isinstance(line, DirectiveLine):
                self.directive(line, frame)
        except ValueError as error:
            raise located(error, line, frame.parent) from None

    def directive(self, line: DirectiveLine, frame: _Frame) -> None:
        entry = self.read_time.get(line.name.lower())
        if entry is None or entry.kept:
            place = line.name.location
            frame.children.append(Directive(str(line.name), line.words, line.raw, place, frame.parent))
        if entry is not None:
            if not entry.least <= len(line.words) <= entry.most:
                raise Mistake(f"{line.name} {entry.usage}", "argument-count")
            entry.run(self, line, frame)

    def open(self, line: OpenLine, pending: Iterator[Line], frames: list[_Frame]) -> None:
        frame = frames[-1]
        condition = conditions.find(line.name, self.host)
        if condition is None:
            where = line.name.location
            section = Section(str(line.name), line.words, line.raw, where, frame.parent, line.terminated)
            frame.children.append(section)
            frames.append(_Frame(section.children, section, opened=section))
        elif conditions.holds(condition, line, self.host):
            frames.append(_Frame(frame.children, frame.parent, condition=f"</{line.name}>".lower()))
        else:
            self.skip(line.name, pending)

    def close(self, line: CloseLine, frames: list[_Frame]) -> None:
        frame = frames[-1]
        if frame.condition and line.logical.text.strip().lower() == frame.condition:
            frames.pop()
            return
        if not line.word.endswith(">"):
            hint = f'write {line.word}> and nothing else: no blank, no argument before the ">"'
            raise Mistake(f"{line.word}> directive missing closing '>'", "missing-bracket", hint)
        name = line.word[2:-1]
        if frame.opened is None:
            raise Mistake(f"</{name}> without matching <{name}> section", "unopened-section")
        if name.lower() != frame.opened.key:
            raise Mistake(f"Expected </{frame.opened.name}> but saw </{name}>", "crossed-sections")
        frame.opened.closed_at = line.location
        frames.pop()

    def skip(self, name: str, pending: Iterator[Line]) -> None:
        """Pass over the body of a condition that is false: only its sections must nest."""
        names = [name]
        for line in map(self.expanded, pending):
            if isinstance(line, OpenLine):
                names.append(line.name)
            elif isinstance(line, CloseLine):
                if line.word[2:-1].lower() != names[-1].lower():
                    saw = f"{line.word[:-1]}>"
                    hint = f"{saw} is in line {line.logical.number}; a skipped body must nest, too"
                    raise Mistake(f"Expected </{names[-1]}> but saw {saw}", "crossed-sections", hint)
                names.pop()
                if not names:
                    return
        raise Mistake(f"Expected </{names[-1]}> before end of configuration", "unclosed-section")

    # ---- directives that act while reading

    def include(self, line: DirectiveLine, frame: _Frame, optional: bool = False) -> None:
        if self.depth >= MAX_INCLUDE_DEPTH:
            limit = f"Exceeded maximum include depth of {MAX_INCLUDE_DEPTH}."
            hint = f"{line.source.name} leads to itself again"
            raise Mistake(f"{limit} You have probably a recursion somewhere.", "include-depth", hint)
        self.depth += 1
        for word in line.words:
            path = self.path(word)
            for name in include.files_of(path, optional):
                self.file(name, frame.children, frame.parent, line.words[0].location)
        self.depth -= 1

    def include_optional(self, line: DirectiveLine, frame: _Frame) -> None:
        self.include(line, frame, optional=True)

    def load_module(self, line: DirectiveLine, frame: _Frame) -> None:
        identifier, path = line.words
        if warning := self.host.load_module(identifier, path):
            self.host.warn(warning, line.location)

    def load_file(self, line: DirectiveLine, frame: _Frame) -> None:
        for word in line.words:
            self.host.load_file(self.path(word))

    def server_root(self, line: DirectiveLine, frame: _Frame) -> None:
        root = os.path.abspath(line.words[0])
        self.host.server_root = root if os.path.isdir(root) else self.host.lost_root(root)

    def define(self, line: DirectiveLine, frame: _Frame) -> None:
        name, value = (*line.words, "")[:2]
        self.host.defines[name] = value

    def undefine(self, line: DirectiveLine, frame: _Frame) -> None:
        self.host.defines.pop(line.words[0], None)

    def path(self, word: str) -> str:
        return self.host.located(os.path.normpath(os.path.join(self.host.server_root, word)))


class _ReadTime(NamedTuple):
    """A directive that runs while the files are read. `kept`: it is left in the tree as well, to be seen."""

    run: Callable[[_Reader, DirectiveLine, _Frame], None]
    least: int
    most: int
    usage: str
    kept: bool = False


_MANY = 1 << 30

READ_TIME: dict[str, _ReadTime] = {
    "include": _ReadTime(_Reader.include, 1, 1, "takes one argument, a file, a folder or a pattern to read"),
    "includeoptional": _ReadTime(_Reader.include_optional, 1, 1, "takes one argument, what to read if there"),
    "loadmodule": _ReadTime(_Reader.load_module, 2, 2, "takes two arguments, a module's name and its file"),
    "loadfile": _ReadTime(_Reader.load_file, 0, _MANY, "takes the files to load"),
    "serverroot": _ReadTime(_Reader.server_root, 1, 1, "takes one argument, the server's folder", kept=True),
    "define": _ReadTime(_Reader.define, 1, 2, "takes one or two arguments, a name and its value"),
    "undefine": _ReadTime(_Reader.undefine, 1, 1, "takes one argument, the name to forget"),
}

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
