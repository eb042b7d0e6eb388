"""Refuse users whom no other authorization module has let in.

Without it, a Require line that no module understands would be answered as a configuration error. Manual:
mod/mod_authz_default.
"""

from dataclasses import dataclass
from typing import ClassVar

from pyhttpd.config.directive import Override, Where, setting
from pyhttpd.config.values import Flag
from pyhttpd.core.auth import ask_for_login, requirements
from pyhttpd.core.hooks import AUTH_CHECKER, DECLINED, OK, Order, Result
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request


@dataclass(frozen=True, slots=True)
class PerDir:
    """Whether to refuse at all."""

    merge_whole: ClassVar[bool] = True
    authoritative: Flag = setting(
        "AuthzDefaultAuthoritative",
        True,
        doc="On: users that no module has let in are refused",
        where=Where.DIRECTORY,
        override=Override.AUTHCONFIG,
    )


module = Module("authz_default_module", per_dir=PerDir, replayable=True)


@module.hook(AUTH_CHECKER, order=Order.LAST)
def refuse_the_rest(request: Request) -> Result:
    """401 where a Require line speaks of this method and everybody else has passed."""
    if not requirements(request):
        return OK
    if not request.config(PerDir).authoritative:
        return DECLINED
    text = "require directives present and no Authoritative handler."
    line = requirements(request)[-1].location
    request.step("mod_authz_default", f"denied: {text}", line, decides=True)
    request.log("error", f"access to {request.uri} failed, reason: {text}")
    ask_for_login(request)
    return 401
