"""What the command line understands, and what it takes each option for."""

import pytest

from pyhttpd import cli
from pyhttpd.arguments import USAGE, config_file, parse


class TestWords:
    def test_definitions_stand_alone_or_joined(self):
        assert parse(["-D", "A", "-DB"]).defines == ["A", "B"]

    def test_the_last_file_counts_and_lines_add_up(self):
        read = parse(["-f", "a", "-f", "b", "-c", "X 1", "-c", "Y 2", "-C", "Z"])
        assert (read.file, read.after, read.before) == ("b", ["X 1", "Y 2"], ["Z"])

    @pytest.mark.parametrize(("option", "name"), [("-S", "DUMP_VHOSTS"), ("-M", "DUMP_MODULES")])
    def test_listings_are_tests_with_a_definition(self, option, name):
        read = parse([option])
        assert (read.test, read.defines) == (True, [name])

    @pytest.mark.parametrize(
        "words", [["-y"], ["-f"], ["restarted"], ["-k", "bogus"], ["-e", "loud"], ["--mpm", "x"], ["-t", "x"]]
    )
    def test_what_is_not_understood_shows_the_usage(self, words, capsys):
        assert cli.main(words) == 1
        assert "Usage: httpd [-D name]" in capsys.readouterr().err

    def test_an_unknown_option_is_named_first(self, capsys):
        cli.main(["-k", "bogus"])
        assert capsys.readouterr().err.startswith("httpd: illegal option -- k\nUsage:")

    def test_help_is_the_usage_with_status_1(self, capsys):
        assert cli.main(["-h"]) == 1
        assert capsys.readouterr().err == f"{USAGE}\n"


class TestFiles:
    def test_a_relative_file_starts_from_the_server_root(self, tmp_path):
        assert config_file(str(tmp_path), "conf/x.conf", True) == f"{tmp_path}/conf/x.conf"

    def test_without_d_it_may_also_be_here(self, tmp_path, monkeypatch):
        (tmp_path / "here.conf").write_text("")
        monkeypatch.chdir(tmp_path)
        assert config_file("/none", "here.conf", False) == f"{tmp_path}/here.conf"
        assert config_file("/none", "here.conf", True) == "/none/here.conf"

    def test_a_variable_names_the_root(self, monkeypatch):
        monkeypatch.setenv("PYHTTPD_ROOT", "/srv/web")
        assert parse([]).options().server_root == "/srv/web"

    def test_the_root_is_absolute_before_anybody_changes_folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert parse(["-d", "x"]).options().server_root == f"{tmp_path}/x"
