"""What runs while the server does: RewriteLogs, and the programs behind maps; and a run over one request."""

import os

from pyhttpd.core.hooks import OK, OPEN_LOGS, Result
from pyhttpd.core.logfile import LogFile, open_log, reason
from pyhttpd.core.request import Request
from pyhttpd.core.server import Server
from pyhttpd.core.vhosts import VirtualHost
from pyhttpd.modules.mod_rewrite.engine import ENDED, Home, Run
from pyhttpd.modules.mod_rewrite.maps import ProgramMap
from pyhttpd.modules.mod_rewrite.programs import Program
from pyhttpd.modules.mod_rewrite.settings import PerServer, module
from pyhttpd.modules.mod_rewrite.trace import Trace


class State:
    """What runs while the server does: open logs, and programs behind maps."""

    def __init__(self) -> None:
        self.traces: dict[VirtualHost, Trace] = {}
        self.logs: list[LogFile | Program] = []

    def close(self) -> None:
        """Close the logs and let the programs end."""
        for log in self.logs:
            log.close()


@module.hook(OPEN_LOGS)
def open_logs(server: Server) -> Result:
    """Open every RewriteLog once, and start the programs of maps where the engine is on."""
    state = server.state[module.name] = State()
    opened: dict[str, LogFile] = {}
    for host in server.hosts:
        settings = host.config(PerServer)
        if settings.log:
            if settings.log not in opened:
                opened[settings.log] = _open(server, host, settings.log)
                state.logs.append(opened[settings.log])
            if settings.log_level > 0:
                state.traces[host] = Trace(opened[settings.log], settings.log_level)
        for found in settings.maps.values():
            if settings.engine and isinstance(found, ProgramMap) and found.program not in state.logs:
                _start(found.program)
                state.logs.append(found.program)
    return OK


def _open(server: Server, host: VirtualHost, target: str) -> LogFile:
    root = server.site.server_root
    try:
        return open_log(target, root)
    except OSError as error:
        text = f"{reason(error)}: mod_rewrite: could not open RewriteLog file {os.path.join(root, target)}"
        host.log("error", text)
        raise ValueError(text) from None


def _start(program: Program) -> None:
    try:
        program.start()
    except OSError as error:
        raise ValueError(
            f"{reason(error)}: mod_rewrite: could not start RewriteMap program {program.arguments[0]}"
        ) from None


def run_over(request: Request, home: Home | None) -> Run:
    """A run of rules over a request, not begun yet."""
    state: State | None = request.server.server.state.get(
        module.name
    )  # none where logs are not opened: explain
    trace = state.traces.get(request.server) if state is not None else None
    return Run(request, home, trace, request.server.config(PerServer).maps)


def ended(request: Request) -> bool:
    """Whether a rule with END was met by this request, or by one that it came from."""
    one: Request | None = request
    while one is not None:
        if ENDED in one.notes:
            return True
        one = one.prev
    return False
