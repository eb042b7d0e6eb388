"""`pyhttpd explain URL`: the way a request goes through this configuration, and the lines that decide it.

`asked` makes the request, `imagined` sends it through the server's own phases without a network, `account`
holds what became of it, `hosts` says why it is that virtual host's, `show` prints it. The journal that every
request can keep (core/journal.py) is where all of it comes from.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyhttpd.tools import configured
from pyhttpd.tools.explain.account import Account, explain
from pyhttpd.tools.explain.asked import LOOPBACK, asked, login
from pyhttpd.tools.explain.show import show

if TYPE_CHECKING:
    from pyhttpd.core.server import Server

__all__ = ["Account", "explain", "main"]

WHAT_FOR = "Show the way of a request through a configuration, step by step, with the lines that decide."
EPILOG = """\
The request is only imagined: nothing is sent, logged, written or run. Files,
.htaccess files included, are those of this machine. Of a CGI program is told
that it would be run; --run runs it.

examples:
  pyhttpd explain -f sample-conf/httpd.conf /
  pyhttpd explain -f httpd.conf --ip 192.0.2.7 --user joe /private/
  pyhttpd explain -f httpd.conf -H 'If-None-Match: "a-b"' --json /index.html
  pyhttpd explain -f httpd.conf --why Options http://www.example.com/icons/

exit status:
  0 explained, 1 the configuration is wrong, 2 the words of the command are
"""


def parser() -> argparse.ArgumentParser:
    """The words of the command."""
    made = configured.parser("explain", WHAT_FOR, EPILOG)
    made.add_argument("url", metavar="URL", help="a URL, or a path of the main server")
    add = made.add_argument_group("request").add_argument
    add("--method", "-X", default="", help="default: GET, and POST with --data")
    add("-H", "--header", dest="fields", action="append", default=[], metavar="'NAME: VALUE'",
        help="a header field; may be given more than once")  # fmt: skip
    add("--user", default="", metavar="NAME[:PASSWORD]",
        help="log in; without a password it is taken for granted that the user has")  # fmt: skip
    add("--ip", default=LOOPBACK, metavar="ADDRESS", help="the client's address (%(default)s)")
    add("--to", default="", metavar="ADDRESS[:PORT]",
        help="the server's address, which chooses among virtual hosts")  # fmt: skip
    add("--data", default=None, metavar="TEXT", help="the request's body; @FILE reads it")
    add("--run", action="store_true", help="run CGI programs that the request leads to")
    add = made.add_argument_group("output").add_argument
    add("--why", default="", metavar="DIRECTIVE",
        help="only: which line gives this directive its value here, and which others do not")  # fmt: skip
    add("--json", action="store_true", help="for programs")
    return made


def main(words: list[str]) -> int:
    """Explain one request; the exit status."""
    options = parser().parse_args(words)
    server = configured.build_elsewhere(options)
    if server is None:
        return 1
    user, _, password = options.user.partition(":")
    try:
        body = read_body(options.data)
        fields = [*options.fields, *([login(options.user)] if password else [])]
        method = options.method or ("GET" if body is None else "POST")
        request = asked(server, options.url, method, fields, options.ip, options.to, body)
        account = explain(server, request, run=options.run, user=None if password else user or None)
    except (ValueError, OSError) as error:
        print(f"pyhttpd explain: {error}", file=sys.stderr)
        return 2
    if options.why:
        from pyhttpd.tools import why

        return why.main(server, account, options.why, options.json)
    if options.json:
        configured.put([json.dumps(account.as_json(), indent=1)])
    else:
        show(account, folder(server))
    return 0


def folder(server: "Server") -> str:
    """The folder of the configuration file: places are shown relative to it."""
    names = (source.name for source in server.tree.sources if not source.is_command_line)
    return os.path.dirname(next(names, "/"))


def read_body(data: str | None) -> bytes | None:
    """The body of --data. Raises OSError."""
    if data is None:
        return None
    if data.startswith("@"):
        return Path(data[1:]).read_bytes()
    return data.encode("utf-8", "surrogateescape")
