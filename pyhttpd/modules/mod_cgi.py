"""Run programs: everything under ScriptAlias, and what AddHandler gives the handler `cgi-script`.

All of it is in core/cgi.py, which mod_cgid uses as well. Manual: mod/mod_cgi.
"""

from pyhttpd.core.cgi import HANDLERS, serve
from pyhttpd.core.module import Module
from pyhttpd.core.pipeline import Answer
from pyhttpd.core.request import Request
from pyhttpd.core.script_log import ScriptLog

module = Module("cgi_module", per_server=ScriptLog)


@module.handler(*HANDLERS)
def run(request: Request) -> Answer:
    """The program's answer."""
    return serve(request, request.server.config(ScriptLog))
