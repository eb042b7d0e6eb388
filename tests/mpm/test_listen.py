"""Listening sockets: parsing, opening, keeping them, and the words when it fails."""

import errno
import select
import socket
import sys

import pytest
from mpm_fake import free_port

from pyhttpd.mpm.listen import Listen, Listeners, Options, StartError, accept, parse, plain, resolve


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("80", (None, 80)),
        ("*:8080", (None, 8080)),
        ("127.0.0.1:81", ("127.0.0.1", 81)),
        ("[::1]:82", ("::1", 82)),
        ("www.example.org:83", ("www.example.org", 83)),
    ],
)
def test_addresses(text, found):
    assert parse(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", "Invalid address or port"),
        ("70000", "Invalid address or port"),
        ("127.0.0.1:99999", "Invalid address or port"),
        ("foo", "Port must be specified"),
        ("127.0.0.1", "Port must be specified"),
        ("[::1]", "Port must be specified"),
    ],
)
def test_bad_addresses_in_apaches_words(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text)


def test_an_address_in_use_is_reported_as_apache_does():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as caught:
            Listeners().update([Listen(("127.0.0.1",), port, "http")], Options())
    assert caught.value.lines == (
        f"({errno.EADDRINUSE})Address already in use: make_sock: could not bind to address 127.0.0.1:{port}",
        "no listening sockets available, shutting down",
        "Unable to open logs",
    )


def test_no_listen_line_at_all():
    with pytest.raises(StartError) as caught:
        Listeners().update([], Options())
    assert caught.value.lines == ("no listening sockets available, shutting down", "Unable to open logs")


def test_the_same_address_twice_is_in_use():
    twice = [Listen(("127.0.0.1",), free_port(), "http")] * 2
    listeners = Listeners()
    with pytest.raises(StartError, match="Address already in use"):
        listeners.update(twice, Options())
    assert listeners.sockets == []


def test_a_wildcard_takes_ipv4():
    port = free_port()
    listeners = Listeners()
    listeners.update([Listen(resolve(None, port), port, "http")], Options(backlog=5, send_buffer=65536))
    with socket.create_connection(("127.0.0.1", port), 5) as talking:
        talking.sendall(b"GET")
        listeners.sockets[0].setblocking(True)
        client, address = listeners.sockets[0].accept()
        assert plain(address)[0] == "127.0.0.1"
        client.close()
    listeners.close()


def test_an_update_keeps_the_sockets_of_unchanged_addresses():
    first, second, third = (Listen(("127.0.0.1",), free_port(), "http") for _ in range(3))
    listeners = Listeners()
    listeners.update([first, second], Options())
    kept, dropped = listeners.sockets
    listeners.update([third, first], Options())
    assert kept in listeners.sockets
    assert dropped not in listeners.sockets
    assert dropped.fileno() == -1
    listeners.close()


def test_a_failed_update_changes_nothing():
    mine = Listen(("127.0.0.1",), free_port(), "http")
    listeners = Listeners()
    listeners.update([mine], Options())
    before = listeners.sockets
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StartError):
        listeners.update([mine, Listen(("127.0.0.1",), taken.getsockname()[1], "http")], Options())
    assert listeners.sockets == before
    assert before[0].fileno() != -1
    listeners.close()


def test_mapped_addresses_are_shown_plainly():
    assert plain(("::ffff:10.0.0.1", 5)) == ("10.0.0.1", 5)
    assert plain(("2001:db8::1", 5)) == ("2001:db8::1", 5)


def came(door):
    """Whether a connection can be accepted; it is closed again."""
    taken = accept(door)
    if taken is not None:
        taken[0].close()
    return taken is not None


@pytest.mark.skipif(sys.platform != "linux", reason="TCP_DEFER_ACCEPT is Linux's")
@pytest.mark.parametrize(
    ("protocol", "filters", "kept_back"),
    [
        ("http", {}, True),
        ("https", {}, True),
        ("ftp", {}, False),
        ("http", {"http": "none"}, False),
        ("ftp", {"ftp": "httpready"}, True),
    ],
)
def test_a_silent_client_is_not_accepted_where_its_protocol_is_filtered(protocol, filters, kept_back):
    port, listeners = free_port(), Listeners()
    wanted = [Listen(("127.0.0.1",), port, protocol)]
    listeners.update(wanted, Options(filters=filters))
    (door,) = listeners.sockets
    try:
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert came(door) is not kept_back
            client.sendall(b"GET")
            if kept_back:
                assert select.select([door], [], [], 10)[0]
                sock, _ = accept(door)
                assert sock.recv(10) == b"GET"
                sock.close()
        listeners.update(wanted, Options(filters={protocol: "none"}))
        with socket.create_connection(("127.0.0.1", port)):
            assert came(door)
    finally:
        listeners.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_is_accepted_is_an_ordinary_socket_of_its_family(host):
    listeners = Listeners()
    listeners.update([Listen((host,), port := free_port(), "ftp")], Options())
    try:
        with socket.create_connection((host, port)):
            taken, _ = accept(listeners.sockets[0])
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            assert (type(taken), taken.family, taken.type) == (socket.socket, family, socket.SOCK_STREAM)
            taken.close()
    finally:
        listeners.close()
