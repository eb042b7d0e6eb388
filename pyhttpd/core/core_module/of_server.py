"""The core's server-level directives whose words must be combined or checked against the machine."""

import os
import re

from pyhttpd.config.directive import ACCEPTED, Arguments, Override, Where, Within
from pyhttpd.config.values import atoi
from pyhttpd.config.walk import Context
from pyhttpd.core.core_module.schema import module

SERVER = Where.SERVER
OUTSIDE = Within.DIR_LOC_FILE | Within.LIMIT
BAD_PORT = 'The port number "{}" is outside the appropriate range (i.e., 1..65535).'


@module.directive("ServerName", where=SERVER, not_in=OUTSIDE)
def server_name(host: str) -> dict[str, object]:
    """host name and port this server calls itself"""
    scheme, separator, rest = host.rpartition("://")
    if separator and not scheme.isalpha():
        raise ValueError(f'The scheme "{scheme}" is invalid')
    name, colon, port = rest.rpartition(":")
    if not colon or not port.isdigit():
        return {"name": rest.strip("[]") if not colon else rest, "port": 0, "scheme": scheme.lower()}
    if not 0 < int(port) < 65536:
        raise ValueError(BAD_PORT.format(rest))
    return {"name": name, "port": int(port), "scheme": scheme.lower()}


@module.directive("ServerAlias", into="aliases", where=SERVER)
def server_alias(ctx: Context, *names: str) -> tuple[str, ...]:
    """further names of this virtual host; * and ? are wildcards"""
    if not ctx.virtual:
        raise ValueError("ServerAlias only used in <VirtualHost>")
    return tuple(name.lower() for name in names)


@module.directive("ServerRoot", into="server_root", where=SERVER, not_in=Within.DIR_LOC_FILE | Within.LIMIT)
def server_root(path: str) -> str:
    """folder that relative paths start from"""
    return path


@module.directive("DocumentRoot", into="document_root", where=SERVER, not_in=OUTSIDE)
def document_root(ctx: Context, path: str) -> str:
    """folder that URLs map to"""
    full = ctx.server_path(path)
    if ctx.site.check_document_root and not os.path.isdir(full):
        if not ctx.virtual:
            raise ValueError("DocumentRoot must be a directory")
        ctx.warn(f"Warning: DocumentRoot [{full}] does not exist", "")
    return full


@module.directive("Port", into=None, where=SERVER)
def port(_number: str) -> dict[str, object]:
    """gone since Apache 2.0; see Listen"""
    raise ValueError("Port was replaced with Listen in Apache 2.0")


@module.directive("LimitRequestLine", into="limit_line", where=SERVER, not_in=OUTSIDE)
def limit_request_line(size: str) -> int:
    """most bytes of a request line"""
    return _size_limit("LimitRequestLine", size)


@module.directive("LimitRequestFieldSize", into="limit_field", where=SERVER, not_in=OUTSIDE)
def limit_request_field_size(size: str) -> int:
    """most bytes of a header field"""
    return _size_limit("LimitRequestFieldsize", size)


def _size_limit(name: str, word: str) -> int:
    if (size := atoi(word)) < 0:
        raise ValueError(f'{name} "{word}" must be a non-negative integer')
    return size


@module.directive("AccessFileName", into="access_file_names", where=SERVER, not_in=OUTSIDE)
def access_file_name(*names: str) -> tuple[str, ...]:
    """names of the files that directories may hold settings in"""
    return names


@module.directive("LimitInternalRecursion", where=SERVER)
def limit_internal_recursion(redirects: str, subrequests: str = "") -> dict[str, object]:
    """most internal redirects and most nested subrequests of a request"""
    depth, inner = atoi(redirects), atoi(subrequests or redirects)
    if depth <= 0 or (subrequests and inner <= 0):
        raise ValueError("The recursion limit must be greater than zero.")
    return {"redirect_limit": depth, "subrequest_limit": inner}


@module.directive("NameVirtualHost", into="name_virtual_hosts", where=SERVER)
def name_virtual_host(ctx: Context, address: str) -> tuple[object, ...]:
    """address and port whose virtual hosts are told apart by name"""
    return ((address, ctx.location),)


@module.directive("RegisterHttpMethod", into="methods", where=SERVER, not_in=Within.ANY)
def register_http_method(*methods: str) -> tuple[str, ...]:
    """further methods that <Limit> may name"""
    return methods


PROTOCOL_WORDS = {
    "strict": ("syntax", "strict"),
    "unsafe": ("syntax", "unsafe"),
    "registeredmethods": ("methods", "registered"),
    "lenientmethods": ("methods", "lenient"),
    "allow0.9": ("least", "0.9"),
    "require1.0": ("least", "1.0"),
}


@module.directive("HttpProtocolOptions", into="protocol_options", where=SERVER)
def http_protocol_options(*words: str) -> dict[str, str]:
    """Strict, RegisteredMethods or LenientMethods, Allow0.9 or Require1.0"""
    chosen: dict[str, str] = {}
    for word in words:
        if (pair := PROTOCOL_WORDS.get(word.lower())) is None:
            raise ValueError(f"HttpProtocolOptions accepts 'Unsafe' or 'Strict' (default), not '{word}'")
        chosen[pair[0]] = pair[1]
    return chosen


@module.directive("Protocols", into=None, where=SERVER)
def protocols(*names: str) -> dict[str, object]:
    """2.4's list of protocols; http/1.1 is the one there is"""
    if unknown := [name for name in names if name.lower() != "http/1.1"]:
        raise ValueError(f"Protocols: {unknown[0]} is not spoken here, only http/1.1")
    return {}


@module.directive(
    "CGIMapExtension",
    into=None,
    override=Override.FILEINFO,
    arguments=Arguments(2, 3),
    status=ACCEPTED("for NetWare only"),
)
def cgi_map_extension(*_words: str) -> dict[str, object]:
    """interpreter for files with an extension"""
    return {}


HOST_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*|\*)(?::(?P<port>\*|\d+))?$")
