"""The rules of a directory: they run in fixups, and what they change begins a new request."""

from pyhttpd.core.core_module.schema import PerDir as CorePerDir
from pyhttpd.core.core_module.schema import PerServer as CorePerServer
from pyhttpd.core.hooks import DECLINED, FIXUPS, OK, Order, Result
from pyhttpd.core.options import Opt
from pyhttpd.core.pipeline import Answer
from pyhttpd.core.request import Request
from pyhttpd.core.subrequest import internal_redirect
from pyhttpd.modules.mod_rewrite.effects import HANDLER_NOTE, TYPE_NOTE, apply_remembered
from pyhttpd.modules.mod_rewrite.engine import PASS_THROUGH, PROXY, Home, Outcome, Run
from pyhttpd.modules.mod_rewrite.outcome import BAD_REQUEST, FORBIDDEN, redirect, to_proxy
from pyhttpd.modules.mod_rewrite.settings import PerDir, module
from pyhttpd.modules.mod_rewrite.state import ended, run_over
from pyhttpd.modules.mod_rewrite.urls import scheme_length

REDIRECT_HANDLER, REDIRECT = "redirect-handler", "redirect:"


@module.hook(FIXUPS, order=Order.FIRST, before=("proxy_module",), reads=PerDir)
def fixup(request: Request) -> Result:
    """The rules of the directory."""
    settings = request.config(PerDir)
    before = request.filename or request.uri
    if not settings.engine or not settings.home or before + "/" == settings.home:
        return DECLINED  # mod_dir shall redirect /folder to /folder/ before the folder's rules run
    run = run_over(request, Home(settings.home, settings.base))
    if ended(request):
        run.note(8, "Declining, no further rewriting due to END flag")
        return DECLINED
    if not request.config(CorePerDir).options.effective & (Opt.FOLLOW_SYMLINKS | Opt.SYMLINKS_IF_OWNER):
        text = "Options FollowSymLinks or SymLinksIfOwnerMatch is off which implies that "
        request.log("error", f"{text}RewriteRule directive is forbidden: {before}")
        return FORBIDDEN
    request.filename = before
    outcome = run.through(settings.rules.rules)
    target = request.filename
    if outcome is Outcome.UNCHANGED:
        run.note(1, f"pass through {target}")
        return DECLINED
    if outcome is Outcome.STATUS:
        return run.status
    if target.startswith(PROXY):
        return to_proxy(run, target)
    if scheme_length(target):
        return redirect(run, _based_url(run, target), outcome)
    return _inside(run, target.removeprefix(PASS_THROUGH), before)


def _inside(run: Run, target: str, before: str) -> Result:
    """The result is a path: it begins a new request, unless it is what the request had already."""
    request = run.request
    request.filename = target
    if not target.startswith("/"):
        return BAD_REQUEST
    if target == before:
        run.note(1, f"initial URL equal rewritten URL: {target} [IGNORING REWRITE]")
        return OK
    target = _url_of(run, target)
    run.note(1, f"internal redirect with {target} [INTERNAL REDIRECT]")
    request.filename = REDIRECT + target
    request.handler, request.handler_set = REDIRECT_HANDLER, True
    return OK


def _url_of(run: Run, path: str) -> str:
    """The URL of a path, by RewriteBase or by DocumentRoot; any other path is one itself."""
    assert run.home is not None
    if run.home.base is not None:
        return _rebased(run, path, run.home.directory, run.home.base)
    root = run.request.server.config(CorePerServer).document_root.removesuffix("/")
    if not path.startswith(f"{root}/"):
        return path
    run.note(2, f"strip document_root prefix: {path} -> {path[len(root) :]}")
    return path[len(root) :]


def _based_url(run: Run, url: str) -> str:
    """A URL whose path is in the directory (made by R of a relative result) gets RewriteBase instead."""
    assert run.home is not None
    slash = url.find("/", scheme_length(url)) + 1
    if run.home.base is None or not slash or slash == len(url):
        return url
    directory, base = run.home.directory.removeprefix("/"), run.home.base[1:]
    return url[:slash] + _rebased(run, url[slash:], directory, base)


def _rebased(run: Run, path: str, directory: str, base: str) -> str:
    run.note(2, f"trying to replace prefix {directory} with {base}")
    prefix = directory.removesuffix("/") + "/"
    if not path.startswith(prefix):
        return path
    rest = path[len(prefix) :]
    run.note(5, f"strip matching prefix: {path} -> {rest}")
    found = f"{base}/{rest}" if base and not base.endswith("/") else base + rest
    run.note(4, f"add subst prefix: {rest} -> {found}")
    return found


@module.handler(REDIRECT_HANDLER)
def begin_again(request: Request) -> Answer:
    """Begin the new request that a directory's rules asked for."""
    filename = request.filename or ""
    if not filename.startswith(REDIRECT):
        return DECLINED
    query = "" if request.query is None else f"?{request.query}"
    return internal_redirect(request, filename.removeprefix(REDIRECT) + query)


@module.hook(FIXUPS, order=Order.LAST)
def force_type(request: Request) -> Result:
    """T and H: the type and handler that rules chose."""
    if TYPE_NOTE in request.notes or HANDLER_NOTE in request.notes:
        apply_remembered(run_over(request, None))
    return DECLINED
