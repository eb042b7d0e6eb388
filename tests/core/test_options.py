"""Options, AllowOverride and FileETag: words to values, and inner sections over outer ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.config.directive import Override
from pyhttpd.core.options import (
    ETAG,
    ETAG_ALL,
    OPTIONS,
    Methods,
    Opt,
    Options,
    Overriding,
    covers,
    read_etag,
    read_methods,
    read_options,
    read_override,
)

PLAIN = ("Indexes", "FollowSymLinks", "ExecCGI", "SymLinksIfOwnerMatch", "MultiViews")
BITS = {name: read_options([name], None).own for name in PLAIN}


def lines(names):
    """Lines of Options: words all without sign, or all with one."""
    word = st.sampled_from(names)
    signed = st.tuples(st.sampled_from("+-"), word).map("".join)
    return st.one_of(st.lists(word, min_size=1, max_size=4), st.lists(signed, min_size=1, max_size=4))


def over(*written):
    """Sections one in the other, each a list of lines."""
    result = Options()
    for section in written:
        inner = None
        for words in section:
            read = read_options(words, None)
            inner = read if inner is None else OPTIONS.repeat(inner, read)
        result = OPTIONS.inherit(result, inner)
    return result.effective


def model(start, *written):
    """The same by the manual's words: unsigned words replace, signed ones add and take away."""
    on = set(start)
    for section in written:
        for words in section:
            if words[0][0] not in "+-":
                on = set()
            for word in words:
                (on.discard if word[0] == "-" else on.add)(word.lstrip("+-"))
    return on


@given(st.lists(st.lists(lines(PLAIN), min_size=1, max_size=2), max_size=4))
def test_options_add_up_as_the_manual_says(written):
    start = {"Indexes", "FollowSymLinks", "ExecCGI"}
    effective = over(*written) & ~(Opt.INCLUDES | Opt.INCLUDES_NOEXEC)
    if effective_words := model(start, *written):
        assert effective == sum(BITS[name] for name in effective_words)
    else:
        assert effective == Opt.NONE


@pytest.mark.parametrize(
    ("sections", "on"),
    [
        ([], Opt.ALL),
        ([["None"]], Opt.NONE),
        ([["All"]], Opt.ALL),
        ([["None", "Indexes"]], Opt.INDEXES),
        ([["Indexes", "+FollowSymLinks"]], Opt.INDEXES | Opt.FOLLOW_SYMLINKS),
        ([["+MultiViews"]], Opt.ALL | Opt.MULTIVIEWS),
        ([["-All"]], Opt.NONE),
        ([["Indexes"], ["+ExecCGI"], ["-Indexes"]], Opt.EXEC_CGI),
        ([["-Indexes"], ["+Indexes"]], Opt.ALL),
        ([["None"], ["+Includes"]], Opt.INCLUDES),
        ([["Includes"], ["IncludesNOEXEC"]], Opt.INCLUDES | Opt.INCLUDES_NOEXEC),
        ([["Includes"], ["+IncludesNOEXEC"]], Opt.INCLUDES | Opt.INCLUDES_NOEXEC),
        ([["IncludesNOEXEC"], ["+Includes"]], Opt.INCLUDES),
        ([["indexes", "INDEXES"]], Opt.INDEXES),
    ],
)
def test_options(sections, on):
    assert over(*[[words] for words in sections]) == on


@pytest.mark.parametrize("words", [["Index"], ["+"], [""], ["++Indexes"], ["Indexes,ExecCGI"]])
def test_an_unknown_option_is_refused(words):
    with pytest.raises(ValueError, match="Illegal option"):
        read_options(words, None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["None"], Overriding(Override.NONE)),
        (["All"], Overriding(Override.ALL)),
        (["FileInfo", "limit"], Overriding(Override.FILEINFO | Override.LIMIT)),
        (["All", "None"], Overriding(Override.NONE)),
        (["Options=Indexes,ExecCGI"], Overriding(Override.OPTIONS, Opt.INDEXES | Opt.EXEC_CGI)),
        (["AuthConfig", "options=All"], Overriding(Override.OPTIONS | Override.AUTHCONFIG, Opt.ALL)),
        (["Options"], Overriding(Override.OPTIONS)),
        (["Options="], Overriding(Override.OPTIONS, Opt.NONE)),
    ],
)
def test_allow_override(words, expected):
    assert read_override(words) == expected


@pytest.mark.parametrize("word", ["Everything", "FileInfo=x", "Options=Nothing", ""])
def test_an_unknown_override_is_refused(word):
    with pytest.raises(ValueError, match=r"Illegal (override )?option"):
        read_override([word])


@pytest.mark.parametrize(
    ("sections", "parts"),
    [
        ([], ETAG_ALL),
        ([["None"]], set()),
        ([["All"]], ETAG_ALL),
        ([["INode"]], {"inode"}),
        ([["INode", "Size"]], {"inode", "size"}),
        ([["-INode"]], {"mtime", "size"}),
        ([["None"], ["+MTime"]], {"mtime"}),
        ([["-INode"], ["+INode"]], ETAG_ALL),
        ([["-INode"], ["Size"]], {"size"}),
        ([["MTime", "None"]], set()),
    ],
)
def test_file_etag(sections, parts):
    result = read_etag([])
    for words in sections:
        result = ETAG.inherit(result, read_etag(words))
    assert result.effective == parts


@pytest.mark.parametrize("word", ["+All", "-None", "Hash", "+Hash", ""])
def test_an_unknown_part_of_an_etag_is_refused(word):
    with pytest.raises(ValueError, match="FileETag"):
        read_etag([word])


def test_methods():
    assert "HEAD" in read_methods(["GET"], excepted=False)
    assert "GET" in read_methods(["HEAD"], excepted=False)
    assert "get" not in read_methods(["GET"], excepted=False)
    assert "HEAD" not in read_methods(["GET"], excepted=True)
    assert covers(None, "XYZ")
    assert not covers(Methods(frozenset(("GET",))), "PUT")
