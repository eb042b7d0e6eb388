"""What a rule does on the side: variables (E), cookies (CO), media types (T) and handlers (H)."""

import re
import time
from typing import TYPE_CHECKING

from pyhttpd.modules.mod_rewrite.syntax import Flags

if TYPE_CHECKING:
    from pyhttpd.core.request import Request
    from pyhttpd.modules.mod_rewrite.engine import Run

TYPE_NOTE, HANDLER_NOTE, COOKIES_NOTE = "rewrite-forced-mimetype", "rewrite-forced-handler", "rewrite-cookies"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def on_the_side(run: "Run", flags: Flags) -> None:
    """Variables and cookies: every rule that matches sets them, also one that redirects or refuses."""
    for template in flags.env:
        set_variable(run, template.expand(run))
    for template in flags.cookies:
        set_cookie(run, template.expand(run))


def set_variable(run: "Run", text: str) -> None:
    """E=NAME:VALUE, E=NAME for an empty one, E=!NAME for none."""
    name, _, value = text.partition(":")
    if text.startswith("!"):
        run.request.env.pop(text[1:], None)
        run.note(5, f"unsetting env variable '{text[1:]}'")
        return
    run.request.env[name] = value
    run.note(5, f"setting env variable '{name}' to '{value}'")


def set_cookie(run: "Run", text: str) -> None:
    """CO=NAME:VALUE:DOMAIN[:minutes[:path[:secure[:httponly]]]]; each name once a request."""
    fields = [field for field in text.split(":") if field]
    if len(fields) < 3:
        return
    main = first = run.request
    while main.main is not None:
        main = main.main
    while (before := first.prev or first.main) is not None:
        first = before
    name, value, domain, minutes, path, secure, http_only, *_ = [*fields, "", "", "", ""]
    known: list[str] = first.notes.setdefault(COOKIES_NOTE, [])
    if name in known:
        run.note(5, f"skipping already set cookie '{name}'")
        return
    known.append(name)
    cookie = f"{name}={value}; path={path or '/'}; domain={domain}"
    cookie += _expiry(main, minutes)
    cookie += "; secure" if secure.lower() in ("true", "1", "secure") else ""
    cookie += "; HttpOnly" if http_only.lower() in ("true", "1", "httponly") else ""
    cookie = _CONTROL.sub("", cookie)  # a line end from a group would begin a header field
    main.err_headers_out.add("Set-Cookie", cookie)
    run.note(5, f"setting cookie '{cookie}'")


def _expiry(request: "Request", minutes: str) -> str:
    found = re.match(r"\s*([+-]?[0-9]{1,9})", minutes)
    if not found or int(found[1]) == 0:
        return ""
    at = time.gmtime(max(request.now() + 60 * int(found[1]), 0))
    date = f"{at.tm_mday:02}-{MONTHS[at.tm_mon - 1]}-{at.tm_year:04}"
    return f"; expires={DAYS[at.tm_wday]}, {date} {at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} GMT"


def remember(run: "Run", flags: Flags) -> None:
    """T and H count once the file is known: notes keep them until then."""
    wanted = ((flags.media_type, TYPE_NOTE, "MIME-type"), (flags.handler, HANDLER_NOTE, "Content-handler"))
    for template, note, what in wanted:
        value = template.expand(run, flags.escape_groups).lower() if template is not None else ""
        if value:
            run.note(2, f"remember {run.request.filename} to have {what} '{value}'")
            run.request.notes[note] = value


def apply_remembered(run: "Run") -> None:
    """Give the request the type and handler that rules chose."""
    request = run.request
    if value := request.notes.get(TYPE_NOTE):
        run.note(1, f"force filename {request.filename} to have MIME-type '{value}'")
        request.content_type = value
    if value := request.notes.get(HANDLER_NOTE):
        run.note(1, f"force filename {request.filename} to have the Content-handler '{value}'")
        request.handler, request.handler_set = value, True
