"""Let clients in by address, host name or environment variable.

Order says whether Allow or Deny has the last word and what happens to a client nobody speaks of; Allow and
Deny list addresses. A section that says anything of these replaces all that outer sections said (2.2 has no
merger here, and merging line by line would let other people in). 2.4's `Require all granted`, `all denied`,
`ip`, `host` and `local` are understood as well: lines of access, for which nobody has to log in.

Rules are 2.2's (mod_authz_host.c, APR's apr_ipsubnet_create); manual: mod/mod_authz_host, howto/access.
"""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple

from pyhttpd.config.directive import Override, Where
from pyhttpd.config.merge import EXTEND, merged
from pyhttpd.config.values import choice
from pyhttpd.config.walk import Context
from pyhttpd.core.core_module.of_files import Requirement
from pyhttpd.core.core_module.schema import PerDir as CorePerDir
from pyhttpd.core.hooks import ACCESS_CHECKER, OK, Result
from pyhttpd.core.hostnames import verified_host
from pyhttpd.core.module import Module
from pyhttpd.core.options import Methods, covers
from pyhttpd.core.pipeline import needs_login, satisfies_any
from pyhttpd.core.request import Request
from pyhttpd.diagnostics import Location

ALLOW_LAST, DENY_LAST, MUTUAL = "deny,allow", "allow,deny", "mutual-failure"
BAD_IP = "The specified IP address is invalid."
BAD_MASK = "The specified network mask is invalid."
MOST_METHODS = 16  # that are remembered: clients may think of any number
LOOKS_LIKE_IP = re.compile(r"[0-9.]*|.*:.*", re.DOTALL)


class Network(NamedTuple):
    """Addresses of one family that agree under a mask, which may have holes, as in 255.0.255.0."""

    family: socket.AddressFamily
    address: int
    mask: int

    def holds(self, client: str) -> bool:
        """Whether an address is one of these."""
        family, number = parse_address(client) or (None, 0)
        return family is self.family and number & self.mask == self.address


@dataclass(frozen=True, slots=True)
class Rule:
    """One word of an Allow or Deny line."""

    kind: str  # a key of TESTS
    value: Any
    methods: Methods | None
    location: Location
    text: str

    def speaks_of(self, request: Request) -> bool:
        """Whether the rule is for this client, and this method."""
        return covers(self.methods, request.method) and TESTS[self.kind](request, self.value)


class Ordering(NamedTuple):
    """One Order line."""

    kind: str
    methods: Methods | None
    location: Location


@dataclass(frozen=True, slots=True)
class PerDir:
    """Who is let in here."""

    merge_whole: ClassVar[bool] = True
    order: tuple[Ordering, ...] = merged((), EXTEND)
    allow: tuple[Rule, ...] = merged((), EXTEND)
    deny: tuple[Rule, ...] = merged((), EXTEND)


module = Module("authz_host_module", per_dir=PerDir, replayable=True)

OrderWord = Annotated[str, choice((ALLOW_LAST, DENY_LAST, MUTUAL), "unknown order")]
IN_SECTIONS: dict[str, Any] = {"where": Where.DIRECTORY, "override": Override.LIMIT}


@module.directive("Order", into="order", spelling="order", **IN_SECTIONS)
def order(ctx: Context, word: OrderWord) -> tuple[Ordering]:
    """'allow,deny', 'deny,allow', or 'mutual-failure'"""
    return (Ordering(word, ctx.methods, ctx.location),)


@module.directive("Allow", into="allow", spelling="allow", **IN_SECTIONS)
def allow(ctx: Context, from_: str, *who: str) -> tuple[Rule, ...]:
    """'from' followed by hostnames or IP-address wildcards"""
    return rules(ctx, "Allow", from_, who)


@module.directive("Deny", into="deny", spelling="deny", **IN_SECTIONS)
def deny(ctx: Context, from_: str, *who: str) -> tuple[Rule, ...]:
    """'from' followed by hostnames or IP-address wildcards"""
    return rules(ctx, "Deny", from_, who)


@module.hook(ACCESS_CHECKER)
def check_address(request: Request) -> Result:
    """403 for a client that is not let in."""
    if _granted(request):
        return OK
    if not (satisfies_any(request) and needs_login(request)):
        request.log("error", f"client denied by server configuration: {request.filename}")
    return 403


def _granted(request: Request) -> bool:
    """Whether the client is let in; remembered where nobody needs to know who it is."""
    known: dict[str, bool] = request.layer.asked.setdefault(module.name, {})
    granted = known.get(request.method)
    if granted is None or request.explaining:
        settings = request.config(PerDir)
        granted = _ordered(request, settings) and _required(request)
        asked = (*settings.allow, *settings.deny, *request.config(CorePerDir).requires)
        if len(known) < MOST_METHODS and all(line.kind == "all" for line in asked):
            known[request.method] = granted
    return granted


def _ordered(request: Request, settings: PerDir) -> bool:
    """What Order, Allow and Deny say."""
    if not (settings.order or settings.allow or settings.deny):
        return True
    lines = [line for line in settings.order if covers(line.methods, request.method)]
    kind = lines[-1].kind if lines else ALLOW_LAST
    if kind == ALLOW_LAST:
        granted, rule = True, _first(request, settings.allow)
        if rule is None and (rule := _first(request, settings.deny)):
            granted = False
    else:
        rule = _first(request, settings.deny)
        granted = rule is None and (rule := _first(request, settings.allow)) is not None
    if request.explaining:
        said = rule.text if rule else f"Order {kind}, and no line speaks of this client"
        silent: tuple[Rule | Ordering, ...] = (*settings.deny, *settings.allow, *lines)
        place = rule.location if rule else silent[-1].location if silent else None
        verdict = "allowed" if granted else "denied"
        request.step("mod_authz_host", f"{verdict} by {said}", place, decides=True)
    return granted


def _first(request: Request, listed: Iterable[Rule]) -> Rule | None:
    return next((rule for rule in listed if rule.speaks_of(request)), None)


def _required(request: Request) -> bool:
    """What 2.4's Require lines about addresses say: one of them must hold, where there are any."""
    lines = [
        line
        for line in request.config(CorePerDir).requires
        if line.of_address and covers(line.methods, request.method)
    ]
    for line in lines:
        if meets(request, line):
            said = " ".join(("Require", line.kind, *line.words))
            request.step("mod_authz_host", f"allowed by {said}", line.location, decides=True)
            return True
    if lines:
        said = "denied: no Require line holds for this client"
        request.step("mod_authz_host", said, lines[-1].location, decides=True)
    return not lines


def meets(request: Request, line: Requirement) -> bool:
    """Whether one such line holds. What cannot be understood never does."""
    if line.kind == "all":
        return [word.lower() for word in line.words] == ["granted"]
    if line.kind == "local":
        client = request.client_ip
        return client == request.connection.local[0] or any(net.holds(client) for net in LOOPBACK)
    if line.kind == "host":
        return any(_host(request, word) for word in line.words)
    return any(_network(request, word) for word in line.words)


def _network(request: Request, word: str) -> bool:
    try:
        return network(*word.split("/", 1)).holds(request.client_ip)
    except ValueError:
        return False


def rules(ctx: Context, name: str, from_: str, who: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of one Allow or Deny line. Raises ValueError in 2.2's words."""
    if from_.lower() != "from":
        raise ValueError("allow and deny must be followed by 'from'")
    return tuple(Rule(*term(word), ctx.methods, ctx.location, f"{name} from {word}") for word in who)


def term(word: str) -> tuple[str, Any]:
    """What a word after `from` means: a kind and its value. Raises ValueError for a broken address."""
    low = word.lower()
    if low.startswith("env=!"):
        return "no env", word[5:]
    if low.startswith("env="):
        return "env", word[4:]
    if low == "all":
        return "all", None
    address, slash, mask = word.partition("/")
    if LOOKS_LIKE_IP.fullmatch(address):
        return "network", network(address, mask if slash else None)
    if slash:
        raise ValueError("An IP address was expected")
    return "host", word


def network(text: str, mask: str | None = None) -> Network:
    """An address, the first octets of one, or address and mask (or number of bits). Raises ValueError."""
    found = parse_address(text)
    if found is None or "::ffff:" in text.lower():
        if mask is not None or ":" in text:
            raise ValueError(BAD_IP)
        return _octets(text)
    family, number = found
    bits = 32 if family is socket.AF_INET else 128
    under = (1 << bits) - 1 if mask is None else _mask(mask, family, bits)
    return Network(family, number & under, under)


def _octets(text: str) -> Network:
    """The old form: `10.1` or `10.1.` is everything that begins so."""
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}\.?", text):
        raise ValueError(BAD_IP)
    octets = [int(octet) for octet in text.rstrip(".").split(".")]
    if max(octets) > 255:
        raise ValueError(BAD_IP)
    whole = bytes([*octets, 0, 0, 0])[:4]
    mask = bytes([*(255 for _ in octets), 0, 0, 0])[:4]
    return Network(socket.AF_INET, int.from_bytes(whole), int.from_bytes(mask))


def _mask(text: str, family: socket.AddressFamily, bits: int) -> int:
    if re.fullmatch("[0-9]{1,3}", text) and 0 < int(text) <= bits:
        return (1 << bits) - (1 << bits - int(text))
    if family is socket.AF_INET and "." in text and (found := parse_address(text)):
        return found[1]
    raise ValueError(BAD_MASK)


def parse_address(text: str) -> tuple[socket.AddressFamily, int] | None:
    """Family and number; None for what is no address. IPv4 within IPv6 is IPv4, a scope (%eth0) falls off."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        packed = socket.inet_pton(family, text.partition("%")[0])
    except (OSError, ValueError):
        return None
    if len(packed) == 16 and packed.startswith(bytes(10) + b"\xff\xff"):
        return socket.AF_INET, int.from_bytes(packed[12:])
    return family, int.from_bytes(packed)


LOOPBACK = (network("127"), network("::1"))


def _host(request: Request, domain: str) -> bool:
    """Whether the client's name, looked up both ways, is this one or of this domain."""
    name, domain = (verified_host(request) or "").lower(), domain.lower()
    if not name.endswith(domain) or not domain:
        return False
    return name == domain or domain.startswith(".") or name[-len(domain) - 1] == "."


def has_variable(request: Request, name: str) -> bool:
    """Whether a variable is set; letter case does not count, as in 2.2."""
    return name in request.env or name.lower() in map(str.lower, request.env)


TESTS: dict[str, Callable[[Request, Any], bool]] = {
    "all": lambda _request, _value: True,
    "env": lambda request, name: has_variable(request, name),
    "no env": lambda request, name: not has_variable(request, name),
    "network": lambda request, net: net.holds(request.client_ip),
    "host": _host,
}
