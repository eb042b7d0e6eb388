"""The phases of a request, in Apache's order. There is one such function, and nobody writes it again.

`prepare` takes a request from its URI to the point where a handler can run: names cleaned, sections merged,
access granted, type known. Access control is sound because requests, subrequests and internal redirects all
come through here (server/request.c: ap_process_request_internal). `invoke_handler` then asks for the body.
"""

from pyhttpd.core import hooks
from pyhttpd.core.core_module.schema import PerDir, PerServer
from pyhttpd.core.hooks import DECLINED, DONE, OK, Phase, Result
from pyhttpd.core.options import covers
from pyhttpd.core.request import Request
from pyhttpd.core.sections import location_walk
from pyhttpd.core.uri import BadPath, normalise, unescape
from pyhttpd.http.response import Body
from pyhttpd.http.status import HTTPError

DIRECTORY_HANDLER = "httpd/unix-directory"
Answer = Body | Request | int | None
"""What a handler may return: a body, the finished request of an internal redirect, a status, or DECLINED."""


def run_all(phase: Phase, request: Request) -> Result:
    """Ask everyone; the first that neither agrees nor declines ends it."""
    functions = request.layer.asked.get(phase.name)  # as `asked` does, a call less: there are ten phases
    if functions is None:
        functions = request.server.server.asked(phase, request.layer)
    for function in functions:
        result: Result = function(request)
        if result is not DECLINED and result != OK:
            return result
    return OK


def run_first(phase: Phase, request: Request) -> Result:
    """Ask until one answers."""
    functions = request.layer.asked.get(phase.name)
    if functions is None:
        functions = request.server.server.asked(phase, request.layer)
    for function in functions:
        result: Result = function(request)
        if result is not DECLINED:
            return result
    return DECLINED


def run_void(phase: Phase, request: Request) -> None:
    """Tell everyone."""
    functions = request.layer.asked.get(phase.name)
    if functions is None:
        functions = request.server.server.asked(phase, request.layer)
    for function in functions:
        function(request)


def prepare(request: Request) -> Result:
    """All phases before the handler. Answers OK, DONE, or the status to end with; may raise HTTPError."""
    of_file = request.main is not None and request.filename is not None
    if not of_file:
        request.uri = clean(request)
        location_walk(request)
        if (result := run_first(hooks.TRANSLATE_NAME, request)) != OK:
            return _unanswered(request, result, 404)
    request.layer = request.server.layer
    if (result := run_first(hooks.MAP_TO_STORAGE, request)) not in (OK, DECLINED):
        return result
    if not of_file:
        location_walk(request)
    if request.main is None and (result := run_all(hooks.HEADER_PARSER, request)) != OK:
        return result
    if (result := _authorise(request)) != OK:
        return result
    if (result := run_first(hooks.TYPE_CHECKER, request)) not in (OK, DECLINED):
        return result
    return run_all(hooks.FIXUPS, request)


def clean(request: Request) -> str:
    """The path with escapes decoded and dots resolved. Raises HTTPError 400 or 404."""
    if request.uri == "*":
        return "*"
    try:
        return normalise(unescape(request.uri, request.server.config(PerServer).encoded_slashes))  # type: ignore[arg-type]
    except BadPath as error:
        request.uri = error.path
        raise


def _unanswered(request: Request, result: Result, status: int) -> Result:
    if result is DECLINED:
        request.log("error", f"no module could translate {request.uri}")
        return status
    return result


def _authorise(request: Request) -> Result:
    """Address and login, by Satisfy: both, or either.

    A place that was checked for the main request is not checked again, unless a <Location> has a say in it.
    """
    main = request.main
    same = main is not None and main.layer is request.layer and "located" not in request.notes
    if main is not None and same and main.notes.get("authorised"):
        request.user, request.auth_type = main.user, main.auth_type
        return OK
    any_suffices = satisfies_any(request)
    if any_suffices and request.explaining:
        request.step("core", "Satisfy Any: address or login is enough", request.layer.line(PerDir, "satisfy"))
    result = run_all(hooks.ACCESS_CHECKER, request)
    let_in = result == OK
    if needs_login(request) and let_in is not any_suffices:
        result = _log_in(request)
    if result == OK:
        request.notes["authorised"] = True
    return result


LOGIN = (
    (hooks.CHECK_USER_ID, "check user.  No user file?"),
    (hooks.AUTH_CHECKER, "check access.  No groups file?"),
)


def _log_in(request: Request) -> Result:
    for phase, what in LOGIN:
        result = run_first(phase, request)
        if result is DECLINED:
            if not request.config(PerDir).auth_type:
                what = "perform authentication. AuthType not set!"
            request.log("crit", f"configuration error:  couldn't {what}: {request.uri}")
            return 500
        if result != OK:
            return result
    return OK


def satisfies_any(request: Request) -> bool:
    """Whether Satisfy Any holds for this method."""
    chosen = False
    for rule in request.config(PerDir).satisfy:
        if covers(rule.methods, request.method):
            chosen = rule.any
    return chosen


def needs_login(request: Request) -> bool:
    """Whether a Require line for this method asks who the user is."""
    rules: tuple[object, ...] = request.config(PerDir).requires
    return bool(rules) and any(not rule.of_address and covers(rule.methods, request.method) for rule in rules)  # type: ignore[attr-defined]


def invoke_handler(request: Request) -> Answer:
    """Let the handler that the request is for answer, or whoever wants to; the content type serves as one."""
    chosen = request.handler
    request.handler = chosen or (request.content_type or "default-handler").partition(";")[0].strip()
    try:
        return _invoked(request, request.handler)
    finally:
        request.handler = chosen


def _invoked(request: Request, name: str) -> Answer:
    by_name = request.server.server.handlers.get(name)
    if by_name is not None and (answer := by_name(request)) is not None:
        return answer  # type: ignore[no-any-return]
    for function in request.server.server.asked(hooks.HANDLER, request.layer):
        if (answer := function(request)) is not None:
            return answer  # type: ignore[no-any-return]
    if request.handler_set and request.filename:
        request.log("warn", f'handler "{name}" not found for: {request.filename}')
    return 500


def finished(result: Result) -> bool:
    """Whether a phase said that the answer is complete as it stands."""
    return result == DONE


__all__ = [
    "Answer",
    "HTTPError",
    "invoke_handler",
    "needs_login",
    "prepare",
    "run_all",
    "run_first",
    "run_void",
]
