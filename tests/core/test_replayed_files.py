"""A remembered file that changes, or is forgotten, while somebody is being sent it."""

import os

SIZE = 16 << 20  # more than socket buffers hold
GET = b"GET /big.bin HTTP/1.1\r\nHost: www.example.com\r\n\r\n"


def test_who_is_being_sent_a_file_gets_that_file_to_its_end(site, dialogue):
    made = site("Timeout 5\n", {"htdocs/big.bin": b"o" * SIZE, "htdocs/secret.bin": b"s" * SIZE})
    assert made.get("/big.bin").status == 200
    assert len(made.talk(GET)) > SIZE
    slow = dialogue(made)
    slow.send(GET)
    slow.until(b"\r\n\r\n")
    (made.root / "htdocs/new").write_bytes(b"n" * SIZE)
    (made.root / "htdocs/new").rename(made.root / "htdocs/big.bin")
    assert made.get("/big.bin").body[:9] == b"n" * 9
    others = [os.open(made.root / "htdocs/secret.bin", os.O_RDONLY) for _ in range(20)]
    try:
        received = bytearray()
        while len(received) < SIZE and (data := slow.client.recv(1 << 20)):
            received += data
    finally:
        for descriptor in others:
            os.close(descriptor)
    assert bytes(received) == b"o" * SIZE
