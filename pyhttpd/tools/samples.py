"""What changes between two looks at a scoreboard: rates, and their history."""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from pyhttpd.mpm.scoreboard import Counts, Picture

REMEMBERED = 240  # looks
BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN_BLOCKS = "_.-:=+*#"


@dataclass(frozen=True, slots=True)
class Rates:
    """A second: answers, bytes, answers from memory; and the share of one processor."""

    answers: float = 0.0
    bytes: float = 0.0
    replayed: float = 0.0
    cpu: float = 0.0


def _rates(counts: Counts, cpu: float, old: Counts, old_cpu: float, seconds: float) -> Rates:
    """Between two moments of one thing; a count that has fallen began anew."""
    if seconds <= 0:
        return Rates()
    answers, size, replayed = (
        max(0, new - before) / seconds for new, before in zip(counts, old, strict=True)
    )
    return Rates(answers, size, replayed, max(0.0, cpu - old_cpu) / seconds)


@dataclass(frozen=True)
class Sample:
    """One look, and what has happened since the one before (or, at the first, since the start)."""

    picture: Picture
    rates: Rates
    of_child: dict[int, Rates]  # by pid

    @classmethod
    def first(cls, picture: Picture) -> "Sample":
        """Averages over each one's life."""
        of_child = {
            child.pid: _rates(child.mine, child.usage.seconds, Counts(), 0.0, picture.taken - child.birth)
            for child in picture.children
        }
        rates = _rates(picture.counts, picture.usage.seconds, Counts(), 0.0, picture.uptime)
        return cls(picture, rates, of_child)

    def next(self, picture: Picture) -> "Sample":
        """The look after this one."""
        seconds, before = picture.taken - self.picture.taken, self.picture
        old = {child.pid: child for child in before.children}
        of_child = {
            pid: _rates(child.mine, child.usage.seconds, old[pid].mine, old[pid].usage.seconds, seconds)
            for pid, child in ((child.pid, child) for child in picture.children if child.pid in old)
        }
        rates = _rates(picture.counts, picture.usage.seconds, before.counts, before.usage.seconds, seconds)
        return Sample(picture, rates, of_child)


@dataclass
class History:
    """The rates of the last looks."""

    rates: deque[Rates] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    sample: Sample | None = None

    def add(self, picture: Picture) -> Sample:
        """Take one more look into account."""
        if self.sample is None or self.sample.picture.pid != picture.pid:
            self.sample = Sample.first(picture)
        else:
            self.sample = self.sample.next(picture)
            self.rates.append(self.sample.rates)
        return self.sample

    def line(self, of: Callable[[Rates], float], width: int, blocks: str = BLOCKS) -> str:
        """The last `width` rates as a line of blocks, the highest a full one."""
        values = [of(rates) for rates in itertools.islice(reversed(self.rates), width)][::-1]
        most = max(values, default=0.0)
        if most <= 0:
            return blocks[0] * len(values)
        return "".join(blocks[round(value / most * (len(blocks) - 1))] for value in values)
