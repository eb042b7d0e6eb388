"""For each module a configuration that makes use of it, and requests that meet what it does."""

from dataclasses import dataclass, field

IN_HTDOCS = '<Directory "@ROOT@/htdocs">\n{}</Directory>\n'
LINES = (
    (),
    ("User-Agent: Moz/4", "Referer: http://x/"),
    ("If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT",),
    ("Range: bytes=2-4",),
    ("Connection: keep-alive",),
    ("Connection: close",),
)
OLDER = ("If-Modified-Since: Sat, 08 Sep 2001 01:46:40 GMT",)


@dataclass(frozen=True)
class Case:
    """One module's: what is configured, what is there, what is asked and what .htaccess files say."""

    conf: str
    files: dict[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    settings: tuple[str, ...] = ("Options None\n",)
    hosts: tuple[str, ...] = ("www.example.com", "www.example.com:80", "other.example.com")
    replays: bool | None = True  # whether answers are given again; None: some

    @property
    def paths(self) -> list[str]:
        """The files to change: those that are there, and one that is not."""
        return [*sorted(self.files), "htdocs/none.txt"]


SITE = {
    "htdocs/index.html": "<title>home</title>welcome",
    "htdocs/a.txt": "a text of some length",
    "htdocs/b.html": "<title>b</title>b page",
    "htdocs/d/x.txt": "x in d",
    "htdocs/d/y.html": "y in d",
    "htdocs/d/e/z.txt": "z in e",
}
COMMON = ("/", "/a.txt", "/b.html", "/d", "/d/", "/d/x.txt", "/d/e/z.txt", "/none.txt", "/a.txt/more")


def htdocs(*lines: str) -> str:
    return IN_HTDOCS.format("".join(f"{line}\n" for line in lines))


CORE = """\
NameVirtualHost *:80
<VirtualHost *:80>
ServerName www.example.com
ErrorDocument 404 "no such thing
ErrorDocument 403 /b.html
AcceptPathInfo On
<Files a.txt>
ForceType text/x-a
</Files>
</VirtualHost>
<VirtualHost *:80>
ServerName other.example.com
ErrorDocument 404 /d/x.txt
ErrorDocument 400 http://elsewhere.example.com/
Options -Indexes
<Location /d>
DefaultType text/x-d
</Location>
</VirtualHost>
"""
LINKED = (
    "DefaultType text/x-linked\n",
    "Options SymLinksIfOwnerMatch\n",
    "Options -FollowSymLinks\nErrorDocument 403 told\n",
    "FileETag None\nContentDigest On\n",
)
ALIAS = """\
Alias /al "@ROOT@/htdocs/d"
AliasMatch ^/m/(.*)$ "@ROOT@/htdocs/$1"
Redirect /old http://www.example.com/d/x.txt
Redirect gone /gone
RedirectMatch 303 ^/r/(.*)$ /d/$1
Redirect 404 /hidden
"""
USERS = "jane:$apr1$abcdefgh$yhzsBDwYfcm7kfbpQ4fZ31\njoe:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\n"
BASIC = "Authorization: Basic "
JOE = BASIC + "am9lOnRlc3Q="  # joe:test
AUTH = htdocs(
    "AuthType Basic", "AuthName here", 'AuthUserFile "@ROOT@/users"', "Require valid-user",
    "Order allow,deny", "Allow from 127.0.0.2", "Satisfy any",
)  # fmt: skip
LETTERS = "%a %A %B %b %C %e %f %h %H %i %k %l %m %n %o %p %P %q %r %s %t %u %U %v %V %X %I %O"

REWRITE = """\
RewriteEngine On
RewriteMap m txt:@ROOT@/htdocs/m.map
RewriteRule ^/r/(.*)$ http://o.x/${m:$1|none} [R]
RewriteCond %{HTTP:X-One} yes
RewriteRule ^/a.txt$ /d/x.txt
RewriteCond %{REMOTE_ADDR} ^127.0.0.2$
RewriteRule ^/b.html$ - [F]
RewriteCond @ROOT@/htdocs/flag -f
RewriteRule ^/d/e/z.txt$ - [G]
RewriteCond %{LA-U:REQUEST_FILENAME} y.html$
RewriteRule ^/d/y.html$ - [E=seen:1]
RewriteCond /d/x.txt !-U
RewriteRule ^/u$ - [F]
RewriteRule ^/u$ /a.txt
""" + htdocs("RewriteEngine On", "RewriteCond %{REQUEST_FILENAME} !-f", "RewriteRule ^none /b.html [L]")

CASES: dict[str, Case] = {
    "core": Case(CORE, SITE, (*COMMON, "/%zz", "/d/../a.txt", "/b.html/info"), settings=LINKED),
    "links": Case(htdocs("Options -FollowSymLinks +SymLinksIfOwnerMatch"), SITE, COMMON, settings=LINKED),
    "alias": Case(
        ALIAS, SITE, ("/al/x.txt", "/al/", "/m/a.txt", "/old", "/old/more?q", "/gone", "/r/z", "/hidden"),
        settings=("Redirect /al/x.txt /new\n", "RedirectMatch 302 ^/al /there\n"),
    ),
    "dir": Case(
        htdocs("DirectoryIndex first.html index.html", "FallbackResource /a.txt"),
        {**SITE, "htdocs/d/first.html": "first"}, ("/", "/d/", "/d", "/d?x", "/d/e/", "/none", "/d/none/x"),
        settings=("DirectoryIndex x.txt\n", "DirectorySlash Off\n", "FallbackResource disabled\n"),
    ),
    "autoindex": Case(
        htdocs(
            "DirectoryIndex none", "IndexOptions FancyIndexing ScanHTMLTitles TrackModified",
            "HeaderName h.txt", "ReadmeName r.html", "AddDescription words *.txt", "IndexIgnore *.gif",
        ),
        {**SITE, "htdocs/d/h.txt": "head", "htdocs/d/r.html": "<b>foot</b>"},
        ("/", "/d/", "/d/?C=M;O=D", "/d/?P=x*", "/d/e/", "/d/?F=0"),
        settings=("Options -Indexes\n", "IndexOptions None\n", "IndexIgnore x*\nDeny from all\n"),
    ),
    "mime": Case(
        "AddType text/x-t .t\nAddLanguage de .de\nAddEncoding x-gzip .gz\nAddCharset utf-8 .u8\n",
        {**SITE, "htdocs/p.txt.de": "deutsch", "htdocs/q.t.gz": "packed", "htdocs/d/w.html.u8": "w"},
        ("/p.txt.de", "/q.t.gz", "/d/w.html.u8", "/d/x.txt", "/none.t"),
        settings=("RemoveType .txt\n", "AddType a/b .txt\n", "DefaultLanguage fr\n", "AddHandler no .txt\n"),
    ),
    "setenvif": Case(
        "SetEnvIf Remote_Addr ^127.0.0.2$ second\nSetEnvIf X-One yes one\nSetEnvIf ^X-T.* b tea\n"
        "SetEnvIfNoCase User-Agent moz moz=$0\nSetEnvIf Remote_Host local host\n"
        "BrowserMatch Kludge nokeepalive\nSetEnv plain 1\n"
        "Header set X-Seen \"%{second}e %{one}e %{moz}e %{plain}e %{place}e\"\n",
        SITE, COMMON, (("X-One: yes",), ("X-One: no",), ("User-Agent: Kludge",), ("X-Two: b",)),
        settings=("SetEnvIf X-One y place=there\n", "SetEnv place here\n", "UnsetEnv plain\n"), replays=False,
    ),
    "setenvif-plain": Case(
        "SetEnvIf X-One yes one\nSetEnvIf X-Two (.*) two=$1\nBrowserMatch Kludge force-response-1.0\n"
        'Header set X-Seen "%{one}e %{two}e %{place}e"\nHeader set Vary X-One\n',
        SITE, COMMON, (("X-One: yes",), ("x-two: a",), ("X-Two: b", "X-Two: c"), ("User-Agent: Kludge",)),
        settings=("SetEnvIf X-One y place=there\n", "SetEnv place here\n"),
    ),
    "headers": Case(
        'SetEnvIf X-One yes one\nHeader set X-A "a" env=one\nHeader always set X-B "%{one}e" env=!one\n'
        "<Files a.txt>\nHeader echo ^X-\n</Files>\n<Files b.html>\nHeader set X-T \"%t %D\" env=never\n"
        "RequestHeader set Range bytes=0-2 env=one\n</Files>\n<Files x.txt>\nHeader set Keep-Alive mine\n"
        "Header append Vary X-One\nHeader unset ETag\n</Files>\n"
        "<Files y.html>\nHeader set Connection x\n</Files>\n"
        "<Files z.txt>\nHeader edit Last-Modified Sep Oct\nHeader set Set-Cookie a=b\n</Files>\n",
        SITE, (*COMMON, "/d/y.html"), (("X-One: yes",), ("X-One: no",), ("X-Two: b",)),
        settings=("Header set X-Place here\n", "Header always unset X-B\n"),
    ),
    "requestheader": Case(
        "RequestHeader unset Proxy early\nRequestHeader edit X-One yes no\nRequestHeader unset Range\n"
        "RequestHeader unset If-Modified-Since early\n"
        'Header set X-Seen "%{one}e"\nSetEnvIf Proxy (.*) one=$1\n',
        SITE, COMMON, (("Proxy: evil",), ("X-One: yes",), ("Range: bytes=0-1",), ("X-Two: b",)),
    ),
    "userdir": Case(
        'UserDir "@ROOT@/homes/*/pages" "@ROOT@/others"\nUserDir disabled root\n',
        {**SITE, "homes/jane/pages/x.txt": "jane's x", "others/joe/x.txt": "joe's x"},
        ("/~jane/x.txt", "/~jane/", "/~jane", "/~joe/x.txt", "/~root/x.txt", "/~none/"),
    ),
    "actions": Case(
        "Action text/x-act /b.html\nAction acted /d/x.txt virtual\n"
        "AddType text/x-act .act\nAddHandler acted .none\nScript GET /d/x.txt\n",
        {**SITE, "htdocs/d/f.act": "f"}, ("/d/f.act", "/d/none.act", "/x.none", "/a.txt?q", "/b.html?q"),
        settings=("Action text/x-act /a.txt\n", "SetHandler acted\n"),
    ),
    "authz_host": Case(
        "SetEnvIf X-One yes let_in\n"
        "<Location /d>\nOrder deny,allow\nDeny from all\nAllow from 127.0.0.2 env=let_in\n</Location>\n"
        "<Location /a.txt>\nOrder allow,deny\nAllow from all\nDeny from 127.0.0.2\n</Location>\n"
        "<Location /b.html>\n<Limit HEAD>\nOrder allow,deny\n</Limit>\n</Location>\n",
        SITE, COMMON, (("X-One: yes",), ("Referer: http://from/",)),
        settings=("Order allow,deny\n", "Order deny,allow\nDeny from 127.0.0.1\n", "Deny from env=let_in\n"),
    ),
    "auth_basic": Case(
        AUTH, {**SITE, "users": USERS}, COMMON,
        ((JOE,), (JOE + "x",), (BASIC + "amFuZTp4",), ("Authorization: Digest x",)),
        settings=("Require user joe\n", "Satisfy all\n", 'AuthName "there"\n'),
    ),
    "rewrite": Case(
        REWRITE, {**SITE, "htdocs/m.map": "a 1\nb 2\n", "htdocs/flag": "x"},
        (*COMMON, "/r/a", "/r/b", "/r/c", "/d/y.html", "/u"), (("X-One: yes",), ("X-One: no",)),
        settings=(
            "RewriteEngine On\nRewriteRule ^a.txt$ /b.html\n", "RewriteEngine Off\n",
            "RewriteEngine On\nRewriteCond %{HTTP_REFERER} x\nRewriteRule . - [F]\n",
        ),
    ),
    "logs": Case(
        f'CustomLog logs/access-@SIDE@ "{LETTERS}" env=!quiet\n'
        'CustomLog logs/access-@SIDE@ "%{X-One}i %{Content-Type}o %{Keep-Alive}o %{quiet}e %{c}C"\n'
        'CustomLog logs/access-@SIDE@ "%{local}p %>s %<s %!200f %<U %>U %<q %>q"\n'
        'CustomLog logs/access-@SIDE@ "%h %>s %a %t %{X-One}i %U %{c}C %200{X-One}i"\n'
        "SetEnvIf X-One yes quiet\nLogLevel debug\nErrorDocument 404 /a.txt\nErrorDocument 403 /none\n",
        SITE, (*COMMON, "/d/x.txt?query"), (("X-One: yes",), ("Cookie: c=1; d=2",), ("Cookie: c=3",)),
        settings=("Options -Indexes\n", "Deny from all\n"),
    ),
    "cgi": Case(
        'ScriptAlias /run/ "@ROOT@/cgi-bin/"\nAddHandler cgi-script .cgi\n',
        {"cgi-bin/e.cgi": "#!/bin/sh\necho Content-Type: text/plain\necho\necho $QUERY_STRING $HTTP_X_ONE\n"},
        ("/run/e.cgi?a", "/run/e.cgi/b", "/run/e.cgi?b"), (("X-One: yes",),), replays=None,
    ),
}  # fmt: skip
