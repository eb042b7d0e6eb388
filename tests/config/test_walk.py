"""The walk: where a line may stand, what is said of one that may not, and where its value goes."""

import pytest

from pyhttpd.config import reader
from pyhttpd.config.directive import ACCEPTED, Override, Where, Within, setting
from pyhttpd.config.merge import EXTEND, Layer, merged
from pyhttpd.config.registry import Registry
from pyhttpd.config.walk import MOST_ERRORS, Context, walk
from pyhttpd.core.core_module import PerDir, PerServer
from pyhttpd.core.core_module import module as core
from pyhttpd.core.module import Module
from pyhttpd.core.site import Site
from pyhttpd.diagnostics import ConfigError


def layer_of(text, *modules, site=None, name="httpd.conf", **context):
    """The layer that a configuration becomes, or ConfigError."""
    site = site or Site("/root", "event")
    layer = Layer()
    tree = reader.read_text(text, name, site)
    registry = Registry([core, *modules])
    walk(tree.root, registry, Context(site, None, layer, **context), registry.explain)
    return layer


def refused(text, *modules, **more):
    """The diagnostics of a configuration that is refused."""
    with pytest.raises(ConfigError) as caught:
        layer_of(text, *modules, **more)
    return caught.value.diagnostics


def in_section(section, line):
    return f"<{section}>\n{line}\n</{section.split()[0]}>\n"


def test_a_line_is_written_where_it_stands():
    layer = layer_of("Timeout 9\n<Directory /a>\nDefaultType a/b\n</Directory>\n")
    (scope,) = layer.settings(PerServer).directories
    assert layer.settings(PerServer).timeout == 9
    assert layer.settings(PerDir).default_type == "text/plain"
    assert scope.layer.settings(PerDir).default_type == "a/b"
    assert scope.selector.text == "/a"
    assert str(scope) == "<Directory /a> at httpd.conf:2"
    assert [str(place) for place in layer.origin(PerServer, "timeout")] == ["httpd.conf:1"]


def test_files_inside_of_a_directory_belong_to_it():
    layer = layer_of(in_section("Directory /a", in_section("Files x", "DefaultType a/b").strip()))
    (directory,) = layer.settings(PerServer).directories
    (files,) = directory.layer.settings(PerDir).files
    assert files.layer.settings(PerDir).default_type == "a/b"
    assert layer.settings(PerDir).files == ()


def test_a_virtual_hosts_lines_are_server_lines():
    layer = layer_of("ServerName a\n<VirtualHost *:80>\nServerName b\nDefaultType x/y\n</VirtualHost>\n")
    (host,) = layer.settings(PerServer).virtual_hosts
    assert host.selector == ("*:80",)
    assert (layer.settings(PerServer).name, host.layer.settings(PerServer).name) == ("a", "b")
    assert host.layer.settings(PerDir).default_type == "x/y"


MISPLACED = {
    "AllowOverride None": "AllowOverride not allowed here",
    "<Directory /a>\nServerName x\n</Directory>": "ServerName not allowed here",
    "<Directory /a>\n<Directory /b>\n</Directory>\n</Directory>": "<Directory not allowed here",
    "<Directory /a>\n<Location /b>\n</Location>\n</Directory>": "<Location not allowed here",
    "<Directory /a>\n<VirtualHost *>\n</VirtualHost>\n</Directory>": "<VirtualHost not allowed here",
    "<Files a>\n<DirectoryMatch b>\n</DirectoryMatch>\n</Files>": "<DirectoryMatch not allowed here",
    "<VirtualHost *>\n<VirtualHost *>\n</VirtualHost>\n</VirtualHost>": (
        "<VirtualHost> cannot occur within <VirtualHost> section"
    ),
    "<VirtualHost *>\nServerTokens Prod\n</VirtualHost>": (
        "ServerTokens cannot occur within <VirtualHost> section"
    ),
    "<Limit GET>\n<Limit PUT>\n</Limit>\n</Limit>": "<Limit> cannot occur within <Limit> section",
    "<Location /a>\n<Files b>\n</Files>\n</Location>": "<Files> cannot occur within <Location> section",
    "<Limit GET>\n<Files b>\n</Files>\n</Limit>": "<Files> cannot occur within <Limit> section",
    "<Limit GET>\nTimeout 1\n</Limit>": "TimeOut cannot occur within <Limit> section",
    "<Directory /a>\n<Limit GET>\nAllowOverride None\n</Limit>\n</Directory>": (
        "AllowOverride cannot occur within <Limit> section"
    ),
    "<Limit GET>\nUseCanonicalName On\n</Limit>": "UseCanonicalName cannot occur within <Limit> section",
}


@pytest.mark.parametrize("text", MISPLACED, ids=lambda text: text.replace("\n", " "))
def test_a_line_that_may_not_stand_there_is_refused_in_apaches_words(text):
    (found,) = refused(text)
    assert found.message == MISPLACED[text]


@pytest.mark.parametrize("section", ["Directory /a", "Location /a", "Files a", "DirectoryMatch a"])
def test_the_section_of_a_misplaced_line_is_named(section):
    (found,) = refused("\n" + in_section(section, "ServerAdmin x"))
    assert (found.location.line, found.section.line) == (3, 2)


def test_without_override_nothing_may_stand_in_htaccess_that_wants_a_class():
    known = {"where": Where.DIRECTORY, "path": "/a/"}
    (found,) = refused("Options None", override=Override.FILEINFO, **known)
    assert found.message == "Options not allowed here"
    layer = layer_of("ErrorDocument 404 /x", override=Override.FILEINFO, **known)
    assert layer.settings(PerDir).error_documents == {404: "/x"}


COUNTS = {
    "ServerName": "ServerName takes one argument, host name and port this server calls itself",
    "ServerName a b": "ServerName takes one argument, host name and port this server calls itself",
    "Suexec": "Suexec must be On or Off",
    "Suexec on off": "Suexec must be On or Off",
    "MergeTrailers maybe": "MergeTrailers must be On or Off",
    "LimitInternalRecursion 1 2 3": "LimitInternalRecursion takes 1-2 arguments, ",
    "AddOutputFilterByType x": "AddOutputFilterByType requires at least two arguments, ",
    "ErrorDocument 404": "ErrorDocument takes two arguments, ",
}


@pytest.mark.parametrize("text", COUNTS)
def test_a_wrong_number_of_words(text):
    (found,) = refused(text)
    assert found.message.startswith(COUNTS[text])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<Directory>\n</Directory>", "<Directory> directive requires additional arguments"),
        ("<Directory ~>\n</Directory>", "<Directory> directive requires additional arguments"),
        ("<Directory /a /b>\n</Directory>", "Multiple <Directory> arguments not (yet) supported."),
        ("<DirectoryMatch (>\n</DirectoryMatch>", "Regex could not be compiled"),
        ("<Files ~ (>\n</Files>", "Regex could not be compiled"),
        ("<Limit TRACE>\n</Limit>", "TRACE cannot be controlled by <Limit>, see TraceEnable"),
    ],
)
def test_the_argument_of_a_section(text, message):
    (found,) = refused(text)
    assert found.message == message


def test_an_unknown_name_is_refused_in_apaches_words_with_a_hint():
    (found,) = refused("ServerNam x")
    assert found.message == (
        "Invalid command 'ServerNam', perhaps misspelled or defined by a module not included "
        "in the server configuration"
    )
    assert (found.code, found.hint) == ("unknown-directive", "did you mean ServerName?")
    (found,) = refused("<Nowhere>\n</Nowhere>")
    assert found.message.startswith("Invalid command '<Nowhere'")


@pytest.mark.parametrize("text", ["<ServerName x>\n</ServerName>", "Directory /a"])
def test_a_section_is_no_line_and_a_line_no_section(text):
    assert refused(text)[0].code == "unknown-directive"


def test_the_word_that_is_wrong_is_pointed_at():
    (found,) = refused("Timeout 1\n  LogLevel   loud\n")
    assert (found.location.line, found.location.column, found.location.end_column) == (2, 14, 18)


def test_all_that_is_wrong_is_told_at_once_the_first_as_apache_would():
    found = refused("Foo\nTimeout 1\n<Directory /a>\nBar\nServerName x\n</Directory>\nBaz\n")
    assert [one.location.line for one in found] == [1, 4, 5, 7]


def test_after_twenty_it_is_enough():
    assert len(refused("Foo\n" * 50)) == MOST_ERRORS == 20


def test_limit_speaks_for_the_section_around_it_of_some_methods_only():
    text = "<Directory /a>\n<Limit PUT HEAD>\nRequire user x\n</Limit>\nRequire user y\n</Directory>\n"
    (scope,) = layer_of(text).settings(PerServer).directories
    limited, plain = scope.layer.settings(PerDir).requires
    assert (plain.words, plain.methods) == (("y",), None)
    assert limited.methods.names == {"PUT", "GET"}
    got = [method in limited.methods for method in ("GET", "HEAD", "PUT", "POST")]
    assert got == [True, True, True, False]


def test_limit_except_is_the_rest():
    text = "<Location /a>\n<LimitExcept GET>\nSatisfy any\n</LimitExcept>\n</Location>\n"
    (scope,) = layer_of(text).settings(PerServer).locations
    (rule,) = scope.layer.settings(PerDir).satisfy
    assert [method in rule.methods for method in ("GET", "HEAD", "PUT", "XYZ")] == [False, False, True, True]


class Both:
    """A module with a field of the same name for servers and for places."""

    def __init__(self):
        from dataclasses import dataclass

        @dataclass(frozen=True, slots=True)
        class Server:
            rules: tuple[str, ...] = merged((), EXTEND)

        @dataclass(frozen=True, slots=True)
        class Place:
            rules: tuple[str, ...] = merged((), EXTEND)
            idle: str = setting("Idle", "", doc="nothing", status=ACCEPTED("there is nothing to do"))

        self.server, self.place = Server, Place
        self.module = Module("both_module", per_server=Server, per_dir=Place)

        @self.module.directive("Rule", into="rules", raw=True)
        def rule(ctx, line):
            """a rule"""
            return (f"{line}|{ctx.name}|{ctx.path}|{ctx.virtual}|{ctx.htaccess}",)

        @self.module.directive("Fail", into="rules")
        def fail(word):
            """never"""
            raise ValueError("it cannot be done")


def test_of_two_fields_with_one_name_the_place_decides():
    both = Both()
    layer = layer_of("rule a  b\n<Directory /x>\nRULE c\n</Directory>\n", both.module)
    (scope,) = layer.settings(PerServer).directories
    assert layer.settings(both.server).rules == ("a  b|rule|None|False|False",)
    assert layer.settings(both.place).rules == ()
    assert scope.layer.settings(both.place).rules == ("c|RULE|/x|False|False",)


def test_a_directive_knows_where_it_stands():
    both = Both()
    layer = layer_of("<VirtualHost *>\nRule a\n</VirtualHost>\n", both.module)
    (host,) = layer.settings(PerServer).virtual_hosts
    assert host.layer.settings(both.server).rules == ("a|Rule|None|True|False",)


def test_a_function_that_refuses_is_about_the_line():
    (found,) = refused("Fail x", Both().module)
    assert (found.message, found.location.line) == ("it cannot be done", 1)


def test_a_directive_without_effect_is_noted_and_not_refused():
    site = Site("/root", "event")
    layer_of("Idle yes", Both().module, site=site)
    (notice,) = site.warnings
    assert (notice.level, notice.location.line) == ("info", 1)
    assert notice.message == "Idle has no effect here: there is nothing to do"


def test_paths_are_relative_to_server_root():
    context = Context(Site("/root", "event"), None, Layer(), within=Within.VIRTUALHOST)
    assert context.server_path("logs/../x") == "/root/x"
    assert context.server_path("/x") == "/x"
    assert context.server_path("") == ""
    assert context.virtual
    assert not context.htaccess
