"""What a request's journal holds: every line that had a say, and every thing the answer depends on."""

import pytest

from pyhttpd.core.journal import Journal
from pyhttpd.core.request import stamp, stamp_of_way

BASE_LINES = 7  # of the fixture's own configuration

CONF = """\
Alias /al "@ROOT@/other"
<Directory "@ROOT@">
AllowOverride All
Order deny,allow
</Directory>
<Directory "@ROOT@/other">
Deny from 10.0.0.1
Allow from 127.0.0.1
</Directory>
<FilesMatch txt$>
DefaultType a/b
</FilesMatch>
<Location /al>
Header set X-Y z
</Location>
"""
FILES = {
    "other/x.txt": "x", "other/y": "y", "htdocs/index.html": "i", "htdocs/d/.htaccess": "DefaultType c/d\n",
    "htdocs/d/x.txt": "x",
}  # fmt: skip


@pytest.fixture
def kept(site):
    """The journal of a request, and its site: `kept(target)`."""

    def ask(target, conf=CONF, status=200, **asked):
        made, journals = site(conf, FILES), []

        def begin(request):
            if request.initial:
                request.journal = Journal()
                journals.append(request.journal)

        hooks = made.server._hooks
        hooks["post_read_request"] = (begin, *hooks.get("post_read_request", ()))
        assert made.get(target, **asked).status == status, made.log
        (journal,) = journals
        return journal, made

    return ask


def lines(journal, word=""):
    """The lines of the configuration that the steps name."""
    return [
        step.location.line - BASE_LINES
        for step in journal.steps
        if step.location is not None and step.location.source.name.endswith(".conf") and word in step.text
    ]


def test_every_section_that_was_merged_is_named_in_order(kept):
    journal, _ = kept("/al/x.txt")
    walked = lines(journal, "merged")
    assert walked[-4:] == [2, 6, 10, 13]
    assert set(walked) == {2, 6, 10, 13}


def test_sections_that_do_not_match_are_not_named(kept):
    journal, _ = kept("/d/x.txt")
    assert set(lines(journal, "merged")) == {2, 10}


def test_an_htaccess_file_is_named_by_its_path(kept):
    journal, made = kept("/d/x.txt")
    path = f"{made.root}/htdocs/d/.htaccess"
    assert path in [step.location.source.name for step in journal.steps if step.location]


def test_the_alias_that_mapped_it_is_named(kept):
    journal, _ = kept("/al/x.txt")
    assert 1 in lines(journal)


def test_the_line_that_let_somebody_in_is_named(kept):
    journal, _ = kept("/al/x.txt")
    assert {7, 8} & set(lines(journal))


def test_the_line_that_kept_somebody_out_is_named(kept):
    conf = "<Location />\nOrder allow,deny\nAllow from 10.0.0.1\nDeny from 127.0.0.1\n</Location>\n"
    journal, _ = kept("/d/x.txt", conf, 403)
    assert 4 in lines(journal)


def files(journal):
    return {key: value for (kind, key), value in journal.inputs.items() if kind in ("file", "link")}


def test_every_file_that_had_a_say_is_an_input_there_or_not(kept):
    journal, made = kept("/d/x.txt")
    seen, root = files(journal), f"{made.root}"
    for path in (f"{root}/htdocs/d/x.txt", f"{root}/htdocs/d/.htaccess"):
        assert seen[path] == stamp((made.root / path).stat())
    for path in (f"{root}/.htaccess", f"{root}/htdocs/.htaccess"):
        assert seen[path] is None


def test_where_links_are_not_just_followed_every_folder_is_an_input(kept):
    conf = '<Directory "@ROOT@/htdocs">\nOptions SymLinksIfOwnerMatch\n</Directory>\n'
    journal, made = kept("/d/x.txt", conf)
    assert journal.inputs["link on the way", f"{made.root}/htdocs/d"] == stamp_of_way(
        (made.root / "htdocs/d").lstat()
    )


def test_a_file_that_is_missing_is_an_input(kept):
    journal, made = kept("/d/none", status=404)
    assert files(journal)[f"{made.root}/htdocs/d/none"] is None


def test_without_override_no_htaccess_file_is_looked_for(kept):
    journal, _ = kept("/d/x.txt", '<Directory "@ROOT@">\nAllowOverride None\n</Directory>\n')
    assert not [
        path for path in files(journal) if path.startswith("@") or path.endswith("/htdocs/d/.htaccess")
    ]


def test_what_the_index_file_depends_on_is_in_the_same_journal(kept):
    journal, made = kept("/")
    assert f"{made.root}/htdocs/index.html" in files(journal)


def headers(journal):
    return {key: value for (kind, key), value in journal.inputs.items() if kind == "header"}


def test_fields_that_were_read_are_inputs_sent_or_not(kept):
    journal, _ = kept("/d/x.txt", headers={"X-Unread": "y"})
    seen = headers(journal)
    assert seen["range"] is None
    assert "x-unread" not in seen


def test_fields_that_a_module_reads_are_inputs(kept):
    journal, _ = kept(
        "/d/x.txt", "SetEnvIf User-Agent Moz moz\nSetEnvIf ^X-A b c\n", headers={"User-Agent": "Moz"}
    )
    assert headers(journal)["user-agent"] == "Moz"


def test_the_clients_address_is_an_input_where_it_was_asked_for(kept):
    assert ("client", "address") in kept("/al/x.txt")[0].inputs
    assert ("client", "address") not in kept("/d/x.txt", "")[0].inputs


def test_a_journal_notes_what_it_is_told():
    journal = Journal()
    journal.input("clock", "", None)
    journal.step("room", "text")
    journal.never_again("a process was run")
    assert journal.inputs == {("clock", ""): None}
    assert [(step.room, step.text, step.location) for step in journal.steps] == [("room", "text", None)]
    assert journal.unrepeatable == ["a process was run"]


def test_a_request_without_a_journal_keeps_none(site):
    made = site("", FILES)
    requests = []
    made.server._hooks["fixups"] = (lambda request: requests.append(request),)
    made.get("/d/x.txt", method="POST")
    assert requests[0].journal is None
    requests[0].step("room", "text")
