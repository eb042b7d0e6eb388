"""What the core itself does in the phases: map URIs below DocumentRoot, walk the sections, serve files.

Manual: urlmapping; semantics of server/core.c and modules/http/http_core.c. TRACE is off unless it was
turned on.
"""

import base64
import hashlib
import os
import stat
from functools import lru_cache

from pyhttpd.core.core_module.schema import PerDir, PerServer, module
from pyhttpd.core.directory_walk import directory_walk
from pyhttpd.core.hooks import (
    DECLINED,
    DONE,
    FIXUPS,
    HANDLER,
    MAP_TO_STORAGE,
    OK,
    TRANSLATE_NAME,
    TYPE_CHECKER,
    Order,
    Result,
)
from pyhttpd.core.methods import allow, is_known
from pyhttpd.core.request import Request
from pyhttpd.core.sections import file_walk
from pyhttpd.core.uri import normalise
from pyhttpd.http.conditional import CONDITIONS, meets_conditions
from pyhttpd.http.dates import http_date, parse_http_date
from pyhttpd.http.response import Body, FileBody
from pyhttpd.http.status import HTTPError

ALLOWED = ("GET", "OPTIONS", "POST")


@module.hook(TRANSLATE_NAME, Order.REALLY_LAST)
def translate(request: Request) -> Result:
    """DocumentRoot and the path behind it."""
    uri = request.uri
    if uri != "*" and not uri.startswith("/"):
        raise HTTPError(400, f"Invalid URI in request {request.line}")
    settings = request.server.config(PerServer)
    prefix = settings.path.rstrip("/")
    if prefix and not request.server.main and (uri + "/").startswith(prefix + "/"):
        uri = uri[len(prefix) :]
    request.filename = settings.document_root.rstrip("/") + below_root(uri)
    request.canonical_filename = request.filename
    if request.explaining:
        line = request.server.layer.line(PerServer, "document_root")
        request.step("core", f"DocumentRoot {settings.document_root}", line, decides=True)
    return OK


def below_root(path: str) -> str:
    """A path with its dots resolved: a rewriting module may have brought some. Raises HTTPError 403."""
    path = "/" + path.lstrip("/")
    try:
        return normalise(path)
    except HTTPError:
        raise HTTPError(403, f"Cannot map {path} to file") from None


@module.hook(MAP_TO_STORAGE, Order.MIDDLE)
def without_file(request: Request) -> Result:
    """TRACE sends the request back; OPTIONS * asks whether anybody is there."""
    if request.method == "TRACE":
        return trace(request)
    return DONE if request.method == "OPTIONS" and request.uri == "*" else DECLINED


def trace(request: Request) -> Result:
    """Send the request back, where TraceEnable lets it."""
    mode = request.server.config(PerServer).trace
    if mode in ("off", "unset"):
        request.notes["error-notes"] = "TRACE denied by server configuration"
        request.log("error", "TRACE denied by server configuration")
        return 405
    body = request.body
    if body is not None and body.remaining and mode != "extended":
        request.notes["error-notes"] = "TRACE with a request body is not allowed"
        return 413
    lines = [request.line, *(f"{name}: {value}" for name, value in request.headers_in.items()), "", ""]
    request.content_type = "message/http"
    echo = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    while body is not None and (data := body.read()):
        echo += data
    request.body_out = echo
    return DONE


@module.hook(MAP_TO_STORAGE, Order.REALLY_LAST)
def walk(request: Request) -> Result:
    """Directory, .htaccess and Files sections."""
    directory_walk(request)
    file_walk(request)
    return OK


@module.hook(TYPE_CHECKER, Order.REALLY_LAST)
def any_type(_request: Request) -> Result:
    """A file of no known type is served all the same."""
    return OK


@module.hook(FIXUPS, Order.REALLY_FIRST, reads=PerDir, fields=("force_type", "handler", "path_info"))
def override_type(request: Request) -> Result:
    """ForceType, SetHandler and AcceptPathInfo overrule what modules found."""
    settings = request.config(PerDir)
    if settings.force_type and settings.force_type.lower() != "none":
        request.content_type = settings.force_type.lower()
        _tell(request, "force_type")
    if settings.handler:
        request.handler = None if settings.handler.lower() == "none" else settings.handler
        request.handler_set = request.handler is not None
        _tell(request, "handler")
    if request.path_info_accepted is None and settings.path_info != "default":
        request.path_info_accepted = settings.path_info == "on"
        if request.path_info:
            _tell(request, "path_info")
    return DECLINED


def _tell(request: Request, name: str) -> None:
    """Note the line that a setting comes from."""
    line = request.layer.line(PerDir, name)
    request.step("core", line.text.strip() if line else name, line, decides=True)


@module.handler("default-handler")
def by_name(request: Request) -> Body | int | None:
    """`SetHandler default-handler`: the file itself, whatever its type would call for."""
    return serve_file(request)


@module.hook(HANDLER, Order.REALLY_LAST)
def serve_file(request: Request) -> Body | int | None:
    """The file that the request maps to."""
    request.allowed.update(ALLOWED)
    discard_body(request)
    if request.method in ("GET", "HEAD", "POST"):
        return _file(request)
    if request.method == "OPTIONS":
        request.headers_out.set("Allow", allow(request))
        return b""
    if not is_known(request):
        request.log("error", f"Invalid method in request {request.line}")
        return 501
    return 405


def discard_body(request: Request) -> None:
    """Read what the client sent along and nobody wants. Raises HTTPError as reading does."""
    if request.body is not None and request.body.remaining:
        request.body.limit = request.config(PerDir).body_limit
        request.body.discard()


def _file(request: Request) -> Body | int:
    info, name = request.info, request.filename
    if info is None or (request.path_info and not request.path_info_accepted):
        shown = (name or "") + (request.path_info if info is not None else "")
        request.log("error", f"File does not exist: {shown}")
        return 404
    if stat.S_ISDIR(info.st_mode):
        request.log("error", f"Attempt to serve directory: {name}")
        return 404
    if not stat.S_ISREG(info.st_mode):
        request.log("error", f"file is not a regular file: {name}")
        return 403
    return _open(request, name or "", info)


def _open(request: Request, name: str, info: os.stat_result) -> Body | int:
    try:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        request.log("error", f"({error.errno}){error.strerror}: file permissions deny server access: {name}")
        return 403
    settings = request.config(PerDir)
    headers = request.headers_out
    headers.set("Last-Modified", http_date(last_modified(request, info)))
    if (tag := etag(info, settings.etag.effective, request)) is not None:
        headers.set("ETag", tag)
    headers.set("Accept-Ranges", "bytes" if settings.max_ranges else "none")
    if settings.content_digest:
        headers.set("Content-MD5", _digest(fd))
    if status := conditions(request, int(info.st_mtime)):
        os.close(fd)
        request.status = status  # 2.2 sends no page with it, and the file's own fields
        return b""
    return FileBody(fd, 0, info.st_size)


def conditions(request: Request, mtime: int | None) -> int:
    """0, or the 304 or 412 that the request's conditions ask for; only of a successful, first-hand answer.

    What they are tried against is left in the notes: replay tries them again instead of noting them. Not so
    for a subrequest, which is only a part of the answer.
    """
    if not 200 <= request.status < 300 or request.no_local_copy:
        return 0
    if request.main is None and mtime is not None and not request.headers_in.has_any(CONDITIONS):
        if request.journal is not None:
            request.notes["validators"] = (request.headers_out.get("ETag"), mtime)
        return 0
    tag = request.headers_out.get("ETag")
    since = request.headers_in.get("If-Modified-Since")
    if mtime is None or (since is not None and (parse_http_date(since) or 0) > request.received):
        request.now()  # noted: what has not come yet will have come one day
    read = request.header
    if request.main is None:
        request.notes["validators"], read = (tag, mtime), request.headers_in.get
    return meets_conditions(request.method, read, tag, mtime, int(request.received))


def last_modified(request: Request, info: os.stat_result) -> int:
    """When a file was last modified, in seconds since the epoch; never later than now."""
    return int(info.st_mtime) if info.st_mtime <= request.received else int(request.now())


def etag(info: os.stat_result, parts: frozenset[str], request: Request) -> str | None:
    """An entity tag of inode, size and time in microseconds, weak while the file may still change."""
    if not parts:
        request.notes["no-etag"] = True
        return None
    tag = _tag(parts, info.st_ino, info.st_size, info.st_mtime_ns // 1000)
    fresh = request.received - info.st_mtime <= 1
    if fresh:
        request.now()  # noted: soon it is no longer fresh
    return f'{"W/" if fresh else ""}"{tag}"'


@lru_cache(maxsize=1024)
def _tag(parts: frozenset[str], inode: int, size: int, mtime: int) -> str:
    values = {"inode": inode, "size": size, "mtime": mtime}
    return "-".join(f"{values[part]:x}" for part in ("inode", "size", "mtime") if part in parts)


def _digest(fd: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    position = 0
    while data := os.pread(fd, 1 << 16, position):
        digest.update(data)
        position += len(data)
    return base64.b64encode(digest.digest()).decode()
