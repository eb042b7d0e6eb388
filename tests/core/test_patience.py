"""How long a client is waited for where hosts and their address do not agree."""

import time

HOST = "<VirtualHost *:80>\nServerName {}\nDocumentRoot htdocs\nKeepAliveTimeout {}\n</VirtualHost>\n"
GET = b"GET /x.txt HTTP/1.1\r\nHost: www.example.com\r\n\r\n"


def test_an_address_that_keeps_no_connection_does_not_wait_for_ever_on_a_hosts_word(site, dialogue):
    hosts = HOST.format("first.example.com", 0) + HOST.format("www.example.com", 60)
    talk = dialogue(site(f"NameVirtualHost *:80\n{hosts}", {"htdocs/x.txt": "x\n"}))
    began = time.monotonic()
    talk.send(GET)
    assert b" 200 OK\r\n" in talk.rest()
    assert time.monotonic() - began < 8
