"""What AllowOverride lets an .htaccess file say: each class by itself, and Options by name."""

import pytest

from pyhttpd.config import reader
from pyhttpd.config.directive import Override, Where
from pyhttpd.config.merge import Layer
from pyhttpd.config.registry import Registry
from pyhttpd.config.walk import Context, walk
from pyhttpd.core.core_module import PerDir
from pyhttpd.core.core_module import module as core
from pyhttpd.core.options import Opt, read_override
from pyhttpd.core.site import Site
from pyhttpd.diagnostics import ConfigError

CLASSES = (Override.LIMIT, Override.OPTIONS, Override.FILEINFO, Override.AUTHCONFIG, Override.INDEXES)
ADMITTED = {
    "Options None": Override.OPTIONS,
    "ContentDigest On": Override.OPTIONS,
    "ErrorDocument 404 /x": Override.FILEINFO,
    "DefaultType a/b": Override.FILEINFO,
    "ForceType a/b": Override.FILEINFO,
    "SetHandler x": Override.FILEINFO,
    "SetOutputFilter x": Override.FILEINFO,
    "FileETag None": Override.FILEINFO,
    "AcceptPathInfo On": Override.FILEINFO,
    "AddDefaultCharset utf-8": Override.FILEINFO,
    "AuthType Basic": Override.AUTHCONFIG,
    "AuthName x": Override.AUTHCONFIG,
    "Require valid-user": Override.AUTHCONFIG,
    "Satisfy any": Override.AUTHCONFIG,
    "ServerSignature On": Override.ALL,
    "LimitRequestBody 9": Override.ALL,
    "<Files x>\n</Files>": Override.ALL,
    "<FilesMatch x>\n</FilesMatch>": Override.ALL,
    "<Limit GET>\n</Limit>": Override.ALL,
    "<LimitExcept GET>\n</LimitExcept>": Override.ALL,
}
NEVER = (
    "AllowOverride All", "ServerName x", "Timeout 1", "DocumentRoot /", "UseCanonicalName On",
    "HostnameLookups On", "<Directory /x>\n</Directory>", "<Location /x>\n</Location>",
    "<VirtualHost *>\n</VirtualHost>", "Include /x", "LoadModule x y",
)  # fmt: skip


def layer_of(text, classes=Override.ALL, options=None):
    """The layer of an .htaccess file, or ConfigError."""
    site, layer = Site("/root", "event"), Layer()
    tree = reader.read_text(text, "/a/.htaccess", site, htaccess=True)
    context = Context(site, None, layer, where=Where.DIRECTORY, path="/a/", override=classes, options=options)
    walk(tree.root, Registry([core]), context, lambda name: "")
    return layer


def refusal(text, *context):
    with pytest.raises(ConfigError) as caught:
        layer_of(text, *context)
    return caught.value.diagnostics[0].message


@pytest.mark.parametrize("text", ADMITTED)
def test_a_line_is_admitted_by_its_class_and_no_other(text):
    for one in CLASSES:
        if one in ADMITTED[text]:
            layer_of(text, one)
        else:
            assert refusal(text, one).endswith(" not allowed here")


@pytest.mark.parametrize("text", NEVER)
def test_some_lines_are_never_admitted(text):
    message = refusal(text)
    assert message.endswith(" not allowed here") or message.startswith("Invalid command ")


def test_what_is_said_of_a_line_in_a_files_section_holds_as_well():
    assert refusal("<Files x>\nOptions None\n</Files>", Override.FILEINFO) == "Options not allowed here"


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("Indexes", None), ("+Indexes -MultiViews", None), ("None", None), ("-Indexes", None),
        ("Indexes ExecCGI", "ExecCGI"), ("+FollowSymLinks", "FollowSymLinks"), ("All", "All"),
        ("-ExecCGI", "ExecCGI"), ("IncludesNOEXEC", "IncludesNOEXEC"),
    ],
)  # fmt: skip
def test_options_may_be_admitted_by_name(line, refused):
    allowed = read_override(["Options=Indexes,MultiViews"])
    assert allowed.options == Opt.INDEXES | Opt.MULTIVIEWS
    if refused:
        assert refusal(f"Options {line}", *allowed) == f"Option {refused} not allowed here"
    else:
        layer_of(f"Options {line}", *allowed)


def test_conditions_are_decided_while_reading():
    text = "<IfModule core_module>\nDefaultType a/b\n</IfModule>\n<IfModule none>\nNonsense\n</IfModule>\n"
    site = Site("/root", "event")
    site.add([core])
    tree = reader.read_text(text, "/a/.htaccess", site, htaccess=True)
    layer = Layer()
    context = Context(site, None, layer, where=Where.DIRECTORY, override=Override.ALL)
    walk(tree.root, Registry([core]), context, lambda name: "")
    assert layer.settings(PerDir).default_type == "a/b"
