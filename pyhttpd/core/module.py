"""What a module is: a name, two schemas, and the directives, hooks, handlers and filters it declares.

A module file has a `module = Module(...)` object and decorates its functions with it. Importing the file
changes nothing else; a server holds the modules it loaded, and as many servers as one likes can hold the
same module.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from pyhttpd.config.directive import Directive, directives_of, from_function
from pyhttpd.core.hooks import Hook, Order, Phase

Function = TypeVar("Function", bound=Callable[..., Any])


class Module:
    """One module.

    `name` is what LoadModule calls it (`alias_module`), `source` what <IfModule> does (`mod_alias.c`).
    `per_server` is filled outside of sections, `per_dir` inside of them (and outside, as the server's
    default). `replayable` says that everything the module looks at goes through the request's journal.
    """

    def __init__(
        self,
        name: str,
        *,
        per_server: type | None = None,
        per_dir: type | None = None,
        source: str = "",
        replayable: bool = False,
    ) -> None:
        self.name = name
        self.source = source or f"mod_{name.removesuffix('_module')}.c"
        self.per_server, self.per_dir = per_server, per_dir
        self.replayable = replayable
        self.directives: list[Directive] = []
        self.hooks: list[Hook] = []
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.filters: dict[str, Any] = {}
        self.providers: dict[tuple[str, str], Any] = {}
        for schema in (per_server, per_dir):
            for directive in directives_of(schema) if schema else ():
                self.directives.append(directive)

    def directive(
        self, name: str, into: str | None = None, **declared: Any
    ) -> Callable[[Function], Function]:
        """Declare a directive by a function that combines its words into the value of field `into`."""

        def declare(function: Function) -> Function:
            self.directives.append(from_function(function, name, into, **declared))
            return function

        return declare

    def hook(
        self,
        phase: Phase,
        order: Order = Order.MIDDLE,
        before: tuple[str, ...] = (),
        after: tuple[str, ...] = (),
        reads: type | None = None,
        fields: tuple[str, ...] = (),
    ) -> Callable[[Function], Function]:
        """Ask this function in a phase; `before` and `after` name modules (`alias_module`).

        With `reads`, only where the configuration has something to say for that schema; with `fields`, for
        one of those.
        """

        def declare(function: Function) -> Function:
            self.hooks.append(Hook(phase, function, self.name, order, before, after, reads, fields))
            return function

        return declare

    def handler(self, *names: str) -> Callable[[Function], Function]:
        """Answer requests whose handler (SetHandler, AddHandler, or content type) has one of these names."""

        def declare(function: Function) -> Function:
            self.handlers.update(dict.fromkeys(names, function))
            return function

        return declare

    def provider(self, group: str, name: str) -> Callable[[Function], Function]:
        """Offer a function or class to other modules by group and name, as `("authn", "file")`."""

        def declare(function: Function) -> Function:
            self.providers[group, name] = function
            return function

        return declare

    def filter(self, name: str, kind: int) -> Callable[[Function], Function]:
        """Declare an output filter; `kind` is one of the stages of `core.filters`."""

        def declare(function: Function) -> Function:
            self.filters[name.lower()] = (kind, function)
            return function

        return declare

    def schema_for(self, into: str, inside_section: bool) -> type:
        """The schema whose field is filled; of two that have it, the one for where the line stands."""
        mine = (self.per_dir, self.per_server) if inside_section else (self.per_server, self.per_dir)
        for schema in mine:
            if schema is not None and into in schema.__dataclass_fields__:  # type: ignore[attr-defined]
                return schema
        raise LookupError(f"{self.name} has no field {into}")
