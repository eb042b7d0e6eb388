"""Answers that are given again while nothing they depend on has changed.

A GET or HEAD leaves a journal of its inputs: header fields read, stamps of the files examined or found
missing, the client's address if anybody asked for it. Its answer is remembered with them and given again to
a request with the same line, the same values of just those fields, while every stamp holds. It is no
special path for static files: redirects, 404s and denied pages are answers like any other. Whatever is not
provably covered is not remembered.

`settings` has the directives, `entry` one answer, `block` a request's fields, `table` all of a process.
"""

from pyhttpd.core.replay.block import Block
from pyhttpd.core.replay.entry import Entry
from pyhttpd.core.replay.room import Room
from pyhttpd.core.replay.settings import module
from pyhttpd.core.replay.table import Replay
from pyhttpd.core.replay.told import Told, own

__all__ = ["Block", "Entry", "Replay", "Room", "Told", "module", "own"]
