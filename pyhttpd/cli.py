"""The command line: `pyhttpd -f httpd.conf -k start` and the other words of 2.2's httpd."""

import sys

from pyhttpd.core.server import Options, Server, build
from pyhttpd.diagnostics import ConfigError


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    from pyhttpd.modules import STANDARD
    from pyhttpd.mpm.common import mpm_module
    from pyhttpd.mpm.parent import Parent
    from pyhttpd.mpm.table import MPMS

    values = {"-d": "/usr/local/apache2", "-f": "conf/httpd.conf", "--mpm": None}
    defines = []
    while args:
        word = args.pop(0)
        if word in values:
            values[word] = args.pop(0)
        elif word.startswith("-D"):
            defines.append(word[2:] or args.pop(0))
    options = Options(values["-f"], values["-d"], tuple(defines), mpm=values["--mpm"])

    def make() -> Server:
        return build(options, mpm_module, STANDARD)

    try:
        server = make()
    except ConfigError as error:
        print(error.render(), file=sys.stderr)
        return 1
    parent = Parent(MPMS[server.site.mpm], server, make)
    parent.bind()
    server.open_logs()
    return parent.run(foreground=True)
