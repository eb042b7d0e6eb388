"""Commands beside the server itself: each is a first word of the command line, `pyhttpd top`.

A command is a function that gets the words behind its own and answers the exit status. It is named by string
here, since starting a server must not pay for what it does not use.
"""

from importlib import import_module

COMMANDS = {
    "explain": "pyhttpd.tools.explain:main",
    "coverage": "pyhttpd.tools.coverage:main",
    "compare": "pyhttpd.tools.compare:main",
    "top": "pyhttpd.tools.top:main",
    "status": "pyhttpd.tools.status:main",
    "fullstatus": "pyhttpd.tools.status:full",
}
"""First word -> module:function."""


def run(word: str, words: list[str]) -> int:
    """Run one command; the exit status."""
    module, _, function = COMMANDS[word].partition(":")
    status: int = getattr(import_module(module), function)(words)
    return status
