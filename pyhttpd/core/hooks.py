"""The phases of a request and of the server's life, and in which order modules are asked.

A phase says how its hooks run: `all` asks everyone until one fails, `first` asks until one answers, `void`
just calls everyone. That and the list itself are Apache's (include/http_request.h, http_config.h ...):
third-party modules and migrated configurations depend on them.

A hook answers `OK`, `DONE`, an HTTP status, or `DECLINED`, which is None: falling off the end means "not
mine". Hooks are sorted once, at start: by FIRST/MIDDLE/LAST, then by `before=` and `after=` names of
modules.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from graphlib import CycleError, TopologicalSorter
from typing import Any

DECLINED = None
OK = 0
DONE = -2
Result = int | None


class Order(IntEnum):
    """Roughly when a hook wants to be asked."""

    REALLY_FIRST = -10
    FIRST = 0
    MIDDLE = 10
    LAST = 20
    REALLY_LAST = 30


@dataclass(frozen=True, slots=True)
class Phase:
    """One point at which modules are asked."""

    name: str
    run: str  # "all", "first" or "void"


# The server's life. Called with the Server.
POST_CONFIG = Phase("post_config", "all")
OPEN_LOGS = Phase("open_logs", "all")
CHILD_INIT = Phase("child_init", "void")

# A connection. Called with the Connection.
PRE_CONNECTION = Phase("pre_connection", "all")

# A request. Called with the Request.
POST_READ_REQUEST = Phase("post_read_request", "all")
QUICK_HANDLER = Phase("quick_handler", "first")
TRANSLATE_NAME = Phase("translate_name", "first")
MAP_TO_STORAGE = Phase("map_to_storage", "first")
HEADER_PARSER = Phase("header_parser", "all")
ACCESS_CHECKER = Phase("access_checker", "all")
CHECK_USER_ID = Phase("check_user_id", "first")
AUTH_CHECKER = Phase("auth_checker", "first")
TYPE_CHECKER = Phase("type_checker", "first")
FIXUPS = Phase("fixups", "all")
INSERT_FILTER = Phase("insert_filter", "void")
INSERT_ERROR_FILTER = Phase("insert_error_filter", "void")
HANDLER = Phase("handler", "first")
LOG_TRANSACTION = Phase("log_transaction", "all")

OF_REQUESTS = (
    *(POST_READ_REQUEST, QUICK_HANDLER, TRANSLATE_NAME, MAP_TO_STORAGE, HEADER_PARSER, ACCESS_CHECKER),
    *(CHECK_USER_ID, AUTH_CHECKER, TYPE_CHECKER, FIXUPS, INSERT_FILTER, INSERT_ERROR_FILTER, HANDLER),
)
PHASES = tuple(value for value in list(globals().values()) if isinstance(value, Phase))


@dataclass(frozen=True, slots=True)
class Hook:
    """One module's function for one phase."""

    phase: Phase
    function: Callable[..., Any]
    module: str
    order: Order = Order.MIDDLE
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    reads: type | None = None  # the schema without whose settings it has nothing to do
    fields: tuple[str, ...] = ()  # those of its fields without any of which it has nothing to do; (): all

    def concerns(self, written: Mapping[type, Mapping[str, Any]]) -> bool:
        """Whether the function may have something to do under settings where this was written."""
        if self.reads is None:
            return True
        mine = written.get(self.reads)
        return mine is not None and (not self.fields or any(name in mine for name in self.fields))


def ordered(hooks: Iterable[Hook]) -> list[Hook]:
    """The hooks of one phase in the order they are to be asked.

    Raises ValueError when `before` and `after` contradict each other.
    """
    ranked = sorted(hooks, key=lambda hook: hook.order)
    graph = {index: _predecessors(index, ranked) for index in range(len(ranked))}
    try:
        sorter = TopologicalSorter(graph)
        sorter.prepare()
    except CycleError as error:
        names = " -> ".join(ranked[index].module for index in error.args[1])
        raise ValueError(f"hooks of phase {ranked[0].phase.name} wait for each other: {names}") from None
    result: list[Hook] = []
    ready: list[int] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        index = ready.pop(0)
        sorter.done(index)
        result.append(ranked[index])
    return result


def _predecessors(index: int, hooks: Sequence[Hook]) -> set[int]:
    mine = hooks[index]
    return {
        other
        for other, hook in enumerate(hooks)
        if other != index and (hook.module in mine.after or mine.module in hook.before)
    }
