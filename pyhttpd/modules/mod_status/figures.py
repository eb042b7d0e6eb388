"""Numbers and times as 2.2's status page writes them, and what other modules add to the page."""

from collections.abc import Callable
from typing import cast

from pyhttpd.core.request import Request

KBYTE, MBYTE, GBYTE = 1 << 10, 1 << 20, 1 << 30
UNITS = ((86400, "day", 1 << 30), (3600, "hour", 24), (60, "minute", 60), (1, "second", 60))

Extra = Callable[[Request, bool, bool], str]
"""What a module offers under ("status", name): text for the end of the page.

It is given the request, and whether the short text and whether no table was asked for."""


def extra(request: Request, *, short: bool, notable: bool) -> str:
    """What other modules have to say."""
    providers = request.server.server.providers
    offered = (cast(Extra, thing) for (group, _), thing in providers.items() if group == "status")
    return "".join(say(request, short, notable) for say in offered)


def byte_out(count: int) -> str:
    """Bytes in a unit that suits them."""
    if count < 5 * KBYTE:
        return f"{count} B"
    if count < MBYTE // 2:
        return f"{count / KBYTE:.1f} kB"
    if count < GBYTE // 2:
        return f"{count / MBYTE:.1f} MB"
    return f"{count / GBYTE:.1f} GB"


def kbyte_out(count: int) -> str:
    """Kilobytes in a unit that suits them."""
    if count < KBYTE:
        return f"{count} kB"
    if count < MBYTE:
        return f"{count / KBYTE:.1f} MB"
    return f"{count / MBYTE:.1f} GB"


def duration(seconds: int) -> str:
    """` 1 day 2 hours 1 second`: each part with a space before it."""
    parts = ((seconds // size % modulus, name) for size, name, modulus in UNITS)
    return "".join(f" {number} {name}{'' if number == 1 else 's'}" for number, name in parts if number)
