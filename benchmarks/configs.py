"""The servers to compare, and their configurations, which are equivalent.

All write the common log, keep connections as long as clients like, check access and follow symbolic links.
Threaded ones have one child with 64 threads, prefork has 64 children, nginx has one worker: one process that
does the work wherever the model allows it, because the load generator needs the other processor.
"""

import grp
import os
import pwd
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.site import TYPES, Site

MODULES = Path("/usr/lib/apache2/modules")
THREADS = 64

MPM = f"""\
ServerLimit 1
StartServers 1
ThreadLimit {THREADS}
ThreadsPerChild {THREADS}
MinSpareThreads 1
MaxSpareThreads {THREADS}
MaxClients {THREADS}
"""
PREFORK = f"""\
ServerLimit {THREADS}
StartServers {THREADS}
MinSpareServers 1
MaxSpareServers {THREADS}
MaxClients {THREADS}
"""
COMMON = """\
ServerRoot "{home}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile httpd.pid
ErrorLog error_log
DocumentRoot "{site}/htdocs"
Timeout 60
KeepAlive On
KeepAliveTimeout 120
MaxKeepAliveRequests 0
MaxRequestsPerChild 0
LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
CustomLog access_log common
TypesConfig "{site}/mime.types"
DirectoryIndex index.html
RedirectMatch permanent ^/old/(.*)$ /new/$1
ScriptAlias /cgi-bin/ "{site}/cgi-bin/"
<Directory />
    Options FollowSymLinks
    AllowOverride None
    {closed}
</Directory>
<Directory "{site}">
    {open}
</Directory>
<Directory "{site}/htdocs/ht">
    AllowOverride All
</Directory>
{extra}
"""
NGINX = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid nginx.pid;
error_log error_log;
events {{ worker_connections 16384; }}
http {{
    {temporary}
    types {{ {types} }}
    default_type text/plain;
    sendfile on;
    keepalive_timeout 120;
    keepalive_requests 1000000000;
    log_format clf '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent';
    {extra}
    server {{
        listen 127.0.0.1:{port} backlog=511;
        root {site}/htdocs;
        index index.html;
        rewrite ^/old/(.*)$ /new/$1 permanent;
    }}
}}
"""
PLAIN_LOG = "access_log access_log clf;"
TUNED = """\
access_log access_log clf buffer=64k flush=1s;
    open_file_cache max=20000 inactive=60s;
    open_file_cache_valid 1s;
    open_file_cache_errors on;
    tcp_nopush on;"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
LOAD = f"<IfModule !{{0}}_module>\n    LoadModule {{0}}_module {MODULES}/mod_{{0}}.so\n</IfModule>\n"
REWRITE = f"<IfModule !pyhttpd_module>\n{LOAD.format('rewrite')}</IfModule>\n"  # ours has it anyhow
LOADED = "authn_core authz_core authz_host access_compat dir mime alias log_config unixd"


@dataclass(frozen=True)
class Kind:
    """A way to start a server: its name, what must be installed, and how to write and run it."""

    name: str
    program: str
    write: Callable[["Place", "Kind"], list[str]]
    mpm: str = ""
    extra: str = ""

    @property
    def ours(self) -> bool:
        return self.write is pyhttpd

    @property
    def apache(self) -> bool:
        """Whether it reads .htaccess files and runs CGI scripts."""
        return self.write is not nginx


@dataclass(frozen=True)
class Place:
    """Where a server lives for one measurement.

    `lines` are added where Apache's language is read; in them "htdocs is that of the site.
    """

    site: Site
    home: Path
    port: int
    lines: str = ""


def user() -> dict[str, str]:
    """Whom the children of a server that root starts change to."""
    group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
    apaches = f"User nobody\nGroup {group}\n" if os.geteuid() == 0 else ""
    return {"apache": apaches, "nginx": f"user nobody {group};\n" if apaches else ""}


def config(place: Place, kind: Kind, begin: str, closed: str, opened: str) -> Path:
    """Write a configuration in the language of Apache."""
    values = {"site": place.site.root, "home": place.home, "port": place.port}
    sizes = PREFORK if kind.mpm == "prefork" else MPM
    lines = place.lines.replace('"htdocs', f'"{place.site.documents}')
    body = COMMON.format(**values, closed=closed, open=opened, extra=kind.extra + lines)
    file = place.home / "httpd.conf"
    file.write_text(begin + sizes + user()["apache"] + body)
    return file


def pyhttpd(place: Place, kind: Kind) -> list[str]:
    """Write what pyhttpd needs; its command."""
    closed, opened = "Order deny,allow\n    Deny from all", "Order allow,deny\n    Allow from all"
    file = config(place, kind, "", closed, opened)
    return [sys.executable, "-m", "pyhttpd", "-f", str(file), "--mpm", kind.mpm, "-DFOREGROUND"]


def apache(place: Place, kind: Kind) -> list[str]:
    """Write what Apache 2.4 needs; its command."""
    cgi = "cgi" if kind.mpm == "prefork" else "cgid"
    names = [f"mpm_{kind.mpm}", *LOADED.split(), cgi]
    begin = "".join(map(LOAD.format, names))
    begin += f"DefaultRuntimeDir {place.home}\n"
    begin += f"ScriptSock {place.home}/cgid\n" if cgi == "cgid" else ""
    begin += "AsyncRequestWorkerFactor 200\n" if kind.mpm == "event" else ""
    file = config(place, kind, begin, "Require all denied", "Require all granted")
    return ["apache2", "-d", str(place.home), "-f", str(file), "-DFOREGROUND"]


def nginx(place: Place, kind: Kind) -> list[str]:
    """Write what nginx needs; its command."""
    temporary = "\n    ".join(f"{name}_temp_path {place.home}/{name};" for name in TEMPORARY)
    types = " ".join(f"{kind} {ending};" for kind, ending in TYPES.items())
    text = NGINX.format(
        site=place.site.root, port=place.port, temporary=temporary, types=types, extra=kind.extra
    )
    (place.home / "nginx.conf").write_text(user()["nginx"] + text)
    return ["nginx", "-p", str(place.home), "-e", "error_log", "-c", "nginx.conf"]


COLD = "<IfModule pyhttpd_module>\n    Replay Off\n</IfModule>\n"
KINDS = {
    kind.name: kind
    for kind in (
        Kind("ours-event", sys.executable, pyhttpd, "event"),
        Kind("ours-worker", sys.executable, pyhttpd, "worker"),
        Kind("ours-prefork", sys.executable, pyhttpd, "prefork"),
        Kind("ours-event-no-replay", sys.executable, pyhttpd, "event", COLD),
        Kind("apache-event", "apache2", apache, "event"),
        Kind("apache-worker", "apache2", apache, "worker"),
        Kind("apache-prefork", "apache2", apache, "prefork"),
        Kind("nginx", "nginx", nginx, extra=PLAIN_LOG),
        Kind("nginx-tuned", "nginx", nginx, extra=TUNED),
    )
}
