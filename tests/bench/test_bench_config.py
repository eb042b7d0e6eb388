"""What configurations cost: lines to a tree, a tree to layers, layers over layers."""

from typing import Any

import pytest

from pyhttpd.config import reader
from pyhttpd.config.merge import Layer, merge
from pyhttpd.config.parser import parse
from pyhttpd.config.registry import Registry
from pyhttpd.config.walk import Context, walk
from pyhttpd.core.core_module import PerDir
from pyhttpd.core.core_module import module as core
from pyhttpd.core.core_module.schema import PerServer
from pyhttpd.core.site import Site
from pyhttpd.diagnostics import Location, Source

SECTIONS = 100
CONFIG = "ServerName localhost\n# a remark\n\n" + "".join(
    f'<Directory "/srv/{number}">\n    Options Indexes FollowSymLinks\n    AllowOverride None\n'
    f"    DefaultType text/plain\n    ErrorDocument 404 /missing{number}.html\n</Directory>\n"
    for number in range(SECTIONS)
)
START = Location(Source("httpd.conf", ""), 1, 1, 1)
HTACCESS = "Options -Indexes\nDefaultType text/html\nErrorDocument 404 /missing.html\n# end\n"


def walked(text: str) -> Layer:
    """The layer that a text becomes."""
    site, layer, registry = Site("/root", "event"), Layer(), Registry([core])
    root = reader.read_text(text, "httpd.conf", site).root
    walk(root, registry, Context(site, START, layer), registry.explain)
    return layer


@pytest.mark.parametrize("text", [CONFIG, HTACCESS], ids=["httpd.conf", ".htaccess"])
def test_parsing_lines(benchmark: Any, text: str) -> None:
    lines = benchmark(lambda: parse(Source("conf", text)))
    assert len(lines) == text.count("\n")


def test_reading_and_walking(benchmark: Any) -> None:
    layer = benchmark(lambda: walked(CONFIG))
    assert len(layer.settings(PerServer).directories) == SECTIONS


def test_merging_two_sections(benchmark: Any) -> None:
    outer, inner = (scope.layer for scope in walked(CONFIG).settings(PerServer).directories[:2])
    both = benchmark(lambda: merge(outer, inner))
    assert both.settings(PerDir).default_type == "text/plain"


def test_building_settings_of_a_merge(benchmark: Any) -> None:
    outer, inner = (scope.layer for scope in walked(CONFIG).settings(PerServer).directories[:2])
    assert benchmark(lambda: merge(outer, inner).settings(PerDir)).default_type == "text/plain"
