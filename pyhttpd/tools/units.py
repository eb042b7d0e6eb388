"""Numbers for people: short enough for a column, exact enough to see what matters."""

PREFIXES = ("", "k", "M", "G", "T", "P")


def number(value: float) -> str:
    """A count or a rate: 0, <0.1, 0.4, 12, 9999, 12.3k."""
    if 0 < value < 0.05:
        return "<0.1"
    if value < 10 and value != int(value):
        return f"{value:.1f}"
    if value < 10_000:
        return f"{value:.0f}"
    return _scaled(value, 1000)


def size(value: float) -> str:
    """Bytes: 0, 999, 1.2k, 34M."""
    return f"{value:.0f}" if value < 1000 else _scaled(value, 1024)


def _scaled(value: float, step: int) -> str:
    power = 0
    while value >= 999.5 and power < len(PREFIXES) - 1:
        value, power = value / step, power + 1
    return f"{value:.0f}{PREFIXES[power]}" if value >= 99.95 else f"{value:.1f}{PREFIXES[power]}"


def percent(share: float) -> str:
    """0.034 as 3.4%."""
    return f"{share:.0%}" if share >= 0.0995 else f"{share:.1%}"


def age(seconds: float, fine: bool = False) -> str:
    """5s, 3m12s, 2h05m, 4d03h; `fine`: 0.2s."""
    whole = int(seconds)
    if fine and seconds < 10:
        return f"{seconds:.1f}s"
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole // 60 % 60:02}m"
    return f"{whole // 86400}d{whole // 3600 % 24:02}h"


def printed(text: str) -> str:
    """What came over the network, without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
