"""mod_autoindex: what a listing shows, in which order and dress, and what the client may choose."""

import os
import re
from itertools import pairwise

import pytest

from pyhttpd.diagnostics import ConfigError
from pyhttpd.modules.mod_autoindex.options import OPTIONS, Ix, Options, read_options
from pyhttpd.modules.mod_autoindex.page import cut_description, short_size
from pyhttpd.modules.mod_autoindex.query import read_query
from pyhttpd.modules.mod_autoindex.sorting import compare_names

FILES = {"htdocs/d/b.txt": "bb", "htdocs/d/A.html": "<TITLE>One\nTwo</title>", "htdocs/d/sub/x.txt": "x"}
INDEXES = "<Directory @ROOT@/htdocs>\nOptions Indexes FollowSymLinks\nAllowOverride All\n</Directory>\n"


def names(answer):
    return re.findall(r'<a href="([^"?]+)">(?!<img)', answer.text)


def test_a_directory_without_an_index_is_listed(get):
    answer = get("/d/", INDEXES, FILES)
    assert names(answer) == ["/", "A.html", "b.txt", "sub/"]
    assert answer.headers.get("Content-Type") == "text/html;charset=ISO-8859-1"


def test_without_options_indexes_it_is_forbidden(get):
    answer = get("/d/", "<Directory @ROOT@/htdocs>\nOptions None\n</Directory>", FILES)
    assert answer.status == 403
    assert "Directory index forbidden by Options directive: " in answer.log


def test_only_get_and_head_are_answered(get):
    assert get("/d/", INDEXES, FILES, method="POST", body=b"x").status == 404
    head = get("/d/", INDEXES, FILES, method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_what_the_client_may_not_have_is_not_shown(get):
    closed = INDEXES + '<Files "*.txt">\nOrder allow,deny\n</Files>\n'
    assert names(get("/d/", closed, FILES)) == ["/", "A.html", "sub/"]
    assert "b.txt" in names(get("/d/", closed + "IndexOptions ShowForbidden", FILES))


def test_links_are_followed_and_broken_ones_left_out(site):
    made = site(INDEXES + "IndexOptions FancyIndexing", FILES)
    (made.root / "htdocs/d/broken").symlink_to("nowhere")
    (made.root / "htdocs/d/link").symlink_to("sub")
    os.mkfifo(made.root / "htdocs/d/pipe")
    assert names(made.get("/d/")) == ["/", "A.html", "b.txt", "link/", "sub/"]


def test_ignored_names_add_up_and_speak_of_the_place_they_are_said_for(get):
    conf = INDEXES + "IndexIgnore b.txt\n<Directory @ROOT@/htdocs/d/sub>\nIndexIgnore *\n</Directory>\n"
    files = {**FILES, "htdocs/d/.htaccess": "IndexIgnore *.html .ht*\n", "htdocs/d/ab.txt": ""}
    assert names(get("/d/", conf, files)) == ["/", "ab.txt", "sub/"]
    assert names(get("/d/sub/", conf, files)) == []


def test_icons_texts_and_descriptions_are_found_by_name_type_and_encoding(get):
    conf = INDEXES + (
        "IndexOptions FancyIndexing SuppressLastModified SuppressSize\n"
        "DefaultIcon /i/none\nAddEncoding x-gzip gz\nAddIcon (TXT,/i/text) .txt\n"
        "AddIconByType (IMG,/i/image) image/*\n"
        "AddIconByEncoding /i/zip X-GZIP\n"
        "AddAltByEncoding zipped x-gzip\nAddIcon /i/up ..\nAddIcon /i/dir **DIRECTORY**\nAddAlt [x] *.bin\n"
        'AddDescription "a <b>b</b>" b.txt\nAddDescription "folder" s?b\nAddDescription "at d" d/x.bin\n'
    )
    files = {**FILES, "htdocs/d/p.gif": "", "htdocs/d/p.gif.gz": "", "htdocs/d/x.bin": ""}
    row = r'<img src="([^"]+)" alt="\[(.*?)\]"> <a href="([^"]+)">[^<]*</a> *(.*)'
    rows = re.findall(row, get("/d/", conf, files).text)
    assert rows == [
        ("/i/up", "DIR", "/", ""),
        ("/i/none", "   ", "A.html", ""),
        ("/i/text", "TXT", "b.txt", "a <b>b</b>"),
        ("/i/image", "IMG", "p.gif", ""),
        ("/i/zip", "zipped", "p.gif.gz", ""),
        ("/i/dir", "DIR", "sub/", "folder"),
        ("/i/none", "[x]", "x.bin", "at d"),
    ]


def test_titles_stand_in_for_descriptions(get):
    text = get("/d/", INDEXES + "IndexOptions FancyIndexing ScanHTMLTitles", FILES).text
    assert re.search(r"A\.html</a>.*  One Two$", text, re.MULTILINE)


def test_header_and_readme_are_served_or_quoted(get):
    conf = INDEXES + "HeaderName /top.html\nReadmeName end.txt\nIndexIgnore *\n"
    files = {**FILES, "htdocs/top.html": "<p>top</p>\n", "htdocs/d/end.txt": "a < b & c\n"}
    body = get("/d/", conf, files).text
    assert body.endswith(" <body>\n<p>top</p>\n<ul></ul>\n<pre>\na &lt; b &amp; c\n</pre>\n</body></html>\n")


def test_a_header_that_is_missing_leaves_the_heading(get):
    assert "<h1>Index of /d</h1>\n" in get("/d/", INDEXES + "HeaderName none.html", FILES).text


def test_names_are_escaped_and_cut_by_bytes(get):
    files = {"htdocs/e/%s<\u00e9>&.txt" % ("n" * 17): "", "htdocs/e/a:b": ""}
    body = get("/e/", INDEXES + "IndexOptions FancyIndexing", files).body.decode("utf-8", "replace")
    assert 'href="./a:b"' in body
    assert 'href="nnnnnnnnnnnnnnnnn%3c%c3%a9%3e&amp;.txt">nnnnnnnnnnnnnnnnn&lt;\u00e9..&gt;</a>' in body


def test_a_width_of_nothing_is_the_usual_one(get):
    assert get("/d/", INDEXES + "IndexOptions FancyIndexing NameWidth=x", FILES).status == 200


def test_a_pattern_goes_along_in_the_links_and_cannot_break_out_of_them(get):
    answer = get("/d/?C=S;O=D&P=%22%3e*%5c", INDEXES + "IndexOptions FancyIndexing", FILES)
    assert '<a href="?C=S;O=A;P=%22%3e*%5c">Size</a>' in answer.text
    assert names(answer) == ["/"]


def test_track_modified_dates_the_listing(get):
    answer = get("/d/", INDEXES + "IndexOptions TrackModified", FILES)
    assert "Last-Modified" in answer.headers


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("IndexOptions Frob", "Invalid directory indexing option"),
        ("IndexOptions +None", "Cannot combine '+' or '-' with 'None' keyword"),
        ("IndexOptions None XHTML", "Cannot combine other IndexOptions keywords with 'None'"),
        (
            "IndexOptions XHTML\nIndexOptions +NameWidth",
            "NameWidth with no value may only appear as '-NameWidth'",
        ),
        ("IndexOptions -NameWidth=9", "Cannot combine '-' with NameWidth=n"),
        ("IndexOptions NameWidth=4", "NameWidth value must be greater than 5"),
        ("IndexOptions DescriptionWidth=11", "DescriptionWidth value must be greater than 12"),
        ("IndexOrderDefault Up Name", "First keyword must be 'Ascending' or 'Descending'"),
        (
            "FancyIndexing on",
            "The FancyIndexing directive is no longer supported.  Use IndexOptions FancyIndexing.",
        ),
        ("AddIcon (IMG,/i .gif", "missing closing paren"),
    ],
)
def test_mistakes_are_named_in_apaches_words(site, line, message):
    with pytest.raises(ConfigError) as raised:
        site(line)
    assert raised.value.diagnostics[0].message == message


def options(*words):
    return read_options(words, Options())


def test_options_without_a_sign_replace_what_is_inherited():
    outer = options("FancyIndexing", "XHTML", "NameWidth=*", "Charset=x")
    inner = OPTIONS.inherit(outer, options("HTMLTable", "+IgnoreCase"))
    assert (inner.on, inner.name_width, inner.charset) == (Ix.TABLE, -1, "x")


def test_options_with_a_sign_change_what_is_inherited_and_go_on_below():
    outer = options("FancyIndexing", "XHTML")
    middle = OPTIONS.inherit(outer, options("+IgnoreCase", "-XHTML"))
    assert middle.on == Ix.FANCY | Ix.IGNORE_CASE
    assert OPTIONS.inherit(middle, Options()).on == middle.on
    assert OPTIONS.inherit(middle, options("None")).on == Ix.NONE
    assert OPTIONS.inherit(options("None"), options("+XHTML")).on == Ix.XHTML


def test_any_other_line_of_a_section_makes_the_outer_signs_count(get):
    conf = "IndexOptions +FancyIndexing\n" + INDEXES
    assert "<pre>" not in get("/d/", conf, FILES).text
    assert "<pre>" in get("/d/", conf, {**FILES, "htdocs/d/.htaccess": "IndexIgnore x\n"}).text


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        (None, ("N", "A", None, "")),
        ("C=S;O=D", ("S", "D", None, "")),
        ("C=S&O=D&X=Go&C=M", ("S", "D", None, "")),
        ("C=X;O=D", ("N", "A", None, "")),
        ("F=2;V=1;P=*.x", ("N", "A", "*.x", ";F=2;V=1;P=*.x")),
        ("P=;C=D", ("D", "A", None, "")),
        ("P=%zz", ("N", "A", None, "")),
        ("C=NN", ("N", "A", None, "")),
    ],
)
def test_the_query_is_read_up_to_the_first_unknown_word(text, chosen):
    query = read_query(text, Ix.FANCY, "N", "A")
    assert (query.column, query.direction, query.pattern, query.carried) == chosen


def test_the_query_is_ignored_where_the_client_has_no_say():
    query = read_query("C=S;F=0", Ix.FANCY | Ix.IGNORE_CLIENT, "M", "D")
    assert (query.column, query.direction, query.fancy) == ("M", "D", True)
    assert Ix.NO_SORTING in query.options


def test_patterns_leave_dots_to_themselves():
    assert not read_query("P=*", Ix.NOTHING, "N", "A").shows(".x")
    assert read_query("P=.*", Ix.NOTHING, "N", "A").shows(".x")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (-1, "  - "), (0, "  0 "), (972, "972 "), (973, "1.0K"), (1024, "1.0K"), (1536, "1.5K"),
        (9 * 1024 + 972, "9.9K"), (9 * 1024 + 973, " 10K"), (972 * 1024, "972K"), (973 * 1024, "1.0M"),
        (5 << 30, "5.0G"),
    ],
)  # fmt: skip
def test_sizes_are_four_characters_wide(size, text):
    assert short_size(size) == text


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("short", 23, "short"), ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde>"),
        ("<b>abc</b>", 3, "<b>abc</b>"), ("a&auml;b", 3, "a&auml;b"), ("abc", 0, ""), ("a<b", 5, "a<b"),
    ],
)  # fmt: skip
def test_descriptions_are_cut_but_markup_does_not_count(text, width, cut):
    assert cut_description(text, width) == cut


def test_version_order_counts_as_people_do():
    def in_order(options, *texts):
        return all(compare_names(a, b, options) < 0 for a, b in pairwise(texts))

    assert in_order(Ix.VERSION_SORT, "a-1.2", "a-1.9", "a-1.10", "a-2", "b")
    assert in_order(Ix.VERSION_SORT, "x 01", "x 1", "x 9", "x 10")
    assert in_order(Ix.NOTHING, "B", "a", "b")
    assert in_order(Ix.IGNORE_CASE, "A", "a", "B")
    assert compare_names("a", "a", Ix.IGNORE_CASE) == 0
