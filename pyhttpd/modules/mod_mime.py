"""mod_mime: what a file's name says of its type, language, encoding and handler. Manual: mod/mod_mime.

Every extension of a name counts, in any order and letter case; what stands before the first dot is none. Of
several types, charsets and handlers the last wins, languages and encodings add up. What extensions mean comes
from the types file (for the whole server) and from the Add and Remove directives of a place.

Extensions that say nothing are kept in a note for content negotiation, which must find them in the request.
"""

import mimetypes
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pyhttpd.config.directive import Override, Where, Within, setting
from pyhttpd.config.merge import Merge, merged
from pyhttpd.config.values import Flag
from pyhttpd.core import filters
from pyhttpd.core.hooks import DECLINED, OK, OPEN_LOGS, TYPE_CHECKER, Result
from pyhttpd.core.module import Module
from pyhttpd.core.request import Request

if TYPE_CHECKING:
    from pyhttpd.core.server import Server

DIRECTORY_TYPE = "httpd/unix-directory"
DEFAULT_TYPES = "conf/mime.types"
EXCEPTIONS = "ap-mime-exceptions-list"
OVERRIDE = Override.FILEINFO
MOST_NAMES = 1024  # different extensions remembered at one place
TOKEN = r"""[^\s()<>@,;:\\"/\[\]?=]+"""
MEDIA_TYPE = re.compile(rf"\s*({TOKEN})/({TOKEN})\s*((?:;.*)?)", re.DOTALL)
PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:\\.|[^"\\])*"|[^\s;]+)')

Meaning = dict[str, str]  # what an extension says, by kind: type, charset, language ...


class Mappings(NamedTuple):
    """What extensions (lower case, no dot) mean in a section, and what of their outer meanings goes."""

    added: dict[str, Meaning]
    removed: frozenset[tuple[str, str]] = frozenset()  # (extension, kind)


def _overlaid(under: dict[str, Meaning], over: dict[str, Meaning]) -> dict[str, Meaning]:
    return under | {extension: under.get(extension, {}) | meaning for extension, meaning in over.items()}


def _repeat(before: Mappings, after: Mappings) -> Mappings:
    return Mappings(_overlaid(before.added, after.added), before.removed | after.removed)


def _inherit(outer: Mappings, inner: Mappings) -> Mappings:
    """A section's removals come after all of its additions, as in 2.2."""
    both = _overlaid(outer.added, inner.added)
    for extension, kind in inner.removed:
        if extension in both:
            both[extension] = {name: value for name, value in both[extension].items() if name != kind}
    return Mappings(both)


MULTIVIEWS = {  # word: (words it cannot stand with, how 2.2 lists them)
    "Any": ({"NegotiatedOnly", "Filters", "Handlers"}, "NegotiatedOnly, Filters and Handlers"),
    "NegotiatedOnly": ({"Any", "Filters", "Handlers"}, "Any, Filters and Handlers"),
    "Filters": ({"NegotiatedOnly", "Any"}, "Any and NegotiatedOnly"),
    "Handlers": ({"NegotiatedOnly", "Any"}, "Any and NegotiatedOnly"),
}
NOTHING: frozenset[str] = frozenset()


def _both(before: frozenset[str], after: frozenset[str]) -> frozenset[str]:
    """More words of MultiviewsMatch. Raises ValueError where they exclude each other."""
    for word in sorted(after):
        refused, listed = MULTIVIEWS[word]
        if before & refused:
            raise ValueError(f"{word} is incompatible with {listed}")
    return before | after


@dataclass(frozen=True, slots=True)
class PerServer:
    """The types file is the main server's."""

    types_file: str = setting("TypesConfig", "", where=Where.SERVER, doc="file of media types and extensions")


@dataclass(frozen=True, slots=True)
class PerDir:
    """What names mean in a place."""

    mappings: Mappings = merged(Mappings({}), Merge(_repeat, _inherit))
    multiviews: frozenset[str] = merged(NOTHING, Merge(_both, lambda _outer, inner: inner))
    use_path_info: Flag = setting(
        "ModMimeUsePathInfo", False, where=Where.DIRECTORY, doc="whether the path info has extensions"
    )
    language: str = setting("DefaultLanguage", "", override=OVERRIDE, doc="language of files that tell none")


module = Module("mime_module", per_server=PerServer, per_dir=PerDir, replayable=True)

KINDS = {  # the name behind Add and Remove: (kind, what AddX takes, what RemoveX forgets)
    "Type": ("type", "a mime type followed by one or more file extensions", "types"),
    "Charset": ("charset", "a charset and the extensions that tell it", "charsets"),
    "Language": ("language", "a language and the extensions that tell it", "languages"),
    "Encoding": ("encoding", "an encoding and the extensions that tell it", "encodings"),
    "Handler": ("handler", "a handler name followed by one or more file extensions", "handlers"),
    "InputFilter": ("input", "filters, divided by semicolons, and extensions calling for them", "filters"),
    "OutputFilter": ("output", "filters, divided by semicolons, and extensions calling for them", "filters"),
}


def _declare(name: str, kind: str, doc: str, forgotten: str) -> None:
    def add(value: str, *extensions: str) -> Mappings:
        return Mappings({_bare(extension): {kind: value.lower()} for extension in extensions})

    def remove(*extensions: str) -> Mappings:
        if kind == "type":  # an empty type hides that of the types file as well
            return Mappings({_bare(extension): {kind: ""} for extension in extensions})
        return Mappings({}, frozenset((_bare(extension), kind) for extension in extensions))

    add.__doc__ = doc
    remove.__doc__ = f"extensions whose {forgotten} are to be forgotten"
    module.directive(f"Add{name}", into="mappings", override=OVERRIDE)(add)
    module.directive(f"Remove{name}", into="mappings", override=OVERRIDE)(remove)


for _name, _row in KINDS.items():
    _declare(_name, *_row)


@module.directive("MultiviewsMatch", into="multiviews", override=OVERRIDE, not_in=Within.LOCATION)
def multiviews_match(*words: str) -> frozenset[str]:
    """which extensions make a variant: NegotiatedOnly, Handlers, Filters or Any"""
    known = {word.lower(): word for word in MULTIVIEWS}
    chosen = NOTHING
    for word in words:
        if word.lower() not in known:
            raise ValueError(f"Unrecognized option '{word}'")
        chosen = _both(chosen, frozenset((known[word.lower()],)))
    return chosen


@module.hook(OPEN_LOGS)
def load_types(server: "Server") -> None:
    """Read the types file before there are children. Raises ValueError when it cannot be read."""
    types_of(server)


def types_of(server: "Server") -> dict[str, str]:
    """Media types by extension: those of the types file, or Python's own where there is none."""
    types: dict[str, str] | None = server.state.get(module.name)
    if types is None:
        configured = server.main.config(PerServer).types_file
        path = server.server_path(configured or DEFAULT_TYPES)
        types = server.state[module.name] = read_types(path, may_lack=not configured)
    return types


def read_types(path: str, may_lack: bool) -> dict[str, str]:
    """The types file: a media type and its extensions on each line. Raises ValueError unless it may lack."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as lines:
            rows = [line.split() for line in lines if not line.startswith("#")]
    except OSError as error:
        if may_lack and isinstance(error, FileNotFoundError):
            return {name[1:]: known for name, known in mimetypes.MimeTypes().types_map[True].items()}
        reason = f"({error.errno}){error.strerror}"
        raise ValueError(f"{reason}: could not open mime types config file {path}.") from None
    return {extension.lower(): row[0] for row in rows for extension in row[1:]}


@dataclass(slots=True)
class Told:
    """What the extensions of a name tell of a file, under the settings of one place."""

    content_type: str | None = None
    charset: str | None = None
    languages: tuple[str, ...] = ()
    encoding: str | None = None
    handler: str | None = None
    incoming: tuple[str, ...] = ()  # filters, as those that follow
    outgoing: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()  # extensions that say nothing
    variant: bool = False  # whether any extension makes the file a variant of something

    def add(self, meaning: Meaning, multiviews: frozenset[str], proxied: bool) -> bool:
        """One more extension. Answers whether that makes a variant of the file."""
        media_type, language, encoding = map(meaning.get, ("type", "language", "encoding"))
        self.content_type = media_type or self.content_type
        self.charset = meaning.get("charset") or self.charset
        self.languages += (language,) if language else ()
        if encoding:
            self.encoding = f"{self.encoding}, {encoding}" if self.encoding else encoding
        found = bool(media_type or meaning.get("charset") or language or encoding) or "Any" in multiviews
        if proxied:
            return found
        if handler := meaning.get("handler"):
            self.handler = handler
            found = found or "Handlers" in multiviews
        if named := (meaning.get("input"), meaning.get("output")):
            self.incoming += _names(named[0])
            self.outgoing += _names(named[1])
            found = found or (any(named) and "Filters" in multiviews)
        return found


def _names(listed: str | None) -> tuple[str, ...]:
    return tuple(name for name in (listed or "").split(";") if name)


@module.hook(TYPE_CHECKER)
def find_type(request: Request) -> Result:
    """Read the file's name; the type is found only if some extension tells one."""
    if request.info is not None and stat.S_ISDIR(request.info.st_mode):
        request.content_type = DIRECTORY_TYPE
        return OK
    settings = request.config(PerDir)
    path = request.filename or ""
    name = path + request.path_info if settings.use_path_info else path
    base, _, extensions = name.rpartition("/")[2].partition(".")
    told = read_extensions(request, extensions, path.startswith("proxy:"))
    _apply(request, told)
    if told.variant:
        request.notes[EXCEPTIONS] = [base, *told.silent]
    if request.content_type and (told.charset or ";" in request.content_type):
        request.content_type = with_charset(request, request.content_type, told.charset)
    if settings.language and not request.languages:
        request.languages = [settings.language]
    return OK if request.content_type else DECLINED


def _apply(request: Request, told: Told) -> None:
    request.content_type = told.content_type or request.content_type
    if told.languages:
        request.languages = [*request.languages, *told.languages]
    if told.encoding:
        before = request.content_encoding
        request.content_encoding = f"{before}, {told.encoding}" if before else told.encoding
    request.handler = told.handler or request.handler
    for filter_name in told.outgoing:
        filters.insert_named(request, filter_name)
    if told.incoming:
        request.notes.setdefault("input-filters", []).extend(told.incoming)


def read_extensions(request: Request, extensions: str, proxied: bool) -> Told:
    """What stands behind the first dot of a name, read once for the settings of a place."""
    known: dict[tuple[str, bool], Told] = request.layer.asked.setdefault(module.name, {})
    told = known.get((extensions, proxied))
    if told is None or request.explaining:
        if len(known) >= MOST_NAMES:
            known.clear()
        told = known[extensions, proxied] = _read(request, extensions, proxied)
    return told


def _read(request: Request, extensions: str, proxied: bool) -> Told:
    settings, types, told = request.config(PerDir), types_of(request.server.server), Told()
    for extension in filter(None, extensions.split(".")):
        meaning = _meaning(settings.mappings.added.get(extension.lower()), types.get(extension.lower()))
        if meaning and request.explaining:
            main = request.server.server.main.layer
            line = request.layer.line(PerDir, "mappings", extension) or main.line(PerServer, "types_file")
            said = ", ".join(f"{kind} {value}" for kind, value in meaning.items())
            request.step("mod_mime", f".{extension} means {said}", line, decides=True)
        if told.add(meaning, settings.multiviews, proxied):
            told.variant = True
        else:
            told.silent += (extension.lower(),)
    return told


def _meaning(own: Meaning | None, type_of_file: str | None) -> Meaning:
    """What an extension means: the directives before the types file."""
    if own is None:
        return {"type": type_of_file} if type_of_file else {}
    return own if "type" in own or not type_of_file else {"type": type_of_file, **own}


def with_charset(request: Request, content_type: str, charset: str | None) -> str:
    """A media type with its parameters in order and the charset in its place (or at the end)."""
    if charset is None and ";" not in content_type:
        return content_type
    if (found := MEDIA_TYPE.fullmatch(content_type)) is None:
        request.log("warn", f"mod_mime: analyze_ct: cannot get media type from '{content_type}'")
        return content_type
    parameters = PARAMETER.findall(found[3])
    if charset is not None:
        first = next((at for at, (name, _) in enumerate(parameters) if name == "charset"), len(parameters))
        rest = [pair for pair in parameters[first:] if pair[0] != "charset"]
        parameters = [*parameters[:first], ("charset", charset), *rest]
    return "".join((f"{found[1]}/{found[2]}", *(f"; {name}={value}" for name, value in parameters)))


def _bare(extension: str) -> str:
    return extension.lower().removeprefix(".")
