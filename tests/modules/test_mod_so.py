"""mod_so: what LoadModule and LoadFile accept."""

import pytest

from pyhttpd.diagnostics import ConfigError

ROOT = 'ServerRoot "@ROOT@"\nServerName x.example\nListen 127.0.0.1:80\nDocumentRoot "@ROOT@/htdocs"\n'


def test_a_module_is_there_below_its_line(site):
    conf = ROOT + (
        "<IfModule env_module>\nNonsense\n</IfModule>\n"
        "LoadModule env_module modules/mod_env.so\n<IfModule mod_env.c>\nSetEnv A b\n</IfModule>\n"
    )
    assert site(conf, bare=True).server.has_module("mod_env.c")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("LoadModule nosuch_module modules/mod_nosuch.so", "cannot open shared object file"),
        ("LoadModule so_module modules/mod_so.so", "module so_module is built-in and can't be loaded"),
        ("LoadModule env_module", "LoadModule takes two arguments"),
        ("LoadFile lib/none.so", "cannot open shared object file"),
    ],
)
def test_wrong_lines_are_refused_in_apaches_words(site, line, message):
    with pytest.raises(ConfigError) as error:
        site(ROOT + line, bare=True)
    assert message in str(error.value)
