"""mod_env: what scripts and pages find in their environment. Manual: mod/mod_env.

Variables are put in during fixups, over whatever was set before. UnsetEnv speaks of variables inherited from
outer sections; what its own section sets stays, as in 2.2.
"""

from dataclasses import dataclass
from typing import NamedTuple

from pyhttpd.config.directive import Override
from pyhttpd.config.merge import Merge, merged
from pyhttpd.config.walk import Context
from pyhttpd.core.hooks import DECLINED, FIXUPS, Result
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request

NO_NAMES: frozenset[str] = frozenset()


class Variables(NamedTuple):
    """What a section sets, and what it takes away of the outer ones (names in lower case)."""

    put: dict[str, str]
    gone: frozenset[str] = NO_NAMES


def _repeat(before: Variables, after: Variables) -> Variables:
    return Variables(_set(before.put, after.put), before.gone | after.gone)


def _inherit(outer: Variables, inner: Variables) -> Variables:
    left = {name: value for name, value in outer.put.items() if name.lower() not in inner.gone}
    return Variables(_set(left, inner.put), outer.gone | inner.gone)


def _set(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """Both; names are compared without letter case, the first spelling stays."""
    spelled = {name.lower(): name for name in before}
    return before | {spelled.get(name.lower(), name): value for name, value in after.items()}


@dataclass(frozen=True, slots=True)
class PerDir:
    """The variables of a place."""

    variables: Variables = merged(Variables({}), Merge(_repeat, _inherit))


module = Module("env_module", per_dir=PerDir, replayable=True)


@module.directive("SetEnv", into="variables", override=Override.FILEINFO)
def set_env(name: str, value: str = "") -> Variables:
    """an environment variable name and optional value to pass to CGI."""
    return Variables({name: value})


@module.directive("PassEnv", into="variables", override=Override.FILEINFO)
def pass_env(ctx: Context, *names: str) -> Variables:
    """variables of the server's own environment that scripts are to have"""
    environment = ctx.site.environment
    for name in names:
        if name not in environment:
            ctx.warn(f"PassEnv variable {name} was undefined")
    return Variables({name: environment[name] for name in names if name in environment})


@module.directive("UnsetEnv", into="variables", override=Override.FILEINFO)
def unset_env(*names: str) -> Variables:
    """variables of outer sections that are not to be set here"""
    return Variables({}, frozenset(name.lower() for name in names))


@module.hook(FIXUPS, reads=PerDir)
def fixup(request: Request) -> Result:
    """The variables of the place go into the request's environment."""
    request.env.update(request.config(PerDir).variables.put)
    return DECLINED
