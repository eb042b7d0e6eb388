"""mod_rewrite: what it says: RewriteLog, journal, mistakes."""

import re

import pytest
from rewriting import ON, OPEN

from pyhttpd.core.journal import Journal
from pyhttpd.diagnostics import ConfigError

BASE = "seven\n" * 7  # lines that the site fixture puts first


def test_the_trace_has_2_2_s_lines(site):
    conf = OPEN + "RewriteLog logs/rewrite_log\nRewriteLogLevel 9\n"
    rules = "RewriteEngine On\nRewriteCond %{QUERY_STRING} !^b [NC]\nRewriteRule ^a$ b.txt [L]"
    one = site(conf, {"htdocs/d/.htaccess": rules, "htdocs/d/b.txt": "b"})
    assert one.get("/d/a").text == "b"
    lines = (one.root / "logs/rewrite_log").read_text().splitlines()
    head = (
        r"127\.0\.0\.1 - - \[[^]]+ [+-]\d{4}\] \[www\.example\.com/sid#[0-9a-f]+\]\[rid#[0-9a-f]+/initial\] "
    )
    assert all(re.match(head.replace("initial", "initial(/redir#1)?"), line) for line in lines)
    folder = f"[perdir {one.root}/htdocs/d/] "
    assert [
        line[re.match(head, line).end() :].replace(folder, "") for line in lines if "redir#" not in line
    ] == [
        f"(3) strip per-dir prefix: {one.root}/htdocs/d/a -> a",
        "(3) applying pattern '^a$' to uri 'a'",
        "(4) RewriteCond: input='' pattern='!^b' [NC] => matched",
        "(2) rewrite 'a' -> 'b.txt'",
        f"(3) add per-dir prefix: b.txt -> {one.root}/htdocs/d/b.txt",
        f"(2) strip document_root prefix: {one.root}/htdocs/d/b.txt -> /d/b.txt",
        "(1) internal redirect with /d/b.txt [INTERNAL REDIRECT]",
    ]
    assert lines[-1].endswith(f"(1) [perdir {one.root}/htdocs/d/] pass through {one.root}/htdocs/d/b.txt")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("RewriteRule x", "RewriteRule: bad argument line 'x'"),
        ("RewriteRule x y L", "RewriteRule: bad flag delimiters"),
        ("RewriteRule x y [Q]", "RewriteRule: unknown flag 'Q'"),
        ("RewriteRule x y []", "RewriteRule: unknown flag ''"),
        ("RewriteRule (x y", "RewriteRule: cannot compile regular expression '(x'"),
        ("RewriteRule x y [R=1000]", "RewriteRule: invalid HTTP response code '1000' for flag 'R'"),
        ("RewriteCond x", "RewriteCond: bad argument line 'x'"),
        ("RewriteCond x y [L]", "RewriteCond: unknown flag 'L'"),
        ("RewriteCond x !(y", "RewriteCond: cannot compile regular expression '(y'"),
        ("RewriteBase /", "RewriteBase: only valid in per-directory config files"),
        ("<Location />\nRewriteBase x\n</Location>", "RewriteBase: argument is not a valid URL"),
        ('<Location />\nRewriteBase ""\n</Location>', "RewriteBase: empty URL not allowed"),
        ("RewriteOptions what", "RewriteOptions: unknown option 'what'"),
        ("RewriteEngine maybe", "RewriteEngine must be On or Off"),
        ("<VirtualHost *>\nRewriteLock x\n</VirtualHost>", "RewriteLock cannot occur within <VirtualHost>"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_2_2_s_words(site, line, message):
    with pytest.raises(ConfigError) as error:
        site(line)
    assert error.value.diagnostics[0].message.startswith(message)


def test_rules_and_conditions_tell_the_journal_where_they_stand(site):
    one = site(ON + "RewriteCond %{REQUEST_METHOD} =GET\nRewriteRule ^/a$ /b.txt", {"htdocs/b.txt": "b"})
    journal = Journal()

    def begin(request):
        request.journal = journal

    one.server._hooks["post_read_request"] = (begin,)
    assert one.get("/a").text == "b"
    told = {step.text: step.location.line for step in journal.steps if step.location}
    first = len(BASE.splitlines()) + len(ON.splitlines()) + 1
    assert told["RewriteCond: input='GET' pattern='GET' => matched"] == first
    assert told["rewrite '/a' -> '/b.txt'"] == first + 1
    assert [step.text for step in journal.steps if step.decides and step.room == "mod_rewrite"] == [
        "rewrite '/a' -> '/b.txt'"
    ]
    assert ("file", "/b.txt") in journal.inputs  # whether the result is a path from the root


def test_a_flag_without_effect_is_warned_of(site):
    one = site("RewriteCond %{REQUEST_FILENAME} !-f [NC]")
    assert any(
        "NoCase option for non-regex pattern '-f'" in notice.message for notice in one.server.site.warnings
    )


def test_options_of_older_versions_are_taken_with_a_warning(site):
    one = site("RewriteOptions MaxRedirects=5")
    assert any("LimitInternalRecursion" in notice.message for notice in one.server.site.warnings)
