"""The core's own settings: one schema for servers, one for directories.

Most of the core's directives are one value each and are declared here as fields; the others have functions
in the files beside this one. Manual: mod/core. Numbers that 2.2 reads with atoi and never checks are read
so here.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pyhttpd.config.directive import ACCEPTED, Override, Where, Within, setting
from pyhttpd.config.merge import COLLECT, EXTEND, UPDATE, merged
from pyhttpd.config.values import Atoi, Converter, Flag, at_least, choice, on_off
from pyhttpd.config.walk import Scope
from pyhttpd.core.module import Module
from pyhttpd.core.options import ETAG, OPTIONS, ETagBits, Options, Overriding

LEVELS = ("emerg", "alert", "crit", "error", "warn", "notice", "info", "debug")
TOKENS = {
    "os": "OS",
    "min": "Min",
    "minimal": "Min",
    "minor": "Minor",
    "major": "Major",
    "prod": "Prod",
    "productonly": "Prod",
}


def _unless_off(word: str) -> bool:
    return word.lower() not in ("off", "0")


def _tokens(word: str) -> str:
    return TOKENS.get(word.lower(), "Full")


ON_OFF = "parameter must be 'on' or 'off'"
UnlessOff = Annotated[bool, Converter(_unless_off)]
Tokens = Annotated[str, Converter(_tokens)]
Level = Annotated[str, choice(LEVELS, "LogLevel requires level keyword: one of " + "/".join(LEVELS))]
Trace = Annotated[
    str, choice(("on", "off", "extended"), "TraceEnable must be one of 'on', 'off', or 'extended'")
]
Slashes = Annotated[
    str, choice(("on", "off", "nodecode"), "AllowEncodedSlashes must be On, Off, or NoDecode")
]
Signature = Annotated[str, choice(("off", "on", "email"), "ServerSignature: use one of: off | on | email")]
Canonical = Annotated[str, choice(("on", "off", "dns"), "parameter must be 'on', 'off', or 'dns'")]
Lookups = Annotated[str, choice(("on", "off", "double"), "parameter must be 'on', 'off', or 'double'")]
PathInfo = Annotated[
    str, choice(("on", "off", "default"), "AcceptPathInfo must be set to on, off or default")
]
OnOff = Annotated[bool, on_off(ON_OFF)]
BodyLimit = Annotated[int, at_least(0, "LimitRequestBody requires a non-negative integer.")]
XmlLimit = Annotated[int, at_least(0, "LimitXMLRequestBody requires a non-negative integer.")]


def of_server(name: str, default: Any, doc: str, **more: Any) -> Any:
    """A setting of a server or virtual host, refused inside of any section."""
    not_in = Within.DIR_LOC_FILE | Within.LIMIT
    return setting(name, default, doc=doc, **{"where": Where.SERVER, "not_in": not_in, **more})


def of_files(name: str, default: Any, doc: str, **more: Any) -> Any:
    """A setting that may stand anywhere, in .htaccess as FileInfo."""
    return setting(name, default, doc=doc, **{"override": Override.FILEINFO, **more})


def unlimited(name: str, default: Any, doc: str, **more: Any) -> Any:
    """A setting that may stand anywhere but in <Limit>."""
    return setting(name, default, doc=doc, not_in=Within.LIMIT, **more)


@dataclass(frozen=True, slots=True)
class PerServer:
    """What the core knows of a server or virtual host."""

    name: str = merged("")
    port: int = merged(0)
    scheme: str = merged("")
    aliases: tuple[str, ...] = merged((), EXTEND)
    admin: str = of_server(
        "ServerAdmin", "[no address given]", "address that error pages tell people to write to"
    )
    path: str = of_server("ServerPath", "", "URL prefix that selects this host for clients that send no Host")
    server_root: str = merged("")
    document_root: str = merged("")
    timeout: Atoi = of_server("TimeOut", 300, "seconds to wait for the client or a script")
    keep_alive: UnlessOff = of_server("KeepAlive", True, "On or Off: several requests on one connection")
    keep_alive_timeout: Atoi = of_server("KeepAliveTimeout", 5, "seconds to wait for a next request")
    max_keep_alive: Atoi = of_server("MaxKeepAliveRequests", 100, "requests on one connection; 0 is no limit")
    error_log: str = of_server("ErrorLog", "logs/error_log", "file, |program or syslog[:facility] for errors")
    log_level: Level = of_server("LogLevel", "warn", "least level of what the error log holds")
    limit_line: int = merged(8190)
    limit_field: int = merged(8190)
    limit_fields: Atoi = of_server(
        "LimitRequestFields", 100, "most header fields of a request; 0 is no limit"
    )
    access_file_names: tuple[str, ...] = merged((".htaccess",))
    encoded_slashes: Slashes = of_server(
        "AllowEncodedSlashes", "off", "whether %2F may stand in a path", not_in=Within.LIMIT
    )
    trace: Trace = of_server("TraceEnable", "unset", "whether TRACE is answered", not_in=Within.NONE)
    tokens: Tokens = of_server("ServerTokens", "Full", "how much the Server field tells", not_in=Within.ANY)
    redirect_limit: int = merged(10)
    subrequest_limit: int = merged(10)
    name_virtual_hosts: tuple[Any, ...] = merged((), EXTEND)
    methods: tuple[str, ...] = merged((), EXTEND)
    protocol_options: dict[str, str] = merged({}, UPDATE)
    merge_trailers: Flag = of_server(
        "MergeTrailers", False, "whether trailers count as header fields", not_in=Within.NONE
    )
    directories: tuple[Scope, ...] = merged((), EXTEND)
    locations: tuple[Scope, ...] = merged((), EXTEND)
    virtual_hosts: tuple[Scope, ...] = merged((), EXTEND)
    protocol: str = of_server("Protocol", "", "protocol to speak", status=ACCEPTED("only HTTP is spoken"))
    gprof: str = of_server("GprofDir", "", "where profiles go", status=ACCEPTED("there is no gprof build"))
    suexec: Flag = of_server(
        "Suexec",
        False,
        "whether scripts change their user",
        not_in=Within.NONE,
        status=ACCEPTED("suEXEC is not supported: scripts run as User says"),
    )


@dataclass(frozen=True, slots=True)
class PerDir:
    """What the core knows of the place a request is for."""

    options: Options = merged(Options(), OPTIONS)
    override: Overriding = merged(Overriding())
    files: tuple[Scope, ...] = merged((), EXTEND)
    auth_type: str = setting(
        "AuthType", "", doc="Basic or Digest", where=Where.DIRECTORY, override=Override.AUTHCONFIG
    )
    auth_name: str = setting(
        "AuthName", "", doc="name of the protected area", where=Where.DIRECTORY, override=Override.AUTHCONFIG
    )
    requires: tuple[Any, ...] = merged((), COLLECT)
    satisfy: tuple[Any, ...] = merged((), EXTEND)
    error_documents: dict[int, Any] = merged({}, UPDATE)
    default_type: str = of_files("DefaultType", "text/plain", "content type where nothing else tells it")
    force_type: str = of_files("ForceType", "", "content type, whatever else says another")
    handler: str = of_files("SetHandler", "", "handler, whatever else says another")
    output_filters: str = of_files("SetOutputFilter", "", "filters for answers, separated by semicolons")
    input_filters: str = of_files("SetInputFilter", "", "filters for bodies, separated by semicolons")
    filters_by_type: dict[str, tuple[str, ...]] = merged({}, UPDATE)
    path_info: PathInfo = of_files("AcceptPathInfo", "default", "whether a path may go on behind a file")
    default_charset: str | None = merged(None)
    etag: ETagBits = merged(ETagBits(), ETAG)
    content_digest: Flag = unlimited(
        "ContentDigest", False, "whether answers carry Content-MD5", override=Override.OPTIONS
    )
    mmap: OnOff = unlimited(
        "EnableMMAP",
        True,
        "whether files may be mapped into memory",
        override=Override.FILEINFO,
        status=ACCEPTED("files are never mapped: one that shrinks would kill the process"),
    )
    sendfile: OnOff = unlimited(
        "EnableSendfile", True, "whether the kernel may send files by itself", override=Override.FILEINFO
    )
    signature: Signature = unlimited(
        "ServerSignature", "off", "last line of pages the server makes", override=Override.ALL
    )
    canonical_name: Canonical = unlimited("UseCanonicalName", "off", "whose name URLs to this server bear")
    physical_port: OnOff = unlimited("UseCanonicalPhysicalPort", False, "whose port URLs to this server bear")
    lookups: Lookups = unlimited("HostnameLookups", "off", "whether client addresses are resolved to names")
    body_limit: BodyLimit = unlimited(
        "LimitRequestBody", 0, "most bytes of a request body; 0 is no limit", override=Override.ALL
    )
    xml_limit: XmlLimit = unlimited(
        "LimitXMLRequestBody", 1000000, "most bytes of an XML request body", override=Override.ALL
    )
    max_ranges: int = merged(200)
    process_limits: dict[str, tuple[str, ...]] = merged({}, UPDATE)
    interpreter: str = of_files(
        "ScriptInterpreterSource",
        "",
        "where to find a script's interpreter",
        status=ACCEPTED("for Windows only"),
    )


module = Module("core_module", source="core.c", per_server=PerServer, per_dir=PerDir, replayable=True)
