"""The same as mod_cgi under its other name.

In 2.2 a daemon starts programs, because forking a process with many threads is expensive there. Here a
program is started by vfork and exec, which costs the same however many threads there are, so there is neither
a daemon nor a socket to it. Manual: mod/mod_cgid.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from pyhttpd.config.directive import ACCEPTED, Where, Within
from pyhttpd.config.merge import merged
from pyhttpd.core.cgi import HANDLERS, serve
from pyhttpd.core.module import Module
from pyhttpd.core.pipeline import Answer
from pyhttpd.core.request import Request
from pyhttpd.core.script_log import ScriptLog

UNITS = {"": 1.0, "s": 1.0, "ms": 0.001, "mi": 60.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class PerDir:
    """How long to wait for a program, in seconds; None for Timeout."""

    merge_whole: ClassVar[bool] = True
    timeout: float | None = merged(None)


module = Module("cgid_module", per_server=ScriptLog, per_dir=PerDir)


@module.directive(
    "ScriptSock",
    where=Where.SERVER,
    not_in=Within.ANY,
    status=ACCEPTED("programs are started directly, there is no daemon to speak with"),
)
def script_sock(_path: str) -> dict[str, object]:
    """socket of the CGI daemon"""
    return {}


@module.directive("CGIDScriptTimeout", into="timeout")
def script_timeout(word: str) -> float:
    """how long to wait for more output of a program: seconds, or with ms, s, min, h"""
    found = re.fullmatch(r"([0-9]{1,9})(ms|s|mi|min|h|)", word.lower())
    if not found:
        raise ValueError("CGIDScriptTimeout has wrong format")
    return int(found[1]) * UNITS[found[2]]


@module.handler(*HANDLERS)
def run(request: Request) -> Answer:
    """The program's answer."""
    return serve(request, request.server.config(ScriptLog), request.config(PerDir).timeout)
