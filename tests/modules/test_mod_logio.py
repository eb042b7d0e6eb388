"""mod_logio: what goes over the network, head and all."""


def test_all_bytes_of_a_request_and_its_answer_are_counted(site):
    made = site('CustomLog logs/x "%b %B %I %O"', {"htdocs/a.txt": "0123456789"})
    made.get("/a.txt")
    raw = made.get("/a.txt", method="HEAD").raw
    asked = len("GET /a.txt HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n")
    first, second = (line.split() for line in (made.root / "logs/x").read_text().splitlines())
    assert first[:3] == ["10", "10", str(asked)]
    assert second == ["-", "0", str(asked + 1), str(len(raw))]
