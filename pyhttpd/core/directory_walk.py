"""From a path to what is there and what its directories say: <Directory> sections and .htaccess files on
the way.

Components are looked at one by one, because each directory may change what applies below it (links,
.htaccess). Where the whole path exists and links may be followed, its directories need no look of their
own; and where no .htaccess may stand on the way, what they say depends on the path alone and is remembered.
(server/request.c: ap_directory_walk)
"""

import os
import stat

from pyhttpd.core import htaccess
from pyhttpd.core.core_module.schema import PerDir
from pyhttpd.core.options import FOLLOW_SYMLINKS, SYMLINKS_IF_OWNER, Opt, switching
from pyhttpd.core.request import Request
from pyhttpd.core.sections import apply
from pyhttpd.core.uri import normalise
from pyhttpd.http.status import HTTPError

MOST_REMEMBERED = 4096
FORBIDDEN = 403
NOT_THE_END = "\x01"
"""Put behind a path so that $ matches nowhere: 2.2 asks <DirectoryMatch> about beginnings of paths."""


def directory_walk(request: Request) -> None:
    """Find how far `request.filename` exists, and merge the sections and .htaccess files on the way.

    Sets filename (as far as it exists, or one name further), path_info and info. Raises HTTPError 403 for
    what may not be passed, 500 for a broken .htaccess.
    """
    if not request.filename or not request.filename.startswith("/"):
        raise HTTPError(500, f"Module bug?  Request filename is missing for URI {request.uri}")
    if "/." in request.filename:  # a rewriting module may have put dots there, which no section knows of
        request.filename = normalise(request.filename)
    known = _look(request.filename)
    if not _recalled(request, known):
        Walk(request, known).run()
    for scope in request.server.sections.directory_matches:
        if scope.selector.matches((request.filename or "") + NOT_THE_END):
            apply(request, scope)


def _recalled(request: Request, known: os.stat_result | None) -> bool:
    """Whether the path is a file, or missing, in a folder that others led through: no need to walk then."""
    path, table = request.filename or "", request.server.sections
    folder = path[: path.rfind("/") + 1]
    layer = table.entered.get(folder)
    if layer is None or request.explaining:
        return False
    if known is not None and stat.S_ISREG(known.st_mode):
        request.saw(path, known)
    elif known is not None or path == folder or not _is_missing(request, folder, path):
        return False
    request.layer, request.info, request.path_info = layer, known, ""
    for scope in table.directories(path.count("/"), path):  # one that names a file applies to the file
        apply(request, scope)
    return True


def _is_missing(request: Request, folder: str, path: str) -> bool:
    """Whether the folder is there and the path is not, be it as a link to nothing."""
    try:
        around = request.stat(folder.rstrip("/") or "/", on_the_way=True)
        if around is None or not stat.S_ISDIR(around.st_mode):
            return False
        return request.stat(path, follow=False) is None
    except OSError:
        return False


class Walk:
    """One directory walk."""

    __slots__ = (
        *("asked", "depth", "directory", "known", "names", "plain", "position", "reached", "request"),
        "table",
    )

    def __init__(self, request: Request, known: os.stat_result | None) -> None:
        self.request = request
        self.table = request.server.sections
        self.asked = request.filename or "/"
        self.names = [name for name in self.asked.split("/") if name]
        self.directory = "/"
        self.position, self.depth = 0, 0
        self.known, self.reached = self.find(known)
        self.plain = True  # whether what was merged depends on nothing but the path

    def find(self, known: os.stat_result | None) -> tuple[os.stat_result | None, int]:
        """What is there of the path as far as it exists, and how many names lead to it."""
        count = len(self.names)
        while known is None and count > 1:
            count -= 1
            known = _look("/" + "/".join(self.names[:count]))
        return known, count

    def run(self) -> None:
        """Walk from the root to the last directory."""
        self.request.info = None
        if not self.recall():
            self.enter("/")
            while self.position < len(self.names) and self.step():
                pass
        self.split()

    def recall(self) -> bool:
        """Whether the whole path is a directory, and what it says is remembered."""
        request, known, names = self.request, self.known, self.names
        if (
            known is None
            or not names
            or self.reached < len(names)
            or not stat.S_ISDIR(known.st_mode)
            or request.explaining
        ):
            return False
        folder = "/" + "".join([name + "/" for name in names])
        layer = self.table.entered.get(folder)
        if layer is None:
            return False
        request.layer, self.directory = layer, folder
        self.depth = self.position = len(names)
        request.filename, request.info = folder.rstrip("/"), known
        request.saw(request.filename, known)
        return True

    def sections(self, path: str) -> None:
        """Merge the plain sections that speak of exactly this path."""
        for scope in self.table.directories(self.depth, path):
            apply(self.request, scope)

    def enter(self, directory: str) -> None:
        """Merge what the sections of this depth and the directory's .htaccess say."""
        request = self.request
        self.directory = directory
        self.sections(directory.rstrip("/") or "/")
        settings = request.config(PerDir)
        if settings.override.classes:
            self.plain = False
            for scope in htaccess.read(request, directory, settings.override):
                apply(request, scope)
        if self.plain and settings.options.effective & FOLLOW_SYMLINKS:
            if len(self.table.entered) >= MOST_REMEMBERED:
                self.table.entered.clear()
            self.table.entered[directory] = request.layer
        else:
            self.plain = False

    def step(self) -> bool:
        """Look at the next name; True if it is a directory that was entered."""
        request, path = self.request, self.directory + self.names[self.position]
        last = self.position == len(self.names) - 1
        options = request.config(PerDir).options.effective
        ahead = self.reached - 1 - self.position
        if self.known is not None and ahead >= 0 and options & FOLLOW_SYMLINKS:
            info = None if ahead else self.known  # ahead of us is more: so this is a directory
            if not ahead:
                request.saw(path, self.known, on_the_way=not last)
        else:
            info = self.look(path, options, on_the_way=not last)
            if info is None:
                self.position += 1
                request.filename, request.info = path, None
                return False
        self.position += 1
        request.info, request.filename = info, path
        self.depth += 1
        if info is None or stat.S_ISDIR(info.st_mode):
            self.enter(path + "/")
            return True
        self.sections(path)  # a <Directory> that names a file applies to the file
        if not stat.S_ISREG(info.st_mode) and self.position < len(self.names):
            raise HTTPError(FORBIDDEN, f"symlink doesn't point to a file or directory: {path}")
        return False

    def look(self, path: str, options: int, on_the_way: bool) -> os.stat_result | None:
        """The stamp of a path, links followed as far as Options allow."""
        request = self.request
        try:
            if options & FOLLOW_SYMLINKS and (info := request.stat(path, on_the_way=on_the_way)) is not None:
                return info
            info = request.stat(path, follow=False, on_the_way=on_the_way)
            if info is None or not stat.S_ISLNK(info.st_mode):
                return info
            return self.follow(path, info, options)
        except OSError as error:
            text = os.strerror(error.errno or 0)
            log = f"({error.errno}){text}: access to {request.uri} denied"
            raise HTTPError(FORBIDDEN, log) from None

    def follow(self, path: str, link: os.stat_result, options: int) -> os.stat_result:
        """What a symbolic link points to, if SymLinksIfOwnerMatch allows it."""
        info = self.request.stat(path) if options & SYMLINKS_IF_OWNER else None
        if info is None or info.st_uid != link.st_uid:
            line = switching(self.request.layer.origin(PerDir, "options"), Opt.FOLLOW_SYMLINKS)
            self.request.step("core", f"Options do not let {path} be followed", line, decides=True)
            raise HTTPError(FORBIDDEN, f"Symbolic link not allowed or link target not accessible: {path}")
        return info

    def split(self) -> None:
        """What is left of the path is path_info; a directory keeps its slash if the request had one."""
        request = self.request
        rest = self.names[self.position :]
        tail = "/" if self.asked.endswith("/") else ""
        found = request.info
        if rest:
            request.path_info = "/" + "/".join(rest) + tail
        elif found is None or not stat.S_ISDIR(found.st_mode):
            request.path_info = tail if self.names else ""
        if found is not None and stat.S_ISDIR(found.st_mode) and not rest:
            request.filename = (request.filename or "").rstrip("/") + tail if self.names else "/"


def _look(path: str) -> os.stat_result | None:
    """What a whole path is, None where it does not exist or may not be seen."""
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None
