"""mod_setenvif: attributes, patterns, values, and the order of lines."""

import pytest

from pyhttpd.diagnostics import ConfigError

ASK = 'Header always set X-V "%{V}e"\nHeader always set X-W "%{W}e"\n'


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("SetEnvIf Remote_Addr ^(127) V=$1", "127"),
        ("SetEnvIf Remote_Host ^127 V", "1"),
        ("SetEnvIf Server_Addr ^127 V", "1"),
        ("SetEnvIf Request_URI /(.+) V=<&>$1", "</page>page"),
        ("SetEnvIf Request_Method ^GET$ V", "1"),
        ("SetEnvIf Request_Protocol 1.1$ V=new", "new"),
        ("SetEnvIf X-Head (b) V=$1", "b"),
        ("SetEnvIf x-head B V", "(null)"),
        ("SetEnvIfNoCase X-Head B V", "1"),
        ("SetEnvIf ^X-H(ea|ai)d$ b V", "1"),
        ("SetEnvIf X-None ^$ V=none", "none"),
        ("BrowserMatch ^Moz V", "1"),
        ("BrowserMatch ^moz V", "(null)"),
        ("BrowserMatchNoCase ^moz V", "1"),
        ("SetEnvIf Host . V=", "1"),
        ("SetEnvIf Host . V !V", "(null)"),
    ],
)
def test_a_line_sets_its_variable_when_the_attribute_matches(get, line, value):
    headers = {"X-Head": "abc", "User-Agent": "Mozilla"}
    assert get("/page", conf=ASK + line, headers=headers).headers["X-V"] == value


def test_later_lines_see_what_earlier_ones_set(get):
    conf = ASK + "SetEnvIf Host . V=yes\nSetEnvIf V ^yes$ W=too"
    assert get("/", conf=conf).headers["X-W"] == "too"


def test_lines_of_sections_come_after_the_servers(get):
    conf = ASK + "<Location />\nSetEnvIf V server W=after\n</Location>\nSetEnvIf Host . V=server"
    assert get("/", conf=conf).headers["X-W"] == "after"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("SetEnvIf", "Missing header-field name for SetEnvIf"),
        ("SetEnvIf Host", "Missing regular expression for SetEnvIf"),
        ("SetEnvIf Host x", "Missing envariable expression for SetEnvIf"),
        ("BrowserMatchNoCase x", "Missing envariable expression for BrowserMatchNoCase"),
        ("SetEnvIf Host ( x", "SetEnvIf regex could not be compiled."),
        ("SetEnvIf X( . x", "Header name regex could not be compiled."),
    ],
)
def test_wrong_lines_are_refused_in_apaches_words(site, line, message):
    with pytest.raises(ConfigError) as error:
        site(line)
    assert message in str(error.value)
