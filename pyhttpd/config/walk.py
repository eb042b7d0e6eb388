"""The tree becomes layers: each line is looked up, checked and written where it belongs.

The walk is the only place that knows both a directive's rules and where a line stands, so it is the only
one that turns a converter's ValueError into a diagnostic. It goes on after an error and reports up to
twenty at once; the first is the one Apache would have stopped at.

A section is a directive whose value is a `Scope`: a selector (what its argument says) and a layer of its own.
<Limit> is different: its body speaks for the enclosing section, of some methods only (`Context.methods`).
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pyhttpd.config import tree
from pyhttpd.config.directive import SECTION_WORDS, Directive, Override, Progress, Where, Within
from pyhttpd.config.merge import Layer
from pyhttpd.config.registry import Registry
from pyhttpd.diagnostics import ConfigError, Diagnostic, Location

MOST_ERRORS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A section as written: whom it speaks of and what it says."""

    selector: Any
    layer: Layer
    location: Location
    text: str  # "<Directory /www>"

    def __str__(self) -> str:
        return f"{self.text} at {self.location}"


class Site(Protocol):
    """What directives may ask of the server that is being built."""

    server_root: str
    defines: dict[str, str]
    environment: Mapping[str, str]
    check_document_root: bool

    def warn(self, message: str, location: Location | None = None, level: str = "warn") -> None: ...

    def has_module(self, name: str) -> bool: ...

    def provider(self, group: str, name: str) -> Any: ...


@dataclass(slots=True)
class Context:
    """Where a line stands, and whom its directive may ask."""

    site: Site
    location: Location
    layer: Layer
    within: Within = Within.NONE
    where: Where = Where.SERVER
    methods: Any = None  # what <Limit> or <LimitExcept> selected, None outside
    path: str | None = None  # of the <Directory>, or of the directory of an .htaccess file
    selector: Any = None  # of the nearest section
    override: Override | None = None  # in .htaccess: what AllowOverride admits
    options: Any = None  # in .htaccess: what AllowOverride Options=... admits
    name: str = ""  # the directive's name as written

    @property
    def htaccess(self) -> bool:
        """Whether the line stands in an .htaccess file."""
        return self.override is not None

    @property
    def virtual(self) -> bool:
        """Whether the line stands in a <VirtualHost>."""
        return Within.VIRTUALHOST in self.within

    def server_path(self, path: str) -> str:
        """A path relative to ServerRoot made absolute."""
        return os.path.normpath(os.path.join(self.site.server_root, path)) if path else path

    def warn(self, message: str, level: str = "warn") -> None:
        """Say something at start that stops nobody."""
        self.site.warn(message, self.location, level)


Explain = Callable[[str], str]


def walk(root: Iterable[tree.Directive], registry: Registry, context: Context, explain: Explain) -> None:
    """Run the lines of a tree into `context.layer`. Raises ConfigError with all that is wrong."""
    walker = _Walker(registry, explain)
    walker.body(root, context)
    if walker.errors:
        raise ConfigError(walker.errors)


@dataclass(slots=True)
class _Walker:
    registry: Registry
    explain: Explain  # why a name is unknown: for the hint
    errors: list[Diagnostic] = field(default_factory=list)

    def body(self, nodes: Iterable[tree.Directive], context: Context) -> None:
        for node in nodes:
            if len(self.errors) >= MOST_ERRORS:
                return
            try:
                self.line(node, context)
            except _Misfit as error:
                self.refuse(node, str(error), where=error.location)
            except ValueError as error:
                self.refuse(node, str(error))

    def line(self, node: tree.Directive, outer: Context) -> None:
        directive = self.registry.find(node.key)
        if directive is None or directive.section != isinstance(node, tree.Section):
            name = f"<{node.name}" if isinstance(node, tree.Section) else node.name
            unknown = f"Invalid command '{name}', perhaps misspelled or defined by a module not included "
            self.refuse(
                node, unknown + "in the server configuration", "unknown-directive", self.explain(name)
            )
            return
        check_place(directive, outer)
        context = replace(outer, location=node.location, name=node.name)
        if isinstance(node, tree.Section):
            self.section(directive, node, context)
            return
        if directive.status.progress is Progress.ACCEPTED:
            context.site.warn(
                f"{directive.name} has no effect here: {directive.status.note}", node.location, "info"
            )
        words = [node.raw] if directive.raw else check_count(directive, node)
        self.write(directive, self.value(directive, words, node, context), context)

    def value(self, directive: Directive, words: list[Any], node: tree.Directive, context: Context) -> Any:
        values: list[Any] = []
        for index, word in enumerate(words):
            try:
                values.append(_convert(directive, index, word, context))
            except ValueError as error:
                raise _Misfit(str(error), getattr(word, "location", node.location)) from None
        return directive.build(context, *values) if directive.contextual else directive.build(*values)

    def write(self, directive: Directive, value: Any, context: Context) -> None:
        written: Mapping[str, Any] = value if directive.into is None else {directive.into: value}
        module = self.registry.owner(directive.name.lower())
        inside = context.where is Where.DIRECTORY
        for name, one in (written or {}).items():
            context.layer.write(module.schema_for(name, inside), name, one, context.location)

    def section(self, directive: Directive, node: tree.Section, context: Context) -> None:
        if not node.terminated:
            raise ValueError(f"<{node.name}> directive missing closing '>'")
        if not node.words:
            raise ValueError(f"<{node.name}> directive requires additional arguments")
        words = [node.raw] if directive.raw else list(node.words)
        selector = self.value(directive, words, node, context)
        inner = replace(context, within=context.within | directive.opens)
        if Within.LIMIT in directive.opens:
            self.body(node.children, replace(inner, methods=selector))
            return
        scope = Scope(selector, Layer(), node.location, f"<{node.name} {node.raw}>")
        inner.layer, inner.selector = scope.layer, selector
        if Within.VIRTUALHOST not in directive.opens:
            inner.where = Where.DIRECTORY
        if Within.DIRECTORY in directive.opens:
            inner.path = selector.text if hasattr(selector, "text") else None
        self.body(node.children, inner)
        self.write(directive, (scope,), context)

    def refuse(
        self,
        node: tree.Directive,
        message: str,
        code: str = "bad-value",
        hint: str = "",
        where: Location | None = None,
    ) -> None:
        section = node.parent.location if node.parent else None
        self.errors.append(Diagnostic(message, where or node.location, code=code, hint=hint, section=section))


class _Misfit(ValueError):
    """A ValueError that knows the word it is about."""

    def __init__(self, message: str, location: Location) -> None:
        super().__init__(message)
        self.location = location


def _convert(directive: Directive, index: int, word: Any, context: Context) -> Any:
    if not directive.converters:
        return word
    converter = directive.converter(index)
    try:
        if converter.contextual:
            return converter.function(word, context)
        return converter.function(word)
    except ValueError as error:
        raise ValueError(str(error).replace("{name}", directive.shown)) from None


def check_place(directive: Directive, context: Context) -> None:
    """Raise ValueError, in 2.2's words and order, when a directive may not stand here."""
    admitted = (
        bool(directive.override & context.override)
        if context.override is not None
        else bool(directive.where & context.where)
    )
    if not admitted:
        raise ValueError(f"{directive.shown} not allowed here")
    for kind, word in SECTION_WORDS.items():
        if kind in directive.not_in and kind in context.within:
            bracket = ">" if directive.section else ""
            raise ValueError(f"{directive.shown}{bracket} cannot occur within <{word}> section")


def check_count(directive: Directive, node: tree.Directive) -> list[Any]:
    """The words of a line, if there are as many as the directive takes."""
    words = list(node.words)
    if directive.flag and len(words) != 1:
        raise ValueError(f"{directive.shown} must be On or Off")
    if phrase := directive.arguments.refuse(len(words)):
        raise ValueError(f"{directive.shown} {phrase}, {directive.doc}")
    return words
