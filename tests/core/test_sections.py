"""The order in which sections are merged (reference: migration-tiers 5), and which sections match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyhttpd.core.sections import prefixes


def mark(name, *section):
    """A line that adds its name to a field of the answer, inside of nested sections."""
    text = f"Header append X-Order {name}\n"
    for opening in reversed(section):
        text = f"<{opening}>\n{text}</{opening.split()[0]}>\n"
    return text


def order(site, conf, files, target="/a/b/f.txt", **asked):
    """The names that the answer's field lists, in the order they were merged."""
    answer = site(conf, {"htdocs/a/b/f.txt": "text\n", **files}).get(target, **asked)
    assert answer.status == 200, answer.log
    return answer.headers.get("X-Order", "").split(", ")


def test_all_kinds_of_sections_in_one_request(site):
    conf = [
        mark("location-a-b", "Location /a/b"),
        mark("directory-match", 'DirectoryMatch "/a/b/"'),
        mark("files-in-directory", 'Directory "@ROOT@/htdocs/a/b"', "Files f.txt"),
        mark("files", "Files f.txt"),
        mark("files-match", r"FilesMatch \.txt$"),
        mark("directory-a-b", 'Directory "@ROOT@/htdocs/a/b"'),
        mark("directory-star-b", 'Directory "@ROOT@/htdocs/*/b"'),
        mark("directory-ht", 'Directory "@ROOT@/htdocs"'),
        mark("directory-root", "Directory /"),
        mark("server"),
        "<Directory />\nAllowOverride All\n</Directory>\n",
        mark("location-a", "Location /a"),
        mark("location-match", "LocationMatch f"),
    ]
    files = {
        "htdocs/a/.htaccess": mark("htaccess-a"),
        "htdocs/a/b/.htaccess": mark("files-in-htaccess", "Files f.txt") + mark("htaccess-b"),
    }
    assert order(site, "".join(conf), files) == [
        "server", "directory-root", "directory-ht", "htaccess-a", "directory-a-b", "directory-star-b",
        "htaccess-b", "directory-match", "files", "files-match", "files-in-directory", "files-in-htaccess",
        "location-a-b", "location-a", "location-match",
    ]  # fmt: skip


def test_the_main_servers_sections_come_before_the_hosts_in_every_group(site):
    both = ""
    for who in ("vh", "main"):
        text = mark(f"{who}-server")
        text += mark(f"{who}-ht", 'Directory "@ROOT@/htdocs"')
        text += mark(f"{who}-files", "Files f.txt")
        text += mark(f"{who}-location", "Location /")
        if who == "vh":
            text += mark("vh-a", 'Directory "@ROOT@/htdocs/a"')
            both += f"<VirtualHost *:80>\nServerName www.example.com\n{text}</VirtualHost>\n"
        else:
            both += mark("main-a-b", 'Directory "@ROOT@/htdocs/a/b"') + text
    files = {
        "htdocs/a/.htaccess": mark("htaccess-a"),
        "htdocs/a/b/.htaccess": mark("htaccess-b") + mark("htaccess-files", "Files f.txt"),
    }
    assert order(site, both, files) == [
        "main-server", "vh-server", "main-ht", "vh-ht", "vh-a", "htaccess-a", "main-a-b", "htaccess-b",
        "main-files", "vh-files", "htaccess-files", "main-location", "vh-location",
    ]  # fmt: skip


def test_a_regular_expression_sees_the_last_directory_only(site):
    conf = mark("on-the-way", 'Directory ~ "/htdocs/a$"') + mark("last", 'Directory ~ "/htdocs/a/b"')
    assert order(site, conf, {}) == ["last"]


def test_regular_expressions_keep_the_files_order(site):
    conf = mark("one", "DirectoryMatch a") + mark("two", "Directory ~ b") + mark("three", "DirectoryMatch .")
    assert order(site, conf, {}) == ["one", "two", "three"]


def test_a_pattern_counts_as_deep_as_it_is_written(site):
    conf = mark("deep", 'Directory "@ROOT@/htdocs/a/b"') + mark("wild", 'Directory "@ROOT@/htdocs/*"')
    assert order(site, conf, {}) == ["wild", "deep"]


@pytest.mark.parametrize(
    ("section", "matches"),
    [
        ('Directory "@ROOT@/htdocs/a/"', True),
        ('Directory "@ROOT@/htdocs/a"', True),
        ('Directory "@ROOT@/htdocs/A"', False),
        ('Directory "@ROOT@/*/a"', True),
        ('Directory "@ROOT@/*/b"', False),
        ('Directory "@ROOT@/htdocs/a/b/f.txt"', True),
        ('Directory "@ROOT@/htdocs/[ab]"', True),
        ("Files f.txt", True),
        ("Files f.*", True),
        ("Files ?.txt", True),
        ("Files F.txt", False),
        ("Files f", False),
        ("Files b/f.txt", False),
        (r"Files ~ ^f\.", True),
        ("FilesMatch ^b$", False),
        ("Location /a", True),
        ("Location /a/", True),
        ("Location /a/b/f.txt", True),
        ("Location /a/b/f", False),
        ("Location /A", False),
        ("Location /", True),
        ("Location /*/b", False),
        ("Location /*/f.txt", False),
        ("Location /*/*/f.txt", True),
        ("Location ~ b/f", True),
        ("LocationMatch ^/a$", False),
    ],
)
def test_which_sections_match(site, section, matches):
    assert order(site, mark("yes", section), {}) == (["yes"] if matches else [""])


def test_location_does_not_care_for_double_slashes_in_patterns(site):
    assert order(site, mark("yes", "Location /a/?/f.txt"), {}, "/a//b/f.txt") == ["yes"]


def test_the_folder_itself_is_entered(site):
    files = {"htdocs/a/.htaccess": mark("htaccess") + "DirectoryIndex b/f.txt\n"}
    assert order(site, mark("a", 'Directory "@ROOT@/htdocs/a"'), files, "/a/") == ["a", "htaccess"]


def test_what_an_htaccess_file_admits_holds_for_the_next_one_below(site):
    """AllowOverride is settled on the way down, one directory after the other."""
    conf = '<Directory "@ROOT@/htdocs/a/b">\nAllowOverride None\n</Directory>\n'
    files = {"htdocs/a/.htaccess": mark("a"), "htdocs/a/b/.htaccess": "Nonsense\n"}
    assert order(site, conf, files) == ["a"]


def test_a_section_is_merged_for_the_methods_of_its_limit(site):
    conf = "<Location />\n<Limit POST>\nOrder deny,allow\nDeny from all\n</Limit>\n</Location>\n"
    made = site(conf, {"htdocs/x.txt": "x"})
    assert made.get("/x.txt").status == 200
    assert made.get("/x.txt", method="HEAD").status == 200
    assert made.get("/x.txt", method="POST", body=b"x").status == 403


def test_host_access_is_replaced_as_a_whole_and_only_where_it_is_used(site):
    conf = (
        "<Directory />\nOrder allow,deny\nDeny from all\n</Directory>\n"
        '<Directory "@ROOT@/htdocs/open">\nAllow from 10.0.0.1\n</Directory>\n'
        '<Directory "@ROOT@/htdocs/shut">\nOptions None\n</Directory>\n'
    )
    made = site(conf, {"htdocs/open/x.txt": "x", "htdocs/shut/x.txt": "x"})
    assert made.get("/open/x.txt").status == 200  # a fresh Order deny,allow without any Deny
    assert made.get("/shut/x.txt").status == 403


def test_a_merge_is_computed_once_for_the_same_sections(site):
    made = site(mark("a", "Location /"), {"htdocs/x.txt": "x"})
    for _ in range(3):
        made.get("/x.txt")
    assert len(made.server.main.sections.merges.known) == 1


@pytest.mark.parametrize("options", ["None", "SymLinksIfOwnerMatch", "FollowSymLinks"])
def test_a_link_is_followed_as_far_as_options_allow(site, options):
    made = site(f'<Directory "@ROOT@/htdocs">\nOptions {options}\n</Directory>\n', {"htdocs/x.txt": "x"})
    (made.root / "htdocs/link").symlink_to("x.txt")
    (made.root / "htdocs/broken").symlink_to("nowhere")
    followed = 403 if options == "None" else 200
    assert made.get("/link").status == followed
    assert made.get("/broken").status == 403
    assert made.get("/x.txt").status == 200


def test_plain_names_and_patterns_are_merged_in_the_order_they_were_written(site):
    conf = "".join(
        mark(name, f"{kind} {path}")
        for name, kind, path in (
            ("one", "Location", "/a/b"),
            ("two", "Location", "/a/*/f.txt"),
            ("three", "Location", "/"),
            ("four", "LocationMatch", "^/a"),
            ("five", "Location", "/a/b/"),
            ("six", "Directory", '"@ROOT@/htdocs/*/b"'),
            ("seven", "Directory", '"@ROOT@/htdocs/a/b"'),
            ("eight", "Directory", '"@ROOT@/htdocs/a/?"'),
        )
    )
    assert order(site, conf, {}) == ["six", "seven", "eight", "one", "two", "three", "four", "five"]


@given(st.text("/ab*", max_size=8), st.text("/ab*", max_size=8))
def test_a_location_holds_what_begins_with_it_up_to_a_slash(uri, text):
    begins = uri.startswith(text)
    holds = begins and (uri == text or text.endswith("/") or uri[len(text)] == "/")
    assert (text in list(prefixes(uri, len(uri)))) == (text in list(prefixes(uri, len(text)))) == holds
