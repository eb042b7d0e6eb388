"""What clients ask for. A workload is a list of whole requests, in the order in which they are sent.

The mix is the honest case: real clients differ in fields that no server reads. 1,000 files by a Zipf law, 200
clients each with a User-Agent and a Cookie of its own, a quarter of the requests conditional, two in a
hundred for what is not there, two in a hundred redirected.

The front is what a content management system does to it: a URL that names no file is the front page's.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from itertools import accumulate
from typing import NamedTuple

from benchmarks.configs import REWRITE
from benchmarks.site import LEVELS, SIZES, Site, folder, name

CLIENTS = 200
LENGTH = 20_000  # requests of the mix until it begins again
CONDITIONAL, MISSING, MOVED = 0.25, 0.02, 0.02
PRETTY = 300  # URLs that name no file
RULES = 100
FRONT = f'{REWRITE}<Directory "htdocs/files">\n    AllowOverride FileInfo\n</Directory>\n'
RULE = (  # in turn: one that a fixed word begins, one that has to be searched for
    "RewriteRule ^/moved{0}/(.*)\\.html$ /elsewhere/{0}/$1 [R=301,L]\n",
    "RewriteRule /([a-z]+)-{0}\\.php$ /pages/$1 [L]\n",
)
SYSTEMS = ("X11; Linux x86_64", "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")


class Ask(NamedTuple):
    """One request, and what every server must answer: status, and length of the body if that is fixed."""

    request: bytes
    status: int = 200
    length: int | None = None


@dataclass(frozen=True)
class Workload:
    """What to ask, on how many connections, beside how many that only wait."""

    name: str
    about: str
    asks: Callable[[Site], list[Ask]]
    connections: int = 32
    idle: int = 0
    apaches_only: bool = False  # .htaccess files and CGI scripts, which nginx does not have
    lines: str = ""  # of configuration, in Apache's language


def get(path: str, *fields: str) -> bytes:
    """The bytes of a GET request."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode()


def one(path: str, length: int, *fields: str) -> Callable[[Site], list[Ask]]:
    """The same request again and again."""
    return lambda site: [Ask(get(path, *fields), 200, length)]


def client(number: int) -> tuple[str, ...]:
    """The fields that a browser sends with all its requests."""
    chance = random.Random(number)
    system, version = chance.choice(SYSTEMS), chance.randrange(90, 140)
    return (
        f"User-Agent: Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.{number}",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language: en-US,en;q=0.5",
        f"Cookie: session={chance.getrandbits(128):032x}; seen={number}",
    )


def mix(site: Site) -> list[Ask]:
    """The sequence of the mix, the same in every run."""
    chance = random.Random(len(site.sizes))
    clients = [client(number) for number in range(CLIENTS)]
    numbers = list(range(len(site.sizes)))
    chance.shuffle(numbers)
    weights = list(accumulate(1 / rank for rank in range(1, len(numbers) + 1)))
    since = f"If-Modified-Since: {formatdate(site.changed, usegmt=True)}"
    return [
        ask(number, site.sizes[number], chance.random(), chance.choice(clients), since)
        for number in chance.choices(numbers, cum_weights=weights, k=LENGTH)
    ]


def ask(number: int, size: int, lot: float, fields: tuple[str, ...], since: str) -> Ask:
    """One request of the mix; `lot` from 0 to 1 decides of which sort."""
    path = name(number)
    if lot < MISSING:
        return Ask(get(f"{path}.gone", *fields), 404)
    if lot < MISSING + MOVED:
        return Ask(get(f"/old{path}", *fields), 301)
    if lot < MISSING + MOVED + CONDITIONAL:
        return Ask(get(path, *fields, since), 304)
    return Ask(get(path, *fields), 200, size)


def front(site: Site) -> list[Ask]:
    """Files and URLs that name none, in equal shares, each as likely as any other of its sort."""
    chance = random.Random(len(site.sizes))
    clients = [client(number) for number in range(CLIENTS)]
    pages = [(pretty(number), SMALL) for number in range(PRETTY)]
    files = [(name(number), size) for number, size in enumerate(site.sizes)]
    asked = [chance.choice(chance.choice((pages, files))) for _ in range(LENGTH)]
    return [Ask(get(path, *chance.choice(clients)), 200, size) for path, size in asked]


def pretty(number: int) -> str:
    """The URL path of a page that a content management system makes."""
    return f"/files/{2000 + number % 20}/{number % 12 + 1:02}/what-happened-{number}"


def rewrites(count: int) -> str:
    """Lines that turn rewriting on, with so many rules that do not match."""
    return f"{REWRITE}RewriteEngine On\n" + "".join(RULE[n % 2].format(n) for n in range(count))


SMALL, MEDIUM, LARGE = SIZES.values()
CLOSE = "Connection: close"
PAGE = one("/small.html", SMALL)
DEEPEST = f"/{folder(LEVELS)}index.html"
WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("small", "1 KiB, keep-alive", PAGE),
        Workload("close", "1 KiB, a connection each", one("/small.html", SMALL, CLOSE)),
        Workload("medium", "100 KiB, keep-alive", one("/medium.html", MEDIUM)),
        Workload("medium-close", "100 KiB, a connection each", one("/medium.html", MEDIUM, CLOSE)),
        Workload("large", "10 MiB, keep-alive", one("/large.html", LARGE), 8),
        Workload("large-close", "10 MiB, a connection each", one("/large.html", LARGE, CLOSE), 8),
        Workload("mix", "1,000 files, 200 clients, conditionals, 404s, redirects", mix),
        Workload("htaccess", f"1 KiB below {LEVELS} .htaccess files", one(DEEPEST, SMALL), apaches_only=True),
        Workload("front", "1,000 files and 300 URLs for a front page", front, apaches_only=True, lines=FRONT),
        Workload("rules", "1 KiB behind 100 rules", PAGE, apaches_only=True, lines=rewrites(RULES)),
        Workload("cgi", "a CGI script that says hello", one("/cgi-bin/hello", 13), 8, apaches_only=True),
        Workload("idle", "1 KiB on 8 connections, beside 10,000 idle ones", PAGE, 8, 10_000),
    )
}
