"""coverage: every line in use, how far its directive is, and what it would have meant for access."""

import json
from pathlib import Path

import pytest

from pyhttpd.config.registry import apache22
from pyhttpd.tools import coverage

STOCK = Path(__file__).parents[3] / "shared/reference/stock-2.2"
SAMPLES = Path(__file__).parents[2] / "sample-conf"


@pytest.fixture
def covered(tmp_path, capsys):
    """The findings in a configuration: `covered(text)` answers the exit status and the JSON."""

    def ask(text, *words):
        file = tmp_path / "httpd.conf"
        file.write_text(text.replace("@ROOT@", str(tmp_path)))
        status = coverage.main(["-f", str(file), "--json", *words])
        return status, json.loads(capsys.readouterr().out)

    return ask


def lines(found):
    """{directive: (status, access)} of all files."""
    return {
        line["directive"]: (line["status"], line["access"])
        for file in found["files"].values()
        for line in file["lines"]
    }


def test_what_is_here_is_implemented(covered):
    status, found = covered("ServerName x\n<Directory />\nOptions None\n</Directory>\n")
    assert (status, found["counts"], found["starts"]) == (0, {"implemented": 3}, True)


def test_a_directive_of_a_module_that_is_not_built_stops(covered):
    status, found = covered("<VirtualHost *:80>\nSSLEngine on\nSSLRequireSSL\n</VirtualHost>\n")
    assert status == 1
    assert not found["starts"]
    assert lines(found)["SSLEngine"][0] == "not yet"
    assert "open to plain HTTP" in lines(found)["SSLRequireSSL"][1]


def test_lines_without_effect_are_told_and_fail_only_when_strict(covered):
    text = "EnableMMAP Off\n"
    assert lines(covered(text)[1])["EnableMMAP"][0] == "accepted"
    assert covered(text)[0] == 0
    assert covered(text, "--strict")[0] == 1


def test_words_that_no_module_answers_are_told(covered):
    found = lines(covered("<Directory />\nAuthType Digest\nRequire group staff\n</Directory>\n")[1])
    if found["Require"][0] != "implemented":  # until the module is built
        assert "all are refused" in found["Require"][1]


def test_what_a_false_condition_holds_is_not_in_use(covered):
    module, define = "<IfModule no_such_module>\nNonsense\n</IfModule>\n", "<IfDefine X>\nX\n</IfDefine>\n"
    status, found = covered(module + define)
    assert (status, found["files"]) == (0, {})


def test_a_misspelt_name_is_told_with_the_right_one(covered):
    status, found = covered("ServrName x\n")
    assert status == 1
    (file,) = found["files"].values()
    assert file["lines"][0]["note"] == "did you mean ServerName?"


def test_htaccess_files_are_looked_at_on_demand(covered, tmp_path):
    folder = tmp_path / "www/deep"
    folder.mkdir(parents=True)
    (folder / ".htaccess").write_text("Options -Indexes\nSSLRequireSSL\n")
    text = 'DocumentRoot "@ROOT@/www"\n'
    assert covered(text)[0] == 0
    status, found = covered(text, "--htaccess")
    assert status == 1
    assert found["starts"]
    assert found["files"][str(folder / ".htaccess")]["counts"] == {"implemented": 1, "not yet": 1}


def test_a_configuration_of_another_machine_is_read(covered):
    status, found = covered(
        'ServerRoot "/no/such/folder"\nLoadModule php5_module modules/libphp5.so\nServerName x\n'
    )
    assert status == 0
    assert found["unbuilt_modules"] == ["php5_module"]


@pytest.mark.parametrize(
    "word", ["conf/extra/more.conf", "/no/such/folder/conf/extra/more.conf", "conf/extra/*.conf", "extra"]
)
def test_files_of_a_copied_folder_are_found(covered, tmp_path, word):
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra/more.conf").write_text("Timeout 5\n")
    status, found = covered(f'ServerRoot "/no/such/folder"\nInclude {word}\n')
    assert status == 0
    assert str(tmp_path / "extra/more.conf") in found["files"]


def test_files_that_cannot_be_read_are_told(tmp_path, capsys):
    assert coverage.main(["-f", str(tmp_path / "none.conf")]) == 2
    assert "Could not open configuration file" in capsys.readouterr().err


def test_all_directives_of_apache_are_in_the_table(capsys):
    assert coverage.main(["--all", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert {row["directive"] for row in table} == {known.name for known in apache22().values()}
    assert len(table) == 433


def test_the_samples_are_covered(capsys):
    for file in sorted(SAMPLES.glob("*.conf")):
        assert coverage.main(["-f", str(file), "--strict"]) in (0, 1)
        assert "The server takes this configuration." in capsys.readouterr().out


@pytest.mark.skipif(not STOCK.exists(), reason="2.2's own files are not here")
def test_the_stock_configuration_is_taken(capsys):
    assert coverage.main(["-f", str(STOCK / "httpd.conf")]) == 0
    assert "38 implemented" in capsys.readouterr().out
