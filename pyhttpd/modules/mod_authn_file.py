"""Users and passwords from a text file, as htpasswd and htdigest write it.

Lines are `user:hash` for Basic (more fields are ignored) and `user:realm:hash` for Digest. Manual:
mod/mod_authn_file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from pyhttpd.config.directive import Override, Where
from pyhttpd.config.merge import merged
from pyhttpd.config.values import ServerPath
from pyhttpd.core.auth import AUTHN, Login
from pyhttpd.core.logfile import reason
from pyhttpd.core.module import Module
from pyhttpd.core.password import NoCrypt, verify
from pyhttpd.core.request import Request

IN_SECTIONS: dict[str, Any] = {"where": Where.DIRECTORY, "override": Override.AUTHCONFIG}


@dataclass(frozen=True, slots=True)
class PerDir:
    """Which file holds the passwords."""

    merge_whole: ClassVar[bool] = True
    file: str | None = merged(None)


module = Module("authn_file_module", per_dir=PerDir, replayable=True)


@module.directive("AuthUserFile", into="file", **IN_SECTIONS)
def auth_user_file(path: ServerPath, kind: str = "standard") -> str:
    """text file with users and hashed passwords"""
    if kind != "standard":
        raise ValueError(f"Invalid auth file type: {kind}")
    return path


@module.provider(AUTHN, "file")
class File:
    """The provider `file`."""

    @staticmethod
    def check_password(request: Request, user: str, password: str) -> Login:
        """Whether the file has this user with a hash of this password."""
        try:
            stored = next((fields[1] for fields in _lines(request, 2) if fields[0] == user), None)
            if stored is None:
                return Login.USER_NOT_FOUND
            return Login.GRANTED if verify(password, stored) else Login.DENIED
        except OSError as error:
            return _unreadable(request, error)
        except NoCrypt as error:
            request.log("error", f"cannot check the password of user {user}: {error}")
            return Login.GENERAL_ERROR

    @staticmethod
    def realm_hash(request: Request, user: str, realm: str) -> tuple[Login, str]:
        """What the file has for this user in this realm."""
        try:
            for name, area, stored, *_ in _lines(request, 3):
                if (name, area) == (user, realm):
                    return Login.USER_FOUND, stored
        except OSError as error:
            return _unreadable(request, error), ""
        return Login.USER_NOT_FOUND, ""


def _lines(request: Request, least: int) -> Iterator[list[str]]:
    """The fields of each line, filled up to `least`. Raises OSError."""
    path = request.config(PerDir).file
    if path is None:
        request.log("error", "Internal error: pcfg_openfile() called with NULL filename")
        raise OSError(9, "Bad file descriptor")
    request.stat(path)  # noted: another stamp, another answer
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        text = file.read()
    for line in map(str.strip, text.replace("\\\n", "").split("\n")):
        if line and not line.startswith("#"):
            fields = line.split(":")
            yield fields + [""] * (least - len(fields))


def _unreadable(request: Request, error: OSError) -> Login:
    path = request.config(PerDir).file or "(null)"
    request.log("error", f"{reason(error)}: Could not open password file: {path}")
    return Login.GENERAL_ERROR
