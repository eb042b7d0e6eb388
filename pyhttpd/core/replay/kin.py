"""Blocks that differ in nothing any answer has read, and the answers they have in common.

Clients differ in fields that hardly any answer depends on, such as cookies. Once the answer to a request is
found, it is known for all whose fields say the same where it matters: one look-up by the text of the fields,
and one by the request line.
"""

from pyhttpd.core.replay.block import Answers, Block, Names, Signature
from pyhttpd.core.replay.entry import Entry

MOST_KNOWN = 65536  # answers noted, one for as many kinds of blocks as ask for it


class Kinship:
    """Which blocks of a room are alike: those that agree in all fields that answers there have read."""

    def __init__(self) -> None:
        self._names: Names = ()
        self._kin: dict[Signature, Answers] = {}
        self._known = 0

    def note(self, line: bytes, block: Block, entry: Entry, names: Names) -> None:
        """An answer is right for a block, and has read these fields."""
        if not block.met:  # most blocks that come once never come again, as those with an entity tag
            block.met = True
            return
        if self._known >= MOST_KNOWN:
            self._part()
        if not set(names).issubset(self._names):
            self._part()
            self._names = tuple(sorted({*self._names, *names}))
        answers = block.answers = self._kin.setdefault(block.signature(self._names), {})
        if line not in answers:
            answers[line] = entry
            entry.known.append(answers)
            self._known += 1

    def forget(self, line: bytes, entry: Entry) -> None:
        """An answer is right no more."""
        for answers in entry.known:
            del answers[line]
        self._known -= len(entry.known)
        entry.known = []

    def _part(self) -> None:
        """Begin anew; blocks are left with nothing, until they are met again."""
        for answers in self._kin.values():
            for entry in answers.values():
                entry.known = []
            answers.clear()
        self._kin, self._known = {}, 0
