"""Modules that do not say what they look at: whatever they have a hand in is not given again.

A module that has not declared `replayable=True` may look at anything. Its hooks, handlers and filters, and
what it offers to other modules, are therefore wrapped: each says so in the journal of the request it is
called with, before it does anything.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from pyhttpd.core import hooks
from pyhttpd.core.hooks import Hook
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request


def hooks_of(module: Module) -> list[Hook]:
    """A module's hooks."""
    if module.replayable:
        return module.hooks
    return [_noted(hook) if hook.phase in hooks.OF_REQUESTS else hook for hook in module.hooks]


def handlers_of(module: Module) -> dict[str, Callable[..., Any]]:
    """A module's handlers by name."""
    if module.replayable:
        return module.handlers
    return {name: _telling(module.name, function) for name, function in module.handlers.items()}


def filters_of(module: Module) -> dict[str, Any]:
    """A module's filters by name: stage and function."""
    if module.replayable:
        return module.filters
    return {name: (kind, _telling(module.name, made)) for name, (kind, made) in module.filters.items()}


def providers_of(module: Module) -> dict[tuple[str, str], Any]:
    """What a module offers to others, by group and name."""
    if module.replayable:
        return module.providers
    return {key: _Offer(module.name, offered) for key, offered in module.providers.items()}


class _Offer:
    """A function or class that another module will call."""

    def __init__(self, module: str, offered: Any) -> None:
        self._module, self._offered = module, offered

    def __call__(self, *given: Any, **named: Any) -> Any:
        return _telling(self._module, self._offered)(*given, **named)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._offered, name)
        return _telling(self._module, found) if callable(found) else found


def _noted(hook: Hook) -> Hook:
    return replace(hook, function=_telling(hook.module, hook.function))


def _telling(module: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def told(*given: Any, **named: Any) -> Any:
        if given and isinstance(given[0], Request):
            given[0].blocks(f"{module} does not say what it looks at")
        return function(*given, **named)

    return told
