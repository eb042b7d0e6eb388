"""What is asked of the servers, and at which of their ports: the words of --url made into requests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pyhttpd.tools.compare.apart import Port

DEFAULT_PORT = 80


@dataclass(frozen=True)
class Asked:
    """The URLs: those without a host are asked of the main server's name."""

    urls: tuple[str, ...]
    name: str

    @property
    def port(self) -> int | None:
        """The configured port they all go to; None for the first one. Raises ValueError if they differ."""
        ports = {urlsplit(url).port or DEFAULT_PORT for url in self.urls if "//" in url}
        if len(ports) > 1:
            raise ValueError("all --url must have the same port")
        return next(iter(ports), None)

    def check(self) -> None:
        """Raises ValueError unless all of them can be asked here."""
        for url in self.urls:
            if "//" not in url and not url.startswith("/"):
                raise ValueError(f"--url {url}: give a path that begins with /, or http://host/path")
            if urlsplit(url).scheme not in ("", "http"):
                raise ValueError(f"--url {url}: only http can be compared")
            if not url.isprintable() or " " in url:
                raise ValueError(f"--url {url!r}: write blanks and the like as %20")
        _ = self.port

    def requests(self, *fields: str) -> list[bytes]:
        """The requests, with further header fields."""
        return [self._request(url, fields) for url in self.urls]

    def _request(self, url: str, fields: Iterable[str]) -> bytes:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc or self.name}", *fields, "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape")

    def real_port(self, ports: Sequence[Port]) -> int:
        """Where a server that was started apart is to be asked. Raises ValueError if nowhere."""
        for port in ports:
            if port.port == self.port or (self.port is None and port.protocol != "https"):
                return port.real
        raise ValueError(f"the configuration does not listen to port {self.port or DEFAULT_PORT} for http")
