"""The MPMs' directives, read as a configuration file would say them."""

import pytest

from pyhttpd.config.merge import Layer
from pyhttpd.config.reader import read_text
from pyhttpd.config.walk import Context, walk
from pyhttpd.core.site import Site
from pyhttpd.diagnostics import COMMAND_LINE, ConfigError
from pyhttpd.mpm.common import MPMSettings, mpm_module
from pyhttpd.mpm.identity import identity
from pyhttpd.mpm.listen import Listen, StartError

MPMS = ("prefork", "worker", "event")
SPARE_SERVERS = ("MinSpareServers", "MaxSpareServers")
THREADS = ("MinSpareThreads", "MaxSpareThreads", "ThreadsPerChild", "ThreadLimit", "ThreadStackSize")


def site_of(mpm):
    site = Site(server_root="/srv/www", mpm=mpm)
    site.set_mpm(mpm_module(mpm))
    return site


def read(text, mpm="event"):
    site = site_of(mpm)
    tree = read_text(text + "\n", "httpd.conf", site)
    layer = Layer()
    walk(tree.root, site.registry, Context(site, COMMAND_LINE, layer), lambda _: "")
    return layer.settings(MPMSettings), site


def refusal(text, mpm="event"):
    with pytest.raises(ConfigError) as caught:
        read(text, mpm)
    return caught.value.diagnostics[0].message


@pytest.mark.parametrize("mpm", MPMS)
def test_each_mpm_has_its_own_directives_and_no_others(mpm):
    names = {directive.name for directive in mpm_module(mpm).directives}
    mine, other = (SPARE_SERVERS, THREADS) if mpm == "prefork" else (THREADS, SPARE_SERVERS)
    assert names >= set(mine)
    assert not names & set(other)


def test_names_for_ifmodule():
    module = mpm_module("worker")
    assert (module.name, module.source) == ("mpm_worker_module", "worker.c")


def test_sizing_lines_keep_their_order():
    settings, _ = read("ThreadLimit 100\nMaxRequestWorkers 200\nThreadsPerChild 100 ")
    assert settings.sizing == (("ThreadLimit", 100), ("MaxClients", 200), ("ThreadsPerChild", 100))
    limits = settings.limits("event")
    assert (limits.threads, limits.children) == (100, 2)


def test_words_that_are_no_numbers_are_nought():
    assert read("MaxClients abc")[0].sizing == (("MaxClients", 0),)


def test_listen():
    settings, _ = read("Listen 127.0.0.1:8080\nListen 443\nListen [::1]:81 HTTPS")
    assert settings.listens == (
        Listen(("127.0.0.1",), 8080, "http"),
        Listen(("::", "0.0.0.0"), 443, "https"),
        Listen(("::1",), 81, "https"),
    )


def test_the_other_settings():
    settings, _ = read(
        "PidFile run/x.pid\nUser #1234\nGroup nogroup\nListenBacklog 5\nSendBufferSize 512\n"
        "MaxConnectionsPerChild 7\nGracefulShutdownTimeout -1\nCoreDumpDirectory /\nThreadStackSize 65536"
    )
    assert settings.pid_file == "/srv/www/run/x.pid"
    assert (settings.user, settings.group, settings.backlog, settings.max_requests) == (
        "#1234",
        "nogroup",
        5,
        7,
    )
    assert (settings.socket_options.send_buffer, settings.graceful_timeout) == (512, -1)
    assert (settings.core_directory, settings.stack_size) == ("/", 65536)


def test_what_has_no_effect_is_noted():
    _, site = read("AcceptMutex flock\nLockFile logs/lock\nMaxMemFree 5\nMutex a b c\nEnableExceptionHook On")
    assert [notice.level for notice in site.warnings] == ["info"] * 5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Listen 0", "Invalid address or port"),
        ("Listen foo", "Port must be specified"),
        ("Listen", "Listen requires 1 or 2 arguments."),
        ("Listen 127.0.0.1:80 https foo", "Listen requires 1 or 2 arguments."),
        ("ListenBacklog 0", "ListenBacklog must be > 0"),
        ("SendBufferSize 10", "SendBufferSize must be >= 512 bytes, or 0 for system default."),
        ("CoreDumpDirectory /nonexistent", "CoreDumpDirectory /nonexistent does not exist"),
        (
            "AcceptMutex foo",
            "foo is an invalid mutex mechanism; Valid accept mutexes for this platform and MPM are: "
            "default, flock, fcntl, sysvsem, posixsem, pthread.",
        ),
        ("User root", "User root: pages are not served as root; name another user"),
    ],
)
def test_refusals(line, message):
    assert refusal(line) == message


def test_directives_of_another_mpm_are_unknown():
    assert refusal("ThreadsPerChild 5", "prefork").startswith("Invalid command 'ThreadsPerChild'")
    assert refusal("MinSpareServers 5", "worker").startswith("Invalid command 'MinSpareServers'")


def test_identity():
    assert identity("#1234", "#56").uid == 1234
    assert identity("#1234", "#56").gid == 56
    assert identity("#1234", "#56").groups == (56,)
    assert 56 in identity("", "#56").groups
    with pytest.raises(StartError, match="bad user name nosuchuser"):
        identity("nosuchuser", "")
    with pytest.raises(StartError, match="bad group name nosuchgroup"):
        identity("", "nosuchgroup")
    assert identity("", "").uid != 0
