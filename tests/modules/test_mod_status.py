"""mod_status: 2.2's page and its ?auto text, and our figures for Prometheus and for people."""

import re
from collections.abc import Callable

import pytest

from pyhttpd.core.server import Server
from pyhttpd.modules.mod_status.figures import byte_out, duration, kbyte_out
from pyhttpd.mpm.scoreboard import Scoreboard, Status

HANDLERS = """
<Location /status>
SetHandler server-status
</Location>
<Location /metrics>
SetHandler pyhttpd-metrics
</Location>
<Location /board>
SetHandler pyhttpd-scoreboard
</Location>
"""


BUSY = "GET /busy HTTP/1.1"


class Asked:
    """A request that a worker of the board serves."""

    remote_host, received = None, 1000.0

    def __init__(self, line: str, client: str = "192.0.2.1", host: str = "www.example.org") -> None:
        self.line, self.client, self.name = line, (client, 80), host
        self.connection = self.server = self


@pytest.fixture
def page(site) -> Callable[..., str]:
    """`page("/status?auto", extended=True)` of a server with one child of two workers, one of them busy."""

    def fetch(target: str, extended: bool = False, mpm: str = "event", line: str = BUSY) -> str:
        made = site(HANDLERS + f"ExtendedStatus {'On' if extended else 'Off'}\n")
        board(made.server, mpm, line)
        return made.get(target).text

    return fetch


def board(server: Server, mpm: str, line: str) -> Scoreboard:
    made = Scoreboard(2, 4, description=(mpm, "Apache/2.2.34"))
    made.occupy(0, 0, 2)
    made.processes[0].pid = 4711
    made.processes[0].connections, made.processes[0].waiting = 5, 3
    made.slot(0, 0).report(Status.BUSY_WRITE, Asked(line))
    made.slot(0, 1).report(Status.READY)
    made.slot(0, 0).count(3000)
    made.processes[0].access_count += 2
    made.processes[0].replayed += 1
    made.server.restart_time -= 10
    server.scoreboard = made
    server.child_init()
    return made


def test_auto_without_extendedstatus_is_three_lines(page):
    assert page("/status?auto") == "BusyWorkers: 1\nIdleWorkers: 1\nScoreboard: W_......\n"


def test_auto_with_extendedstatus_has_the_totals_in_front(page):
    lines = page("/status?auto", extended=True).splitlines()
    totals = [line for line in lines if not line.startswith("CPULoad")]
    assert totals[:3] == ["Total Accesses: 3", "Total kBytes: 2", "Uptime: 10"]
    assert totals[3:6] == ["ReqPerSec: 0.3", "BytesPerSec: 204.8", "BytesPerReq: 682.667"]
    assert totals[6:] == ["BusyWorkers: 1", "IdleWorkers: 1", "Scoreboard: W_......"]


def test_auto_tells_of_connections_when_asked(page):
    lines = page("/status?auto&connections").splitlines()
    assert lines[2:6] == [
        "ConnsTotal: 5",
        "ConnsAsyncWriting: 0",
        "ConnsAsyncKeepAlive: 3",
        "ConnsAsyncClosing: 0",
    ]


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("refresh=5", "5"),
        ("refresh", "10"),
        ("refresh=0", "10"),
        ("refresh=x", "10"),
        ("auto&refresh=7", "7"),
    ],
)
def test_refresh_is_a_header_field(site, query, seconds):
    made = site(HANDLERS)
    board(made.server, "event", "GET / HTTP/1.1")
    answer = made.get(f"/status?{query}")
    assert answer.headers.get("Refresh") == seconds
    kind = "plain" if "auto" in query else "html"
    assert answer.headers.get("Content-Type") == f"text/{kind}; charset=ISO-8859-1"


def test_the_page_without_extendedstatus_names_processes_and_no_client(page):
    text = page("/status")
    assert "<h1>Apache Server Status for www.example.com</h1>" in text
    assert "<dt>1 requests currently being processed, 1 idle workers</dt>\n</dl>" in text
    assert "   4711 in state: W ,   4711 in state: _ ," in text
    assert "<code>ExtendedStatus On</code> directive.\n" in text
    assert "192.0.2.1" not in text


def test_the_page_with_extendedstatus_has_a_row_for_each_worker_that_did_something(page):
    text = page("/status", extended=True)
    assert "<dt>Total accesses: 3 - Total Traffic: 2 kB</dt>" in text
    assert len(re.findall("<tr><td><b>0-0</b>", text)) == 1
    row = text[text.index("<tr><td><b>0-0</b>") :]
    assert row.startswith("<tr><td><b>0-0</b></td><td>4711</td><td>1/1/1</td><td><b>W</b>\n</td>")
    expected = "<td>192.0.2.1</td><td nowrap>www.example.org</td><td nowrap>GET /busy HTTP/1.1</td></tr>\n\n"
    assert expected in row


def test_notable_is_paragraphs(page):
    text = page("/status?notable", extended=True)
    assert "<hr /><h2>Server Details</h2>\n\n<b>Server 0-0</b> (4711): 1|1|1 [<b>Write</b>] u" in text
    assert " <i>192.0.2.1 {GET /busy HTTP/1.1}</i> <b>[www.example.org]</b><br />\n\n" in text


def test_what_a_client_sends_cannot_become_markup(page):
    text = page("/status", extended=True, line='GET /<script>"\x1b HTTP/1.1')
    assert "<script>" not in text
    assert "GET /&lt;script&gt;\\&quot;\\x1b HTTP/1.1" in text


def test_connections_are_tabled_for_event_alone(page):
    cells = (0, 4711, "no", 5, "yes", 1, 1, 0, 3, 0)
    assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) in page("/status")
    assert "Async connections" not in page("/status", mpm="worker")


def test_without_a_scoreboard_the_status_is_not_available(site):
    made = site(HANDLERS)
    answer = made.get("/status")
    assert answer.status == 500
    assert "Server status unavailable in inetd mode" in made.log


@pytest.mark.parametrize("target", ["/status", "/metrics", "/board"])
def test_only_get_and_head_are_answered(site, target):
    made = site(HANDLERS)
    board(made.server, "event", "GET / HTTP/1.1")
    assert made.get(target, method="POST", body=b"x").status == 404
    assert made.get(target, method="HEAD").status == 200


def test_metrics_are_prometheus_text_without_clients(page):
    text = page("/metrics", extended=True)
    assert "pyhttpd_requests_total 3\n" in text
    assert "pyhttpd_replayed_total 1\n" in text
    assert 'pyhttpd_workers{state="busy"} 1\n' in text
    assert 'pyhttpd_connections{state="waiting"} 3\n' in text
    assert "192.0.2.1" not in text
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'pyhttpd_\w+(\{(\w+="[^"]*",?)+\})? [0-9.e+]+', line) for line in samples)


def test_the_live_page_asks_nobody_else_and_says_clients_only_with_extendedstatus(page):
    text = page("/board")
    assert '<i class="busy sW" title="0: answering">W</i><i class="idle"' in text
    assert not re.search(r"(src|href)=|url\(|https?://", text)
    assert "192.0.2.1" not in text
    assert "192.0.2.1" in page("/board", extended=True)
    assert page("/board?part", extended=True).startswith('<dl id="figures"')


def test_the_live_pages_policy_admits_just_its_own_style_and_script(site):
    made = site(HANDLERS)
    board(made.server, "event", "GET / HTTP/1.1")
    policy = made.get("/board").headers.get("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_other_modules_may_add_to_the_page(site):
    made = site(HANDLERS)
    board(made.server, "event", "GET / HTTP/1.1")
    made.server.providers["status", "mod_x"] = lambda request, short, notable: f"<p>{short} {notable}</p>"
    assert "<p>False False</p></body>" in made.get("/status").text
    assert made.get("/status?auto&notable").text.endswith("......\n<p>True True</p>")


def test_directives_reach_the_board(site):
    made = site("ExtendedStatus On\nSeeRequestTail On\n")
    made.server.scoreboard = Scoreboard(1, 1)
    made.server.child_init()
    assert (made.server.scoreboard.server.extended, made.server.scoreboard.server.request_tail) == (1, 1)


@pytest.mark.parametrize(
    ("function", "number", "text"),
    [
        (byte_out, 5119, "5119 B"),
        (byte_out, 5120, "5.0 kB"),
        (byte_out, 524288, "0.5 MB"),
        (byte_out, 1 << 30, "1.0 GB"),
        (kbyte_out, 1023, "1023 kB"),
        (kbyte_out, 2048, "2.0 MB"),
        (kbyte_out, 3 << 20, "3.0 GB"),
        (duration, 1, " 1 second"),
        (duration, 90061, " 1 day 1 hour 1 minute 1 second"),
        (duration, 7200, " 2 hours"),
        (duration, 0, ""),
    ],
)
def test_figures_have_the_units_of_22(function, number, text):
    assert function(number) == text
