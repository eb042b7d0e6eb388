"""What the command line lists, in 2.2's formats, which tools read."""

import re

import pytest

from pyhttpd import cli, listing


@pytest.fixture
def show(tmp_path, capsys):
    """Standard output and standard error of a command line with this configuration."""

    def run(text: str, *words: str) -> tuple[str, str]:
        conf = tmp_path / "httpd.conf"
        conf.write_text(f'ServerRoot "{tmp_path}"\nServerName main.example\n{text}')
        assert cli.main(["-f", str(conf), *words]) == 0
        told = capsys.readouterr()
        return told.out.replace(str(conf), "CONF"), told.err

    return run


class TestWithoutAConfiguration:
    def test_the_version_begins_as_apaches(self):
        first, second = listing.version()
        assert re.fullmatch(r"Server version: Apache/2\.2\.34 \(pyhttpd/[0-9.]+\)", first)
        assert second.startswith("Server built:   ")

    @pytest.mark.parametrize(
        ("mpm", "threaded"), [("prefork", "no"), ("worker", "yes (fixed thread count)"), ("", "yes (fixed")]
    )
    def test_the_settings_name_the_mpm(self, mpm, threaded):
        text = "\n".join(listing.settings(mpm))
        assert f"Server MPM:     {(mpm or 'event').capitalize()}\n  threaded:     {threaded}" in text
        assert "Server's Module Magic Number: 20051115:43" in text

    def test_the_settings_can_be_read_as_definitions(self):
        found = dict(re.findall(r'(?m)^ -D (\w+)="([^"]*)"$', "\n".join(listing.settings(""))))
        assert found["SERVER_CONFIG_FILE"] == "conf/httpd.conf"
        assert {"HTTPD_ROOT", "DEFAULT_PIDLOG", "DEFAULT_ERRORLOG", "AP_TYPES_CONFIG_FILE"} <= found.keys()

    def test_modules_are_compiled_in_only_if_they_are_built(self):
        lines = listing.compiled("worker")
        assert lines[:3] == ["Compiled in modules:", "  core.c", "  worker.c"]
        assert "  mod_alias.c" in lines

    def test_every_directive_has_its_module_help_and_place(self):
        text = "\n".join(listing.directives(""))
        place = r"\n\t.+\n\tAllowed in \*\.conf only"
        assert re.search(rf"(?m)^<Directory \(core\.c\){place} outside <Directory>", text)
        assert re.search(rf"(?m)^Order \(mod_authz_host\.c\){place} inside .* and in \.htaccess$", text)
        assert "\twhen AllowOverride includes Limit" in text
        assert "\twhen AllowOverride isn't None" in text
        assert re.search(r"(?m)^ThreadsPerChild \(event\.c\)$", text)

    def test_directives_of_another_mpm_are_not_listed(self):
        assert not any(line.startswith("ThreadsPerChild") for line in listing.directives("prefork"))


class TestOfAConfiguration:
    def test_modules_are_static_or_shared(self, show):
        out, err = show("LoadModule dir_module modules/mod_dir.so\n", "-M", "--mpm", "worker")
        first, *listed = [line for line in out.splitlines() if "pyhttpd_module" not in line]
        assert first == "Loaded Modules:"
        static = [f" {name}_module (static)" for name in ("core", "mpm_worker", "http", "so")]
        assert listed == [*static, " dir_module (shared)"]
        assert err == "Syntax OK\n"

    def test_hosts_are_listed_as_recorded_of_2_2(self, show):
        text = """\
NameVirtualHost *:18301
NameVirtualHost 127.0.0.2:18301
<VirtualHost *:18301>
ServerName a.example
</VirtualHost>
<VirtualHost *:18301>
ServerName b.example
</VirtualHost>
<VirtualHost 127.0.0.2:18301>
ServerName c.example
</VirtualHost>
<VirtualHost _default_:18302>
ServerName d.example
</VirtualHost>
<VirtualHost 127.0.0.3:18301>
ServerName e.example
</VirtualHost>
"""
        assert (
            show(text, "-S")[0]
            == """\
VirtualHost configuration:
127.0.0.3:18301        e.example (CONF:17)
127.0.0.2:18301        is a NameVirtualHost
         default server c.example (CONF:11)
         port 18301 namevhost c.example (CONF:11)
wildcard NameVirtualHosts and _default_ servers:
_default_:18302        d.example (CONF:14)
*:18301                is a NameVirtualHost
         default server a.example (CONF:5)
         port 18301 namevhost a.example (CONF:5)
         port 18301 namevhost b.example (CONF:8)
"""
        )

    def test_a_host_that_is_never_chosen_is_listed_too(self, show):
        host = "<VirtualHost *:80>\nServerName {}\n</VirtualHost>\n"
        out, err = show(host.format("a") + host.format("b"), "-S")
        assert out.endswith("*:80                   a (CONF:3)\n*:80                   b (CONF:6)\n")
        assert "[warn] _default_ VirtualHost overlap on port 80, the first has precedence\n" in err

    def test_without_hosts_there_is_the_heading(self, show):
        assert show("", "-t", "-D", "DUMP_VHOSTS") == ("VirtualHost configuration:\n", "Syntax OK\n")

    def test_the_configuration_is_listed_as_it_counts(self, show):
        text = "<IfDefine NONE>\nBogus\n</IfDefine>\n<Directory /x>\n  Options None\n</Directory>\n"
        out, _ = show(text, "-t", "-DDUMP_CONFIG")
        assert out.endswith("#    6:\n<Directory /x>\n#    7:\n  Options None\n</Directory>\n")
        assert out.startswith("# In file: CONF\n#    1:\nServerRoot")

    def test_an_unknown_listing_is_none(self, show):
        assert show("", "-t", "-D", "DUMP_RUN_CFG") == ("", "Syntax OK\n")
