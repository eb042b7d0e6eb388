"""What authentication and authorization share: who is asked for, by which realm, and what a provider is.

Access runs in three phases: addresses (access_checker), the login (check_user_id), whether this user may come
in (auth_checker). The modules of the three share only what is here.
Manual: core, Require and Satisfy; howto/auth.
"""

import re
from enum import Enum, auto
from typing import Protocol

from pyhttpd.core.core_module.of_files import Requirement
from pyhttpd.core.core_module.schema import PerDir
from pyhttpd.core.options import covers
from pyhttpd.core.request import Request

AUTHN = "authn"
"""The group of providers that know users and passwords: `("authn", "file")`."""

_QUOTE = re.compile(r'\\.|"', re.DOTALL)


class Login(Enum):
    """What a provider says of a user."""

    GRANTED = auto()
    DENIED = auto()  # the password is wrong
    USER_NOT_FOUND = auto()
    USER_FOUND = auto()  # with what Digest needs
    GENERAL_ERROR = auto()  # the provider has logged why


class AuthnProvider(Protocol):
    """A class that modules offer as `module.provider("authn", NAME)`; it is never instantiated.

    `check_password` is None where Basic is not supported, `realm_hash` where Digest is not.
    """

    @staticmethod
    def check_password(request: Request, user: str, password: str) -> Login:
        """Whether this is the user's password."""

    @staticmethod
    def realm_hash(request: Request, user: str, realm: str) -> tuple[Login, str]:
        """USER_FOUND and the hexadecimal MD5 of user:realm:password, or another answer and nothing."""


def requirements(request: Request) -> list[Requirement]:
    """The Require lines that ask for a user and speak of this request's method."""
    return [
        line
        for line in request.config(PerDir).requires
        if not line.of_address and covers(line.methods, request.method)
    ]


def realm(request: Request) -> str:
    """AuthName, fit to stand between quotes."""
    return escape_quotes(request.config(PerDir).auth_name)


def escape_quotes(text: str) -> str:
    """A backslash before each quote that has none yet."""
    return _QUOTE.sub(lambda found: found[0] if len(found[0]) > 1 else '\\"', text)


def ask_for_login(request: Request) -> None:
    """Put into the answer the challenge of this place's AuthType; the caller answers 401."""
    scheme = request.config(PerDir).auth_type.lower()
    if scheme == "basic":
        request.err_headers_out.set("WWW-Authenticate", f'Basic realm="{realm(request)}"')
    elif scheme == "digest":
        nonce = f"{int(request.now() * 1_000_000):x}"
        request.err_headers_out.set("WWW-Authenticate", f'Digest realm="{realm(request)}", nonce="{nonce}"')
    else:
        request.log("error", f"need AuthType to note auth failure: {request.uri}")
