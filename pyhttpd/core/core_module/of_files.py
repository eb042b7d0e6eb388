"""The core's directives for places: Options, AllowOverride, Require, ErrorDocument and their like."""

from dataclasses import dataclass

from pyhttpd.config.directive import COUNT_PHRASES, Arguments, Override, Where, Within
from pyhttpd.config.values import atoi
from pyhttpd.config.walk import Context
from pyhttpd.core.core_module.schema import module
from pyhttpd.core.options import (
    ETagBits,
    Methods,
    Options,
    Overriding,
    read_etag,
    read_options,
    read_override,
)
from pyhttpd.diagnostics import Location
from pyhttpd.http.status import REASONS

ADDRESS_KINDS = frozenset(("all", "ip", "host", "local"))
"""What 2.4 lets Require ask of an address; mod_authz_host answers these, and nobody need log in for them."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One Require line: `kind` is its first word, `words` the others."""

    kind: str
    words: tuple[str, ...]
    methods: Methods | None
    location: Location

    @property
    def of_address(self) -> bool:
        """Whether it asks for the client's address and not for a user."""
        return self.kind in ADDRESS_KINDS


@dataclass(frozen=True, slots=True)
class SatisfyRule:
    """One Satisfy line."""

    any: bool
    methods: Methods | None
    location: Location


@module.directive("Options", into="options", override=Override.OPTIONS)
def options(ctx: Context, *words: str) -> Options:
    """features that may be used, with + and - to add and remove"""
    return read_options(list(words), ctx.options if ctx.htaccess else None)


@module.directive("AllowOverride", into="override", where=Where.DIRECTORY, not_in=Within.LIMIT)
def allow_override(ctx: Context, *words: str) -> Overriding:
    """classes of directives that .htaccess files may hold"""
    if ctx.within & (Within.FILES | Within.LOCATION):
        line = f"{ctx.location.line} of {ctx.location.source.name}"
        ctx.warn(f"Useless use of AllowOverride in line {line}.")
    return read_override(list(words))


@module.directive("Require", into="requires", where=Where.DIRECTORY, override=Override.AUTHCONFIG)
def require(ctx: Context, *words: str) -> tuple[Requirement, ...]:
    """who may come in: user, valid-user, group ..."""
    if not words:
        return ()
    return (Requirement(words[0].lower(), tuple(words[1:]), ctx.methods, ctx.location),)


@module.directive("Satisfy", into="satisfy", where=Where.DIRECTORY, override=Override.AUTHCONFIG)
def satisfy(ctx: Context, word: str) -> tuple[SatisfyRule, ...]:
    """any or all: whether address or login is enough"""
    if word.lower() not in ("any", "all"):
        raise ValueError("Satisfy either 'any' or 'all'.")
    return (SatisfyRule(word.lower() == "any", ctx.methods, ctx.location),)


@module.directive(
    "ErrorDocument", into="error_documents", override=Override.FILEINFO, not_in=Within.LIMIT, raw=True
)
def error_document(ctx: Context, line: str) -> dict[int, str | None]:
    """answer for a status: text, a path of this server, or a URL"""
    code, _, document = line.strip().partition(" ")
    document = document.strip()
    if not document:
        raise ValueError(f"ErrorDocument {COUNT_PHRASES[2, 2]}, a status and a document")
    status = atoi(code)
    if status not in REASONS:
        raise ValueError(f"Unsupported HTTP response code {code}")
    if status == 401 and is_url(document.strip('"')):
        ctx.warn("cannot use a full URL in a 401 ErrorDocument directive --- ignoring!", "notice")
        return {}
    return {status: _document(document)}


def _document(text: str) -> str | None:
    """What is to be served; text has a quote in front, as 2.2 keeps it. None restores the default."""
    quoted = text[0] in "\"'"
    if quoted:
        text = text[1:-1] if len(text) > 1 and text[-1] == text[0] else text[1:]
        text = text.replace('\\"', '"').replace("\\\\", "\\")
    if text.lower() == "default":
        return None
    return text if is_url(text) or text.startswith("/") else '"' + text


def is_url(text: str) -> bool:
    """Whether a text begins with a scheme."""
    scheme, colon, _ = text.partition("://")
    return bool(colon) and scheme.replace("+", "").replace("-", "").replace(".", "").isalnum()


@module.directive("FileETag", into="etag", override=Override.FILEINFO)
def file_etag(*words: str) -> ETagBits:
    """what entity tags of files are made of: INode, MTime, Size, All, None"""
    return read_etag(list(words))


@module.directive(
    "AddDefaultCharset", into="default_charset", override=Override.FILEINFO, not_in=Within.LIMIT
)
def add_default_charset(name: str) -> str | None:
    """charset of text that names none; On is iso-8859-1"""
    return {"on": "iso-8859-1", "off": None}.get(name.lower(), name)


@module.directive("MaxRanges", into="max_ranges")
def max_ranges(word: str) -> int:
    """most ranges a request may ask for: default, unlimited, none or a number"""
    if word.lower() in RANGE_WORDS:
        return RANGE_WORDS[word.lower()]
    if (number := atoi(word)) <= 0:
        raise ValueError("MaxRanges requires 'none', 'default', 'unlimited' or a positive integer")
    return number


RANGE_WORDS = {"none": 0, "unlimited": -1, "default": 200}


@module.directive(
    "AddOutputFilterByType", into="filters_by_type", override=Override.FILEINFO, arguments=Arguments(2, None)
)
def add_output_filter_by_type(filters: str, *types: str) -> dict[str, tuple[str, ...]]:
    """filters for answers of some content types"""
    return {media_type.lower(): tuple(filters.split(";")) for media_type in types}


def _process_limit(kind: str, name: str) -> None:
    @module.directive(name, into="process_limits", override=Override.ALL)
    def limit(soft: str, hard: str = "") -> dict[str, tuple[str, ...]]:
        """soft and hard limit of processes that scripts start: a number or max"""
        for word in filter(None, (soft, hard)):
            if word.lower() != "max" and not word.isdigit():
                raise ValueError(f"Invalid parameters for {name}")
        return {kind: (soft.lower(), (hard or soft).lower())}


for _kind, _name in (("cpu", "RLimitCPU"), ("mem", "RLimitMEM"), ("nproc", "RLimitNPROC")):
    _process_limit(_kind, _name)
