"""The rules of a server or virtual host: they run before any other module translates the URL."""

import pwd

from pyhttpd.core.canonical import construct_url
from pyhttpd.core.core_module.handler import translate as below_document_root
from pyhttpd.core.hooks import DECLINED, OK, TRANSLATE_NAME, Order, Result
from pyhttpd.core.request import Request
from pyhttpd.core.vhosts import VirtualHost
from pyhttpd.modules.mod_rewrite.engine import PASS_THROUGH, PROXY, Outcome, Run
from pyhttpd.modules.mod_rewrite.outcome import BAD_REQUEST, redirect, to_proxy
from pyhttpd.modules.mod_rewrite.settings import Option, PerServer, module
from pyhttpd.modules.mod_rewrite.state import ended, run_over
from pyhttpd.modules.mod_rewrite.urls import scheme_length

SCRIPT_URL, SCRIPT_URI = "SCRIPT_URL", "SCRIPT_URI"


@module.hook(TRANSLATE_NAME, order=Order.FIRST, reads=PerServer)
def translate(request: Request) -> Result:
    """The rules of the server or virtual host."""
    settings = request.server.config(PerServer)
    if not settings.engine or not _speaks(request.server):
        return DECLINED
    run = run_over(request, None)
    if ended(request):
        run.note(8, "Declining, no further rewriting due to END flag")
        return DECLINED
    if not request.uri.startswith("/") and Option.ANY_URI not in settings.options:
        run.note(8, f"Declining, request-URI '{request.uri}' is not a URL-path")
        return DECLINED
    _name_script(request)
    if request.filename is None:
        request.filename = request.uri
        run.note(2, f"init rewrite engine with requested uri {request.filename}")
    outcome = run.through(settings.rules.rules)
    target = request.filename
    if outcome is Outcome.UNCHANGED:
        run.note(1, f"pass through {target}")
        request.filename = None
        return DECLINED
    if outcome is Outcome.STATUS:
        return run.status
    if target.startswith(PROXY):
        return to_proxy(run, target)
    if scheme_length(target):
        return redirect(run, target, outcome)
    if target.startswith(PASS_THROUGH):
        request.uri, request.filename = target.removeprefix(PASS_THROUGH), None
        return DECLINED
    return _local(run, target)


def _speaks(host: VirtualHost) -> bool:
    """Whether a virtual host says anything of rewriting itself: in 2.2 one that does not has no rules."""
    return host.main or PerServer in host.own.values


def _name_script(request: Request) -> None:
    """SCRIPT_URL and SCRIPT_URI: what was asked for, before any rewriting."""
    main = request.main
    before = request.env.get(f"REDIRECT_{SCRIPT_URL}") if main is None else main.env.get(SCRIPT_URL)
    request.env[SCRIPT_URL] = request.uri if before is None else before
    request.env[SCRIPT_URI] = construct_url(request, request.env[SCRIPT_URL])


def _local(run: Run, target: str) -> Result:
    """The result is a path: of the file system if it begins with a name that is there, else of a URL."""
    request = run.request
    target = request.filename = _home_of_user(target)
    run.note(2, f"local path result: {target}")
    if not target.startswith("/"):
        return BAD_REQUEST
    if not _at_root(request, target):
        uri, request.uri = request.uri, target
        below_document_root(request)
        request.uri = uri
        run.note(2, f"prefixed with document_root to {request.filename}")
    run.note(1, f"go-ahead with {request.filename} [OK]")
    return OK


def _home_of_user(path: str) -> str:
    if not path.startswith("/~") or path[2:3] in ("", "/"):
        return path
    user, slash, rest = path[2:].partition("/")
    try:
        return pwd.getpwnam(user).pw_dir.removesuffix("/" if slash else "") + slash + rest
    except KeyError:
        return path


def _at_root(request: Request, path: str) -> bool:
    first = path.lstrip("/").partition("/")[0]
    try:
        return request.stat(f"/{first}", on_the_way=True) is not None
    except OSError:
        return False
