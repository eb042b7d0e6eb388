"""Ask for user name and password, which the client sends with every request as it is: only TLS protects them.

This module speaks HTTP (RFC 7617); whether a password is right, providers say, one after the other until one
knows the user. Rules are 2.2's (mod_auth_basic.c); manual: mod/mod_auth_basic, howto/auth.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from pyhttpd.config.directive import Override, Where, setting
from pyhttpd.config.merge import EXTEND, merged
from pyhttpd.config.values import Flag
from pyhttpd.config.walk import Context
from pyhttpd.core.auth import AUTHN, Login, ask_for_login, requirements
from pyhttpd.core.core_module.schema import PerDir as CorePerDir
from pyhttpd.core.hooks import CHECK_USER_ID, DECLINED, OK, Result
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request
from pyhttpd.http.status import HTTPError

DEFAULT_PROVIDER = "file"
IN_SECTIONS: dict[str, Any] = {"where": Where.DIRECTORY, "override": Override.AUTHCONFIG}
BASE64 = re.compile(r"[A-Za-z0-9+/]*")


@dataclass(frozen=True, slots=True)
class PerDir:
    """Whom to ask about passwords, and whether their no is final."""

    merge_whole: ClassVar[bool] = True
    providers: tuple[tuple[str, Any], ...] = merged((), EXTEND)
    authoritative: Flag = setting(
        "AuthBasicAuthoritative",
        True,
        doc="Off: other modules are asked about users that no provider knows",
        **IN_SECTIONS,
    )


module = Module("auth_basic_module", per_dir=PerDir, replayable=True)


@module.directive("AuthBasicProvider", into="providers", **IN_SECTIONS)
def auth_basic_provider(ctx: Context, *names: str) -> tuple[tuple[str, Any], ...]:
    """providers to ask about passwords, in this order"""
    return tuple((name, _provider(ctx, name)) for name in names)


@module.hook(CHECK_USER_ID)
def check_login(request: Request) -> Result:
    """Who the client says it is, and whether the password proves it."""
    core, settings = request.config(CorePerDir), request.config(PerDir)
    if core.auth_type.lower() != "basic":
        return DECLINED
    if not core.auth_name:
        raise HTTPError(500, f"need AuthName: {request.uri}")
    request.auth_type = "Basic"
    sent = credentials(request)
    if sent is None:
        return challenge(request)
    request.user, password = sent
    login = _ask(request, settings, password)
    if login is Login.GRANTED:
        request.step("mod_auth_basic", f"user {request.user} is who he says")
        return OK
    if not settings.authoritative and login is not Login.DENIED:
        return DECLINED
    return refuse(request, login)


def refuse(request: Request, login: Login) -> int:
    """The answer to a login that failed, and the line in the error log."""
    if login is Login.DENIED:
        text = f'user {request.user}: authentication failure for "{request.uri}": Password Mismatch'
        return challenge(request, text)
    if login is Login.USER_NOT_FOUND:
        return challenge(request, f"user {request.user} not found: {request.uri}")
    return 500  # the provider has said why


def challenge(request: Request, log: str = "") -> int:
    """401, with what to log."""
    if log:
        request.log("error", log)
    if request.explaining:
        asked = requirements(request)[-1].location
        request.step("mod_auth_basic", f"denied: {log or 'no login was sent'}", asked, decides=True)
    ask_for_login(request)
    return 401


def credentials(request: Request) -> tuple[str, str] | None:
    """User and password as sent, None where there are none."""
    field = request.header("Authorization")
    if field is None:
        return None
    scheme, _, token = field.partition(" ")
    if scheme.lower() != "basic":
        request.log("error", f"client used wrong authentication scheme: {request.uri}")
        return None
    user, _, password = decode(token.lstrip()).partition(":")
    return user, password


def decode(token: str) -> str:
    """Base64 as leniently as APR reads it: up to what is no letter of it; a NUL byte ends the text."""
    found = BASE64.match(token)
    letters = found[0] if found else ""
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    decoded = base64.b64decode(letters + "=" * (-len(letters) % 4))
    return decoded.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _provider(ctx: Context, name: str) -> Any:
    provider = ctx.site.provider(AUTHN, name)
    if provider is None:
        raise ValueError(f"Unknown Authn provider: {name}")
    if provider.check_password is None:
        raise ValueError(f"The '{name}' Authn provider doesn't support Basic Authentication")
    return provider


def _ask(request: Request, settings: PerDir, password: str) -> Login:
    request.blocks("a password is checked", repeatable=True)  # some hashes are slow on purpose
    login = Login.GENERAL_ERROR
    for name, provider in settings.providers or _default(request):
        request.notes["authn_provider_name"] = name
        login = provider.check_password(request, request.user, password)
        del request.notes["authn_provider_name"]
        if login is not Login.USER_NOT_FOUND:
            break
    return login


def _default(request: Request) -> Iterator[tuple[str, Any]]:
    provider = request.server.server.providers.get((AUTHN, DEFAULT_PROVIDER))
    if provider is None:
        request.log("error", "No Authn provider configured")
    else:
        yield DEFAULT_PROVIDER, provider
