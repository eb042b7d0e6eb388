"""Which logs a server writes to, in which format, and under which condition."""

import os
import re

import pytest

from pyhttpd.diagnostics import ConfigError

FILES = {"htdocs/a.txt": "0123456789"}
HOSTS = """
NameVirtualHost *:80
<VirtualHost *:80>
ServerName one.test
{one}
</VirtualHost>
<VirtualHost *:80>
ServerName two.test
{two}
</VirtualHost>
"""


def lines(made, name):
    return (made.root / name).read_text().splitlines()


def test_requests_are_logged_in_the_common_format_unless_another_is_named(site):
    made = site("TransferLog logs/transfer\nCustomLog logs/clf clf", FILES)
    made.get("/a.txt?q")
    common = r'127\.0\.0\.1 - - \[[^]]+\] "GET /a\.txt\?q HTTP/1\.1" 200 10'
    for name in ("logs/transfer", "logs/clf"):
        assert [re.fullmatch(common, line) is not None for line in lines(made, name)] == [True]


def test_a_nickname_may_be_defined_after_its_use_and_in_any_letter_case(site):
    made = site('CustomLog logs/x Short\nLogFormat "%m" SHORT\nLogFormat "%U" short', FILES)
    made.get("/a.txt")
    assert lines(made, "logs/x") == ["/a.txt"]


def test_a_name_nobody_defined_is_a_format_of_its_own(site):
    made = site("CustomLog logs/x nobody", FILES)
    made.get("/a.txt")
    assert lines(made, "logs/x") == ["nobody"]


def test_a_log_format_without_a_name_is_that_of_transfer_logs_wherever_they_stand(site):
    made = site('TransferLog logs/x\nLogFormat "t %U"', FILES)
    made.get("/a.txt")
    assert lines(made, "logs/x") == ["t /a.txt"]


def test_a_condition_asks_whether_a_variable_is_set(site):
    conf = "SetEnv v 1\n" + "\n".join(
        f'CustomLog logs/{name} "%U" env={clause}'
        for name, clause in (("a", "V"), ("b", "!v"), ("c", "!w"), ("d", "w"))
    )
    made = site(conf, FILES)
    made.get("/a.txt")
    assert [len(lines(made, f"logs/{name}")) for name in "abcd"] == [1, 0, 1, 0]


def test_a_virtual_host_has_its_own_logs_or_else_the_servers(site):
    made = site('CustomLog logs/main "%v"' + HOSTS.format(one='CustomLog logs/one "%v"', two=""), FILES)
    for host in ("one.test", "two.test"):
        made.get("/a.txt", headers={"Host": host})
    assert (lines(made, "logs/main"), lines(made, "logs/one")) == (["two.test"], ["one.test"])


def test_of_two_definitions_of_a_nickname_the_main_servers_counts(site):
    own = 'LogFormat "own" nick\nLogFormat "new" fresh\nCustomLog logs/a nick\nCustomLog logs/b fresh'
    made = site('LogFormat "main" nick' + HOSTS.format(one=own, two=""), FILES)
    made.get("/a.txt", headers={"Host": "one.test"})
    assert (lines(made, "logs/a"), lines(made, "logs/b")) == (["main"], ["new"])


def test_only_the_body_is_counted_and_not_how_it_is_framed(site):
    script = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello\\n'\n"
    made = site('ScriptAlias /cgi-bin/ @ROOT@/cgi-bin/\nCustomLog logs/x "%b %B %R"', {"cgi-bin/c": script})
    assert b"chunked" in made.get("/cgi-bin/c").raw
    assert lines(made, "logs/x") == ["6 6 cgi-script"]


def test_a_piped_log_gets_every_line(site):
    made = site('CustomLog "|cat >> \'@ROOT@/logs/out file\'" "%U"', FILES)
    made.get("/a.txt")
    (log,) = made.server.state["log_config_module"].logs
    made.server.close()

    os.waitpid(log.pid, 0)
    assert lines(made, "logs/out file") == ["/a.txt"]


def test_a_request_that_could_not_be_read_is_logged_as_well(site):
    made = site('CustomLog logs/x "%s \\"%r\\" %f"', FILES)
    made.talk(b"GET /a.txt HTTP/1.1\r\n\r\n")
    assert lines(made, "logs/x") == ['400 "GET /a.txt HTTP/1.1" -']


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("CustomLog logs/x %Z", "Unrecognized LogFormat directive %Z"),
        ('LogFormat "%{a" x', "Ran off end of LogFormat parsing args to some directive"),
        ("CustomLog logs/x common if=foo", "error in condition clause"),
        ("CustomLog logs/x common env=!", "missing environment variable name"),
        ("<Directory />\nCustomLog logs/x common\n</Directory>", "CustomLog not allowed here"),
    ],
)
def test_mistakes_are_named_in_apaches_words(site, line, message):
    with pytest.raises(ConfigError) as raised:
        site(line)
    assert raised.value.diagnostics[0].message == message


def test_a_log_that_cannot_be_opened_stops_the_start_and_is_in_the_error_log(site, tmp_path):
    with pytest.raises(ValueError) as raised:
        site("CustomLog /nonexistent/logs/a %h")
    text = "(2)No such file or directory: could not open transfer log file /nonexistent/logs/a."
    assert str(raised.value) == text
    assert f"[error] {text}\n" in (tmp_path / "logs/error_log").read_text()
