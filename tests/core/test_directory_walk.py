"""How far a path exists, also where its folder is known from earlier requests."""

import pytest

CONF = """
<Directory />
    AllowOverride None
    Options FollowSymLinks
</Directory>
<Directory "@ROOT@/htdocs">
    AllowOverride None
    Options FollowSymLinks
    AcceptPathInfo On
</Directory>
"""
FILES = {"htdocs/d/x.txt": "x in d", "htdocs/d/e/z.txt": "z"}


@pytest.fixture(params=["Replay On", "Replay Off"])
def made(site, request):
    """A site whose folder `d` has been asked about before."""
    there = site(CONF + request.param, files=FILES)
    assert [there.get(path).status for path in ("/d/x.txt", "/d/none.txt", "/d/x.txt")] == [200, 404, 200]
    assert f"{there.root}/htdocs/d/" in there.server.main.sections.entered
    return there


def test_a_name_that_is_missing_is_the_last_of_the_path(made):
    answer = made.get("/d/other.txt")
    assert answer.status == 404
    assert answer.log.rstrip().endswith("htdocs/d/other.txt")


def test_of_a_path_that_ends_early_the_first_missing_name_is_told(made):
    answer = made.get("/d/none/of/this.txt")
    assert answer.status == 404
    assert answer.log.rstrip().endswith("htdocs/d/none")


def test_what_stands_behind_a_file_is_its_path_info(made):
    assert made.get("/d/x.txt/more/of/it").text == "x in d"
    assert made.get("/d/e/z.txt/more").text == "z"


def test_a_folder_that_has_become_a_file_is_one(made):
    folder = made.root / "htdocs/d"
    folder.rename(made.root / "away")
    folder.write_text("a file now")
    assert made.get("/d/x.txt").text == "a file now"
    assert made.get("/d/none.txt").text == "a file now"


def test_a_folder_that_has_gone_is_what_is_missing(made):
    (made.root / "htdocs/d").rename(made.root / "away")
    answer = made.get("/d/none.txt")
    assert answer.status == 404
    assert answer.log.rstrip().endswith("htdocs/d")


def test_a_link_to_nothing_is_no_missing_name(made):
    (made.root / "htdocs/d/none.txt").symlink_to("nowhere")
    answer = made.get("/d/none.txt")
    assert answer.status == 403
    assert "Symbolic link not allowed or link target not accessible" in answer.log


def test_a_name_that_comes_is_there(made):
    (made.root / "htdocs/d/none.txt").write_text("came")
    assert made.get("/d/none.txt").text == "came"
