"""Whatever words follow a directive, the answer is a configuration or a ConfigError, in .htaccess too."""

import pytest

from pyhttpd.config import reader
from pyhttpd.config.directive import Override, Where
from pyhttpd.config.merge import Layer
from pyhttpd.config.registry import Registry
from pyhttpd.config.walk import Context, walk
from pyhttpd.core import core_module
from pyhttpd.core.site import Site, shipped
from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules import STANDARD
from pyhttpd.mpm.common import mpm_module

PLAIN = """
    + - ~ ! * % = : / ? [ ( $ $99 %{ %{}x x= =x -1 0 999999999999999999999 a:b [::1 a=b=c env= env=! On None
    All default 200 1/0 10.0.0.0/99 10./8 .. | || |$ http:// http: host:port :80 a:99999 { } ^ +All -None
"""
STRANGE = (
    '""', "''", "\\", '"%{x"', '"a b"', "\N{ARABIC-INDIC DIGIT THREE}", "\N{FULLWIDTH FULL STOP}", "\udcff",
)  # fmt: skip
WORDS = (*PLAIN.split(), *STRANGE)


def registry_of(site):
    modules = [core_module.module, mpm_module("event")]
    modules += [found for name in STANDARD if (found := shipped(name))]
    site.add(modules)
    return Registry(modules)


SITE = Site("/nonexistent", "event")
REGISTRY = registry_of(SITE)
DIRECTIVES = [directive for _, directive in REGISTRY]


def lines(directive):
    """Lines of a directive with no word, and with one or two odd ones."""
    for words in ("", *WORDS, *(f"a {word}" for word in WORDS)):
        if directive.section:
            yield f"<{directive.name} {words}>\n</{directive.name}>\n"
        else:
            yield f"{directive.name} {words}\n"


def read(text, **context):
    """Read and walk a text; mistakes are expected, accidents are not."""
    layer = Layer()
    try:
        tree = reader.read_text(text, "x.conf", SITE, htaccess=bool(context))
        origin = next(iter(node.location for node in tree.root), None)
        walk(tree.root, REGISTRY, Context(SITE, origin, layer, **context), lambda name: "")
    except ConfigError as error:
        error.render()
        return
    for schema in layer.values:
        layer.settings(schema)


@pytest.mark.parametrize("directive", DIRECTIVES, ids=lambda directive: directive.name)
def test_odd_words_are_a_mistake_and_no_accident(directive):
    for text in lines(directive):
        read(text)
        if directive.override:
            read(text, where=Where.DIRECTORY, path="/x/", override=Override.ALL)
    SITE.warnings.clear()
