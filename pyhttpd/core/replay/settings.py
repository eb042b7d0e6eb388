"""pyhttpd_module: our own directives. Inside <IfModule pyhttpd_module> they do not disturb Apache."""

import re
from dataclasses import dataclass
from typing import Annotated

from pyhttpd.config.directive import Where, Within, setting
from pyhttpd.config.values import Converter, Flag
from pyhttpd.core.module import Module

UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def _size(word: str) -> int:
    found = re.fullmatch(r"([0-9]{1,12})([kmgKMG]?)[bB]?", word)
    if not found:
        raise ValueError("{name} must be a number of bytes, as in 512k or 16m")
    return int(found[1]) * UNITS[found[2].lower()]


def _seconds(word: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", word):
        raise ValueError("{name} must be a number of seconds")
    return float(word)


GLOBAL = {"where": Where.SERVER, "not_in": Within.ANY}


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """Whether and how answers are given again."""

    on: Flag = setting("Replay", True, doc="whether unchanged answers are given again from memory", **GLOBAL)
    memory: Annotated[int, Converter(_size)] = setting(
        "ReplayMemory",
        32 << 20,
        doc="most bytes of remembered answers in a process, and of those that processes share",
        **GLOBAL,
    )
    trust: Annotated[float, Converter(_seconds)] = setting(
        "ReplayTrust",
        0.0,
        doc="seconds for which files are not looked at again; 0 looks every time",
        **GLOBAL,
    )


module = Module("pyhttpd_module", source="mod_pyhttpd.c", per_server=ReplaySettings, replayable=True)
