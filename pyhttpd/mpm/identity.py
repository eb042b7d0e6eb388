"""Who the children are: User and Group looked up before fork, and taken on after it.

Looking up loads the system's libraries for it, of which each child would have a copy of its own.
Only a server started as root can change its identity. It never serves as root: without a User it takes
`nobody`, where 2.2 would stop with a failed setuid(-1).
"""

import grp
import os
import pwd
import re
from dataclasses import dataclass

from pyhttpd.mpm.listen import StartError

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, a group, and all groups that come with them."""

    uid: int
    gid: int
    groups: tuple[int, ...]


def identity(user: str, group: str) -> Identity:
    """Look up `User` and `Group` as written. Raises StartError with 2.2's `bad user name`."""
    uid, gid, name = _nobody() if not user else _user(user)
    gid = _group(group) if group else gid
    return Identity(uid, gid, (gid,) if name is None else tuple(os.getgrouplist(name, gid)))


def _nobody() -> tuple[int, int, str | None]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return NOBODY, NOBODY, None
    return entry.pw_uid, entry.pw_gid, "nobody"


def _user(word: str) -> tuple[int, int, str | None]:
    if number := re.fullmatch(r"#(-?[0-9]{1,10})", word):
        uid = int(number[1]) & 0xFFFFFFFF
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return uid, NOBODY, None
        return uid, entry.pw_gid, entry.pw_name
    try:
        entry = pwd.getpwnam(word)
    except (KeyError, ValueError):
        raise StartError(f"bad user name {word}") from None
    return entry.pw_uid, entry.pw_gid, word


def _group(word: str) -> int:
    if number := re.fullmatch(r"#(-?[0-9]{1,10})", word):
        return int(number[1]) & 0xFFFFFFFF
    try:
        return grp.getgrnam(word).gr_gid
    except (KeyError, ValueError):
        raise StartError(f"bad group name {word}") from None


def take_on(who: Identity, chroot: str = "") -> None:
    """Become this user for good, if we are root. Raises OSError, and nothing may be served then."""
    if os.geteuid() != 0:
        return
    os.setgroups(who.groups)
    if chroot:
        os.chdir(chroot)
        os.chroot(chroot)
    os.setgid(who.gid)
    os.setuid(who.uid)
    if os.geteuid() == 0:
        raise PermissionError("children must not run as root")
