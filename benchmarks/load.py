"""Whether a server answers a workload as all are to answer it."""

import re
import socket

from benchmarks.workloads import Ask

CHECKED = 100  # requests of a workload whose answers are looked at before it is measured


def check(address: tuple[str, int], asks: list[Ask]) -> None:
    """Ask for some of a workload. Raises RuntimeError unless the server answers as all are to answer."""
    for ask in asks[:CHECKED]:
        with socket.create_connection(address, 10) as peer:
            peer.sendall(ask.request)
            head = peer.recv(65536).partition(b"\r\n\r\n")[0].lower()
        status = int(head.split(None, 2)[1])
        length = re.search(rb"\r\ncontent-length: ([0-9]+)", head)
        fits = ask.length is None or length is None or int(length[1]) == ask.length
        if status != ask.status or not fits:
            raise RuntimeError(f"{ask} was answered by {head!r}")
