"""What explain says of a request is what the server answers: every recorded GET and HEAD, asked both ways.

The scenarios are those recorded of Apache 2.2. Each site is laid out once, and served in this process by
two servers of one configuration: one really speaks on a connection, the other only imagines it. Status,
header fields and file must be equal, and where access, sections, hosts, aliases and rules are the topic a
line of the configuration must be marked.
"""

import importlib.util
import re
import socket
import threading
import tomllib
from pathlib import Path

import pytest

from pyhttpd.core.connection import Connection
from pyhttpd.core.journal import Journal
from pyhttpd.core.server import Options, build
from pyhttpd.core.verdict import Verdict
from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules import STANDARD
from pyhttpd.mpm.common import mpm_module
from pyhttpd.tools.explain.account import settled, split_head
from pyhttpd.tools.explain.imagined import Imagined, Nobody, Watch

CONFORMANCE = Path(__file__).parents[3] / "shared/conformance"
SCENARIOS = sorted(CONFORMANCE.glob("*/*.toml")) if CONFORMANCE.exists() else []
LEFT_OUT = {"digest", "capture"}  # exchanges whose requests depend on answers
LINES = re.compile(r"(?m)^(\S+) \S+ HTTP/\d")
VOLATILE = ('(?<=nonce=")[^"]+', "(?<=boundary=)[0-9a-f]+")
MARKED = ("access", "sections", "vhosts", "alias", "rewrite")
SECONDS = 10

pytestmark = pytest.mark.skipif(not SCENARIOS, reason="the recordings are not here")


@pytest.fixture(scope="module")
def recordings():
    """The program that lays out the recorded sites."""
    found = importlib.util.spec_from_file_location("conformance", CONFORMANCE / "conformance.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def made(site):
    """A server of the site, with its logs open."""
    server = build(Options(str(site.conf), str(site.root)), mpm_module, STANDARD)
    try:
        server.open_logs()
    except ValueError:
        server.close()
        raise
    return server


class Spoken(Connection):
    """A connection that remembers which files its requests led to."""

    def _complete(self, request, final):
        final, outgoing = super()._complete(request, final)
        self.notes.setdefault("files", []).append(final.filename)
        return final, outgoing


def spoken(server, data, client, local):
    """The bytes that the server really answers, and the files it found."""
    ours, theirs = socket.socketpair()
    connection = Spoken(server, ours, client, local, Nobody(), False)

    def serve():
        while connection.serve_one() is not Verdict.CLOSE:
            pass
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    with theirs:
        theirs.settimeout(SECONDS)
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: theirs.recv(65536), b""))
    thread.join(SECONDS)
    assert not thread.is_alive()
    return received, connection.notes.get("files", [])


def imagined(server, watch, data, client, local):
    """What explain finds: its connection, with the outcomes."""
    watch.journal.steps.clear()
    connection = Imagined(server, data, client, local, watch)
    while connection.serve_one() is not Verdict.CLOSE:
        pass
    return connection


def fields(pairs, site, masks):
    """Header fields to compare, without what is new each time."""
    known = ((name.lower(), site.plain(value, (*masks, *VOLATILE))) for name, value in pairs)
    return sorted(pair for pair in known if pair[0] != "date")


def heads(received, methods, recordings, site, masks):
    """Status and fields of the answers on a connection."""
    found = recordings.split(received, [method == "HEAD" for method in methods])["responses"]
    return [(one["status"], fields(one["headers"], site, masks)) for one in found]


def of_outcome(outcome, site, masks):
    if not outcome.outgoing.head:  # HTTP/0.9, and programs that write their own heads
        return None
    status, pairs = split_head(outcome.outgoing.head)
    return int(status[:3]), fields(pairs, site, masks)


def exchanges(scenario, site):
    """(name, bytes, methods, exchange) of the exchanges that only GET and HEAD."""
    for exchange in scenario.get("exchange", []):
        pieces = exchange["send"] if isinstance(exchange["send"], list) else [exchange["send"]]
        text = site.expand("".join(pieces))
        raw = text.encode("latin-1") if exchange.get("raw") else text.encode().replace(b"\n", b"\r\n")
        methods = LINES.findall(text)
        if methods and set(methods) <= {"GET", "HEAD"} and not LEFT_OUT & set(exchange):
            yield exchange["name"], raw, methods, exchange


def addresses(exchange, site):
    host = "::1" if exchange.get("host6") else exchange.get("host", "127.0.0.1")
    port = site.port2 if exchange.get("port") == 2 else site.port
    return (exchange.get("source", "::1" if exchange.get("host6") else "127.0.0.1"), 40000), (host, port)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_explain_says_what_the_server_answers(path, recordings):
    scenario = tomllib.loads(path.read_text())
    if not scenario.get("exchange") or "rnd:" in path.read_text():
        pytest.skip("nothing to ask, or chance answers")
    site = recordings.Site(scenario, "", "modules")
    servers = []
    try:
        try:
            servers = [made(site), made(site)]
        except (ConfigError, ValueError) as error:
            pytest.skip(f"a configuration that is refused, here or by 2.2: {str(error)[-90:]}")
        watch = Watch(Journal())
        servers[1].watch(watch.through)
        for name, data, methods, exchange in exchanges(scenario, site):
            compare(name, data, methods, exchange, (path.parent.name, recordings, site, servers, watch))
    finally:
        for server in servers:
            server.close()
        site.stop()
        if site.backend is not None:
            site.backend.server_close()


def compare(name, data, methods, exchange, around):
    """Ask both ways."""
    topic, recordings, site, servers, watch = around
    ends, masks = addresses(exchange, site), tuple(exchange.get("mask", ()))
    connection = imagined(servers[1], watch, data, *ends)
    received, files = spoken(servers[0], data, *ends)
    answers = heads(received, methods, recordings, site, masks)
    told = [of_outcome(one, site, masks) for one in connection.outcomes]
    if None in told:
        return
    assert told == answers, name
    assert [one.final.filename for one in connection.outcomes] == files, name
    if topic in MARKED and told:
        steps = settled(watch.journal.steps, told[-1][0])
        assert any(step.decides for step in steps), name
