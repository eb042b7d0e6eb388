"""From a request that was read to one that has an answer, whatever happens on the way.

`answer` runs the phases and the handler and turns every failure into an error page. It gives back the
request that holds the answer (`body_out`, `status`, `headers_out`): the same one, or the last of its
internal redirects.
"""

import traceback

from pyhttpd.config.regex import MatchLimit
from pyhttpd.core import errors, hooks
from pyhttpd.core.filters import insert_configured
from pyhttpd.core.hooks import DECLINED, DONE, OK, Result
from pyhttpd.core.pipeline import Answer, invoke_handler, prepare, run_all, run_first, run_void
from pyhttpd.core.request import Request
from pyhttpd.http.response import Body, FileBody
from pyhttpd.http.status import HTTPError


def answer(request: Request) -> Request:
    """The request that holds the answer to this one."""
    try:
        result = _phases(request)
        if result == OK:
            return _taken(request, _handler(request))
    except HTTPError as error:
        result = errors.failed(request, error)
    except MatchLimit as error:
        request.log("error", f"a regular expression took too long: {error}")
        result = 500
    except Exception as error:
        result = mishap(request, error)
    return _ended(request, result)


def _phases(request: Request) -> Result:
    result = run_all(hooks.POST_READ_REQUEST, request)
    if result != OK:
        return result
    result = run_first(hooks.QUICK_HANDLER, request)
    return prepare(request) if result is DECLINED else result


def _handler(request: Request) -> Answer:
    insert_configured(request)
    run_void(hooks.INSERT_FILTER, request)
    return invoke_handler(request)


def _taken(request: Request, given: Answer) -> Request:
    """What a handler gave, as the request that holds it."""
    if isinstance(given, Request):
        return given
    if given is None or isinstance(given, int):
        return _ended(request, given)
    request.body_out = given
    return request


def _ended(request: Request, result: Result) -> Request:
    if result in (DONE, OK):
        return request
    return errors.die(request, 500 if result is DECLINED else result)


def mishap(request: Request, error: Exception) -> int:
    """A module failed in a way nobody foresaw: the log says where, the client sees a 500."""
    where = traceback.extract_tb(error.__traceback__)
    place = f" at {where[-1].filename}:{where[-1].lineno} in {where[-1].name}" if where else ""
    request.log("error", f"{type(error).__name__}: {error}{place} while serving {request.uri}")
    return 500


def run_handler(sub: Request) -> Body:
    """The body that a subrequest's handler gives, filtered; empty where it fails or redirects."""
    try:
        given = _handler(sub)
        if isinstance(given, Request):
            return given.body_out
        if given is None or isinstance(given, int):
            sub.status = given or sub.status
            return b""
        body: Body = given
        for entry in sorted(sub.output_filters, key=lambda entry: entry[0]):
            body = entry[1](sub, body)
        return body
    except HTTPError as error:
        sub.status = errors.failed(sub, error)
    except Exception as error:
        sub.status = mishap(sub, error)
    return b""


def release(body: Body) -> None:
    """Free what a body holds that will not be read to its end."""
    if isinstance(body, FileBody) or hasattr(body, "close"):
        body.close()
