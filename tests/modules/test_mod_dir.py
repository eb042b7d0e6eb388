"""mod_dir: slashes, indexes and fallbacks."""

import pytest

OPEN = '<Directory "@ROOT@">\nAllowOverride Indexes\n</Directory>\n'
FILES = {"htdocs/d/index.html": "index", "htdocs/d/b.txt": "b", "htdocs/c/x.html": "c"}


def test_a_folder_without_its_slash_is_redirected_and_keeps_its_query(get):
    answer = get("/d?a=1", files=FILES)
    assert answer.status == 301
    assert answer.headers["Location"] == "http://www.example.com/d/?a=1"


def test_directory_slash_off_sends_nobody_away_and_finds_no_index(get):
    answer = get("/d", conf="DirectorySlash Off\nOptions None", files=FILES)
    assert answer.status == 403
    assert "Location" not in answer.headers


def test_redirect_carefully_spares_methods_other_than_get(get):
    conf = "SetEnvIf Request_Method . redirect-carefully"
    assert get("/d", conf=conf, files=FILES).status == 301
    assert get("/d", conf=conf, files=FILES, method="POST", body=b"x").status != 301


@pytest.mark.parametrize(
    ("conf", "body"),
    [
        ("", "index"),
        ("DirectoryIndex none.html b.txt index.html", "b"),
        ("DirectoryIndex none.html\nDirectoryIndex b.txt", "b"),
        ("DirectoryIndex none.html /c/x.html", "c"),
        ("DirectoryIndex ../c/x.html", "c"),
    ],
)
def test_the_first_name_that_leads_to_a_file_is_the_index(get, conf, body):
    assert get("/d/", conf=conf, files=FILES).text == body


def test_an_inner_list_replaces_the_outer_one(get):
    conf = OPEN + "DirectoryIndex index.html"
    answer = get("/d/", conf=conf, files={**FILES, "htdocs/d/.htaccess": "DirectoryIndex b.txt\n"})
    assert answer.text == "b"


def test_a_folder_named_as_index_is_redirected_to(get):
    answer = get("/", conf="DirectoryIndex d", files=FILES)
    assert answer.headers["Location"] == "http://www.example.com/d/"


def test_an_index_that_is_refused_is_not_passed_over_in_silence(get):
    conf = "<Files index.html>\nOrder allow,deny\n</Files>\nDirectoryIndex index.html none.html"
    assert get("/d/", conf=conf, files=FILES).status == 403


def test_a_folder_with_a_handler_of_its_own_has_no_index(get):
    conf = "<Location /d>\nSetHandler default-handler\n</Location>"
    assert get("/d/", conf=conf, files=FILES).status == 404


def test_the_fallback_answers_for_what_is_missing(site):
    one = site("FallbackResource /c/x.html\n<Location /d>\nFallbackResource disabled\n</Location>", FILES)
    assert one.get("/no/such").text == "c"
    assert one.get("/d/b.txt").text == "b"
    assert one.get("/d/none").status == 404


def test_a_fallback_that_is_missing_itself_ends_at_the_recursion_limit(get):
    assert get("/x", conf="FallbackResource /none").status == 500
