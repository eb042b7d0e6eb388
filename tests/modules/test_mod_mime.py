"""mod_mime: what the extensions of a name say."""

import pytest

from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules.mod_mime import read_types

CONF = """
AddType text/x-one .one
AddType TEXT/x-two TWO
AddCharset UTF-8 .u8
AddLanguage en .en
AddLanguage pt-BR .br
AddEncoding x-gzip .gz
AddEncoding x-compress .z
"""


@pytest.mark.parametrize(
    ("name", "kind", "languages", "encoding"),
    [
        ("a.one", "text/x-one", None, None),
        ("a.ONE", "text/x-one", None, None),
        ("a.one.two", "text/x-two", None, None),
        ("a.one.nothing", "text/x-one", None, None),
        ("a..one", "text/x-one", None, None),
        ("one.txt", "text/plain", None, None),
        (".html", "text/html", None, None),
        ("a.en.html.u8", "text/html; charset=utf-8", "en", None),
        ("a.br.html.en", "text/html", "pt-br,en", None),
        ("a.txt.gz.z", "text/plain", None, "x-gzip, x-compress"),
        ("a", "text/plain", None, None),
    ],
)
def test_every_extension_counts(get, name, kind, languages, encoding):
    answer = get(f"/{name}", conf=CONF, files={f"htdocs/{name}": "x"})
    told = [answer.headers.get(f"Content-{field}") for field in ("Type", "Language", "Encoding")]
    assert told == [kind, languages, encoding]


def test_a_charset_takes_the_place_of_the_types_own(get):
    conf = 'AddType "text/x; charset=a; b=c" .x\nAddCharset u .u'
    files = {"htdocs/f.x.u": "", "htdocs/f.x": ""}
    assert get("/f.x.u", conf=conf, files=files).headers["Content-Type"] == "text/x; charset=u; b=c"
    assert get("/f.x", conf=conf, files=files).headers["Content-Type"] == "text/x; charset=a; b=c"


def test_a_place_adds_and_removes(site):
    lines = "AddType text/x-own .own\nRemoveType one html\nRemoveLanguage .en"
    files = {f"htdocs/a.{name}": "" for name in ("own", "one", "html", "txt.en")}
    one = site(f"{CONF}<Location />\n{lines}\n</Location>", files)
    assert one.get("/a.own").headers["Content-Type"] == "text/x-own"
    assert one.get("/a.one").headers["Content-Type"] == "text/plain"
    assert one.get("/a.html").headers["Content-Type"] == "text/plain"
    assert "Content-Language" not in one.get("/a.txt.en").headers


def test_the_default_language_is_for_files_that_tell_none(site):
    one = site(CONF + "DefaultLanguage nl", {"htdocs/a.txt": "", "htdocs/a.txt.en": ""})
    assert one.get("/a.txt").headers["Content-Language"] == "nl"
    assert one.get("/a.txt.en").headers["Content-Language"] == "en"


def test_path_info_counts_only_where_it_was_asked_for(site):
    conf = "AcceptPathInfo On\n<Location /on>\nModMimeUsePathInfo On\n</Location>"
    one = site(conf, {"htdocs/on": "", "htdocs/off": ""})
    assert one.get("/on/x.html").headers["Content-Type"] == "text/html"
    assert one.get("/off/x.html").headers["Content-Type"] == "text/plain"


def test_types_files_name_a_type_and_its_extensions(tmp_path):
    path = tmp_path / "mime.types"
    path.write_text("# comment x\n\ntext/a  A b\ntext/none\n")
    assert read_types(str(path), may_lack=False) == {"a": "text/a", "b": "text/a"}


def test_a_configured_types_file_must_be_there(tmp_path):
    with pytest.raises(ValueError, match="could not open mime types config file"):
        read_types(str(tmp_path / "none"), may_lack=False)
    assert read_types(str(tmp_path / "none"), may_lack=True)["html"] == "text/html"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("AddType text/x", "AddType requires at least two arguments, a mime type followed by one or"),
        ("MultiviewsMatch Never", "Unrecognized option 'Never'"),
        ("MultiviewsMatch Any Handlers", "Handlers is incompatible with Any and NegotiatedOnly"),
        ("MultiviewsMatch Filters\nMultiviewsMatch any", "Any is incompatible with NegotiatedOnly"),
        ("<Location />\nMultiviewsMatch Any\n</Location>", "cannot occur within <Location> section"),
        ("ModMimeUsePathInfo On", "ModMimeUsePathInfo not allowed here"),
    ],
)
def test_wrong_lines_are_refused_in_apaches_words(site, line, message):
    with pytest.raises(ConfigError) as error:
        site(line)
    assert message in str(error.value)
