"""explain --why: every line with a directive, and what becomes of it for one request."""

import json

import pytest

from pyhttpd.tools import explain

CONF = """\
Options None
<Directory "@ROOT@/htdocs">
Options Indexes
AllowOverride All
</Directory>
<Directory "@ROOT@/htdocs/a">
Options +ExecCGI
</Directory>
<Directory "@ROOT@/other">
Options All
</Directory>
<VirtualHost 127.0.0.9:80>
ServerAdmin someone@example.com
</VirtualHost>
"""
FILES = {"htdocs/a/x.txt": "x", "htdocs/a/.htaccess": "Options -Indexes\n"}


@pytest.fixture
def why(site, capsys):
    """The findings: `why(directive, url)` answers (text, verdict) pairs."""
    made = site(CONF, FILES)

    def ask(name, url="/a/x.txt"):
        status = explain.main(["-f", str(made.root / "conf/httpd.conf"), "--why", name, "--json", url])
        assert status == 0
        found = json.loads(capsys.readouterr().out)
        return [(line["text"], line["verdict"]) for line in found["lines"]]

    return ask


def test_signs_add_to_the_line_that_holds(why):
    assert why("Options") == [
        ("Options All", "elsewhere"),
        ("Options None", "replaced"),
        ("Options Indexes", "holds"),
        ("Options +ExecCGI", "holds"),
        ("Options -Indexes", "holds"),
    ]


def test_a_line_of_another_host_does_not_apply(why):
    assert why("ServerAdmin") == [("ServerAdmin someone@example.com", "elsewhere")]
    assert why("ServerAdmin", "http://127.0.0.9/a/x.txt") == [("ServerAdmin someone@example.com", "holds")]


def test_without_a_line_the_default_is_told(site, capsys):
    made = site(CONF, FILES)
    assert explain.main(["-f", str(made.root / "conf/httpd.conf"), "--why", "timeout", "/"]) == 0
    assert "no line holds here: the default, TimeOut 300, does" in capsys.readouterr().out


def test_a_misspelt_name_is_told(site, capsys):
    made = site(CONF, FILES)
    assert explain.main(["-f", str(made.root / "conf/httpd.conf"), "--why", "Optoins", "/"]) == 2
    assert "did you mean Options?" in capsys.readouterr().err
