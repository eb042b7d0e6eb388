"""`pyhttpd explain --why DIRECTIVE URL`: which line gives a directive its value there, and why others do not.

Every line of the configuration with that directive is listed, and those of the .htaccess files that were
read, in the order in which they take effect. What holds comes from `Layer.origins`, which merging keeps.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pyhttpd.config.merge import REPLACE, Layer, policies
from pyhttpd.config.registry import apache22
from pyhttpd.core.options import ETAG, OPTIONS
from pyhttpd.diagnostics import Location
from pyhttpd.tools import configured
from pyhttpd.tools.explain.account import Account, lines_of, place
from pyhttpd.tools.explain.show import MARK

if TYPE_CHECKING:
    from pyhttpd.config.directive import Directive
    from pyhttpd.config.tree import Directive as Line
    from pyhttpd.core.server import Server


SIGNED = (OPTIONS, ETAG)  # merged by the signs of their words


class Say(Enum):
    """What becomes of a line."""

    HOLDS = "holds"
    REPLACED = "replaced by a later line"
    ELSEWHERE = "does not apply to this request"


@dataclass(frozen=True)
class Finding:
    """One line with the directive, the section it stands in, and what becomes of it here."""

    line: Location
    section: str
    say: Say

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return place(self.line) | {
            "text": self.line.text.strip(), "section": self.section, "verdict": self.say.name.lower(),
        }  # fmt: skip


def main(server: "Server", account: Account, name: str, as_json: bool) -> int:
    """Print it; 2 for a name that is no directive's."""
    directive = server.site.registry.find(name.lstrip("<").lower())
    if directive is None:
        hint = server.site.explain(name)
        print(f"pyhttpd explain: {name} is no directive of this server; {hint}".rstrip("; "), file=sys.stderr)
        return 2
    found = findings(server, account, directive)
    if as_json:
        told = {"directive": directive.name, "url": account.asked.url, "default": default_of(directive)}
        configured.put([json.dumps(told | {"lines": [one.as_json() for one in found]}, indent=1)])
    else:
        configured.put(lines(account, directive, found))
    return 0


def lines(account: Account, directive: "Directive", found: list[Finding]) -> Iterator[str]:
    """The findings for people: those that hold first are marked."""
    yield f"{directive.name} for {account.asked.method} {account.asked.url}"
    for one in found:
        mark = MARK if one.say is Say.HOLDS else " "
        where = f" in {one.section}" if one.section else ""
        yield f"{mark} {one.line.text.strip()}{where}"
        yield f"    {one.line}: {one.say.value}"
    if not any(one.say is Say.HOLDS for one in found):
        default = default_of(directive)
        yield f"  no line holds here: the default{f', {default},' if default else ''} does"


def default_of(directive: "Directive") -> str:
    """The default by 2.2's manual."""
    known = apache22().get(directive.name.lower())
    return known.default if known else ""


def findings(server: "Server", account: Account, directive: "Directive") -> list[Finding]:
    """Every line with the directive, in the order of taking effect."""
    request = account.final
    module = server.site.registry.owner(directive.name.lower())
    places = ((request.server.layer, module.per_server), (request.layer, module.per_dir))  # type: ignore[attr-defined]
    holding = [line for layer, schema in places if schema for line in _holding(layer, schema)]
    merged = [line for step in account.steps if step.layer for line in lines_of(step.layer)]
    known = {_key(line) for line in (*merged, *lines_of(request.server.layer))}
    order = {_key(line): at for at, line in enumerate((*lines_of(request.server.layer), *merged))}
    found = [
        Finding(line, section, _verdict(line, holding, known))
        for line, section in _written(server, account, directive)
    ]
    return sorted(found, key=lambda one: order.get(_key(one.line), -1))


def _verdict(line: Location, holding: list[Location], known: set[tuple[str, int]]) -> Say:
    if any(_key(line) == _key(one) for one in holding):
        return Say.HOLDS
    return Say.REPLACED if _key(line) in known else Say.ELSEWHERE


def _key(line: Location) -> tuple[str, int]:
    return line.source.name, line.line


def _holding(layer: Layer, schema: type) -> Iterator[Location]:
    """The lines whose values are in force: of a field where the last one counts, that alone."""
    for name, rule in policies(schema).items():
        lines = layer.origin(schema, name)
        if rule is REPLACE:
            lines = lines[-1:]
        elif rule in SIGNED:
            lines = lines[max((at for at, line in enumerate(lines) if not _adds(line)), default=0) :]
        yield from lines


def _adds(line: Location) -> bool:
    """Whether a line changes what was said before it, word by word, and does not take its place."""
    words = line.text.split()[1:]
    return bool(words) and all(word.lstrip("\"'")[:1] in "+-" for word in words)


def _written(server: "Server", account: Account, directive: "Directive") -> Iterator[tuple[Location, str]]:
    """Every line of the configuration with this directive, then those of .htaccess files."""
    names = {name.lower() for name in (directive.name, *directive.aliases)}
    seen: set[tuple[str, int]] = set()
    for node in server.tree.walk():
        if node.key in names:
            seen.add(_key(node.location))
            yield node.location, sections_of(node)
    for step in account.steps:
        for line in lines_of(step.layer):
            words = line.text.split()
            if words and words[0].lower() in names and _key(line) not in seen:
                seen.add(_key(line))
                yield line, step.text.removeprefix("merged ")


def sections_of(node: "Line") -> str:
    """The sections around a line, the outermost first."""
    around, parent = [], node.parent
    while parent is not None:
        around.append(f"<{parent.name} {parent.raw}>")
        parent = parent.parent
    return " ".join(reversed(around))


__all__ = ["Finding", "Say", "findings", "main"]
