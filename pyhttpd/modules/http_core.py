"""HTTP itself, which 2.2 counts as a module of its own; here it is part of the core (core/connection.py)."""

from pyhttpd.core.module import Module

module = Module("http_module", source="http_core.c", replayable=True)
