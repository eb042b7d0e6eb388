"""What the registry says of a name it does not have."""

import pytest

from pyhttpd.config.registry import Registry, apache22, identifier_of
from pyhttpd.core.core_module import module as core
from pyhttpd.core.module import Module


@pytest.fixture(scope="module")
def registry():
    return Registry([core])


def test_names_are_found_in_lower_case(registry):
    assert registry.find("documentroot").name == "DocumentRoot"
    assert registry.owner("documentroot") is core
    assert registry.find("DocumentRoot") is None


def test_of_two_with_one_name_the_first_loaded_counts():
    modules = [Module("a_module"), Module("b_module")]
    for module in modules:

        @module.directive("Same", into="x")
        def same(word): ...

    registry = Registry(modules)
    assert registry.owner("same") is modules[0]
    assert len(list(registry)) == 1


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("DocumentRot", "DocumentRoot"), ("documntroot", "DocumentRoot"), ("<Directry", "Directory"),
        ("RewriteRul", "RewriteRule"), ("Allowoveride", "AllowOverride"),
    ],
)  # fmt: skip
def test_a_misspelt_name_gets_a_suggestion(registry, written, meant):
    assert registry.explain(written) == f"did you mean {meant}?"


def test_a_name_like_no_other_gets_none(registry):
    assert registry.explain("Xyzzy") == ""


def test_a_name_of_another_mpm_is_told_from_ours(registry):
    text = registry.explain("ThreadsPerChild", mpm="prefork")
    assert text.startswith("ThreadsPerChild belongs to the ")
    assert "worker" in text
    assert text.endswith("MPM; this server runs prefork. Guard it with <IfModule>")


def test_a_name_of_another_system(registry):
    assert "of another operating system" in registry.explain("Win32DisableAcceptEx", mpm="event")


def test_a_name_of_a_module_that_is_not_loaded(registry):
    assert registry.explain("RewriteRule") == (
        "RewriteRule belongs to mod_rewrite, which is not loaded (LoadModule rewrite_module ...)"
    )


def test_a_name_of_a_module_that_is_loaded_but_not_built(registry):
    text = registry.explain("RewriteRule", loaded=["rewrite_module"])
    assert text.startswith("mod_rewrite is known but not built yet in pyhttpd ")


def test_identifiers():
    assert identifier_of("mod_authz_host") == "authz_host_module"


def test_all_of_apache_is_known():
    assert len(apache22()) == 433
    assert apache22()["documentroot"].module == "core"


def test_every_directive_of_the_core_has_apaches_name(registry):
    """But for those of 2.4 that are taken along."""
    newer = {"Protocols", "HttpProtocolOptions", "RegisterHttpMethod", "MergeTrailers"}
    unknown = {directive.name for _, directive in registry} - {known.name for known in apache22().values()}
    assert unknown <= newer
