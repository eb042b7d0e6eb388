"""Let in users by name: `Require user alice bob` and `Require valid-user`.

Rules are 2.2's (mod_authz_user.c); manual: mod/mod_authz_user.
"""

from dataclasses import dataclass
from typing import ClassVar

from pyhttpd.config.directive import Override, Where, setting
from pyhttpd.config.values import Flag
from pyhttpd.core.auth import ask_for_login, requirements
from pyhttpd.core.hooks import AUTH_CHECKER, DECLINED, OK, Result
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request


@dataclass(frozen=True, slots=True)
class PerDir:
    """Whether a no is final."""

    merge_whole: ClassVar[bool] = True
    authoritative: Flag = setting(
        "AuthzUserAuthoritative",
        True,
        doc="Off: other modules are asked about users that no line names",
        where=Where.DIRECTORY,
        override=Override.AUTHCONFIG,
    )


module = Module("authz_user_module", per_dir=PerDir, replayable=True)


@module.hook(AUTH_CHECKER)
def check_user(request: Request) -> Result:
    """Whether a Require line names this user."""
    lines = [line for line in requirements(request) if line.kind in ("user", "valid-user")]
    for line in lines:
        if line.kind == "valid-user" or request.user in line.words:
            said = " ".join(("Require", line.kind, *line.words))
            request.step("mod_authz_user", f"allowed by {said}", line.location, decides=True)
            return OK
    if not lines or not request.config(PerDir).authoritative:
        return DECLINED
    said = f"denied: no Require line names {request.user}"
    request.step("mod_authz_user", said, lines[-1].location, decides=True)
    request.log(
        "error",
        f"access to {request.uri} failed, reason: user '{request.user}' does not meet "
        "'require'ments for user/valid-user to be allowed access",
    )
    ask_for_login(request)
    return 401
