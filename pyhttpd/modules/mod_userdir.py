"""mod_userdir: `/~jane/` is a folder of Jane's. Manual: mod/mod_userdir.

UserDir is a list: a name is looked for in the user's home, an absolute path has the user's name added or put
where a star stands, a URL with a star redirects. The first that exists is taken, or else the last.

Unlike in 2.2, whose check has a slip, `.` and `..` are never taken for users.
"""

import os
import pwd
from dataclasses import dataclass

from pyhttpd.config.directive import Where
from pyhttpd.config.merge import Merge, merged
from pyhttpd.core.hooks import DECLINED, OK, TRANSLATE_NAME, Result
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request

FOUND = 302
PASSWORDS = "/etc/passwd"
NAMES: frozenset[str] = frozenset()
SWITCHES = {"disable": False, "disabled": False, "enable": True, "enabled": True}
ADD_UP = Merge(lambda before, after: before | after, lambda _outer, inner: inner)  # not inherited


@dataclass(frozen=True, slots=True)
class PerServer:
    """Where a host's users have their pages; names of users are in lower case."""

    folders: tuple[str, ...] = merged(())
    all_enabled: bool = merged(True)
    enabled: frozenset[str] = merged(NAMES, ADD_UP)
    disabled: frozenset[str] = merged(NAMES, ADD_UP)

    def admits(self, user: str) -> bool:
        """Whether a user's pages are served."""
        name = user.lower()
        return name not in self.disabled and (self.all_enabled or name in self.enabled)


module = Module("userdir_module", per_server=PerServer, replayable=True)


@module.directive("UserDir", where=Where.SERVER)
def user_dir(*words: str) -> dict[str, object]:
    """folders of users, or enabled or disabled with names"""
    if not words or not words[0]:
        raise ValueError("UserDir requires an argument.")
    lists: dict[str, object] = {"enabled": NAMES, "disabled": NAMES}  # any line begins a host's own lists
    switch = SWITCHES.get(words[0].lower())
    if switch is None:
        return lists | {"folders": words}
    if len(words) == 1:
        return lists | {"all_enabled": switch}
    return lists | {"enabled" if switch else "disabled": frozenset(word.lower() for word in words[1:])}


@module.hook(TRANSLATE_NAME, after=("alias_module",), before=("vhost_alias_module",), reads=PerServer)
def translate(request: Request) -> Result:
    """Map /~user and what is below it."""
    if not request.uri.startswith("/~"):
        return DECLINED
    settings = request.server.config(PerServer)
    user, slash, rest = request.uri[2:].partition("/")
    if not settings.folders or user in ("", ".", "..") or not settings.admits(user):
        return DECLINED
    request.stat(PASSWORDS)  # what homes there are may change: so noted, the answer is not given again then
    for left, pattern in zip(range(len(settings.folders) - 1, -1, -1), settings.folders, strict=True):
        folder, url = place_of(pattern, user)
        if url is not None:
            request.headers_out.set("Location", url + slash + rest)
            return FOUND
        if folder is not None and (not left or request.stat(folder) is not None):
            request.filename = folder + slash + rest
            request.notes["mod_userdir_user"] = user
            line = request.server.layer.line(PerServer, "folders")
            request.step("mod_userdir", f"~{user} -> {folder}", line, decides=True)
            return OK
    return DECLINED


def place_of(pattern: str, user: str) -> tuple[str | None, str | None]:
    """(folder, URL) that one word of UserDir means for a user: at most one of them."""
    before, star, after = pattern.partition("*")
    after = after.lstrip("*")
    if os.path.isabs(pattern):
        return (f"{before}{user}{after}" if star else f"{pattern}/{user}"), None
    if star and ":" in before:
        return None, before + user  # what follows the star is left out, as 2.2 does
    if star and not after:
        return before + user, None
    return _at_home(after if star else pattern, user), None


def _at_home(name: str, user: str) -> str | None:
    try:
        return f"{pwd.getpwnam(user).pw_dir}/{name}"
    except (KeyError, ValueError, UnicodeError):
        return None
