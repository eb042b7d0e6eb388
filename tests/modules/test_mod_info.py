"""mod_info: the page, its parts, and what it does not tell."""

import pytest

CONF = """
LoadModule info_module modules/mod_info.so
LoadModule alias_module modules/mod_alias.so
LoadModule mime_module modules/mod_mime.so
LoadModule authz_host_module modules/mod_authz_host.so
Alias /icons "@ROOT@/icons & more/"
<Location /info>
    SetHandler server-info
    Order allow,deny
    Allow from all
</Location>
<Directory "@ROOT@/htdocs">
    RedirectMatch ^/old$ /new
</Directory>
"""


@pytest.fixture
def page(get):
    def fetch(query: str = "", conf: str = "", **asked: object) -> str:
        return get(f"/info{query}", CONF + conf, **asked).text

    return fetch


def test_the_whole_page_has_settings_hooks_and_every_module(page):
    text = page()
    assert text.startswith("<!DOCTYPE html PUBLIC")
    for part in ('<a name="server">', '<a name="startup_hooks">', '<a name="request_hooks">'):
        assert part in text
    assert '<a name="mod_alias.c"><strong>Module Name:</strong></a>' in text
    assert '<a name="core.c">' in text


def test_list_is_the_modules_the_last_loaded_first(page):
    text = page("?list")
    assert (
        "<dt>Server Module List</dt><dd>mod_authz_host.c</dd><dd>mod_mime.c</dd><dd>mod_alias.c</dd>" in text
    )
    assert "Server Settings" not in text


def test_server_is_the_settings_alone(page):
    text = page("?server", "TimeOut 42\nKeepAliveTimeout 7\n")
    assert "<dt><strong>Timeouts:</strong> <tt>connection: 42 &nbsp;&nbsp; keep-alive: 7</tt></dt>" in text
    assert "<tt>www.example.com:80</tt>" in text
    assert "Module Name" not in text


def test_hooks_tell_who_is_asked_in_order(page):
    text = page("?hooks")
    start = text.index("<strong>Translate Name:</strong>")
    assert '10 <a href="?mod_alias.c">mod_alias.c</a>' in text[start : text.index("Check Access")]


def test_config_is_the_lines_as_they_stand(page):
    text = page("?config")
    assert "<dd><tt><strong>In file: " in text
    assert "Alias <i>/icons &quot;" in text
    assert "icons &amp; more/&quot;</i>" in text
    assert ":&nbsp;&nbsp;&nbsp;SetHandler <i>server-info</i>" in text
    assert "&lt;/Location&gt;" in text


def test_a_module_shows_its_directives_and_just_its_lines_with_their_sections(page):
    text = page("?mod_alias.c")
    assert "<dd><tt>AliasMatch - <i>" in text
    assert "Alias <i>/icons" in text
    assert "RedirectMatch <i>^/old$ /new</i>" in text
    assert "&lt;Directory " in text
    assert "SetHandler" not in text
    assert "<tt>Translate Name</tt>" in text
    assert "mod_mime.c" not in text


def test_the_names_of_parts_and_modules_are_known_in_any_case(page):
    assert "Module Name:" in page("?MOD_ALIAS.C")
    assert "Server Module List" in page("?List")


def test_an_unknown_module_is_said_to_be_none(page):
    assert "<p><b>No such module</b></p>" in page("?mod_foo.c")


def test_a_site_can_say_more_of_a_module(page):
    text = page("?mod_alias.c", 'AddModuleInfo mod_alias.c "see <a href=\\"/x\\">here</a>"\n')
    assert '<strong>Additional Information:</strong>\n</dt><dd>see <a href="/x">here</a></dd>' in text
    assert "Additional" not in page("?mod_mime.c", "AddModuleInfo mod_alias.c x\n")


def test_a_virtual_hosts_words_come_before_the_servers(page):
    conf = (
        "AddModuleInfo mod_alias.c main\nNameVirtualHost *\n"
        "<VirtualHost *>\nAddModuleInfo mod_alias.c virtual\n</VirtualHost>\n"
    )
    assert "<dd>virtual</dd>" in page("?mod_alias.c", conf)


def test_only_get_and_head_are_answered(get):
    assert get("/info", CONF, method="POST", body=b"x").status == 404
    assert get("/info", CONF, method="HEAD").status == 200
