"""RewriteCond: a test string, filled in for the request, put to a test.

A pattern is PCRE unless it begins with `<`, `>` or `=` (comparison: the shorter text is the lesser one, texts
of one length are compared byte by byte) or is one of `-d -f -s -l -x -U -F`. Groups of the last pattern that
matched are `%1` to `%9` for the conditions after it and for the rule.
"""

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyhttpd.config.regex import Match, Regex
from pyhttpd.core.subrequest import lookup_file, lookup_uri
from pyhttpd.diagnostics import Location
from pyhttpd.modules.mod_rewrite.template import Template
from pyhttpd.modules.mod_rewrite.variables import subrequest_is_safe

if TYPE_CHECKING:
    import os

    from pyhttpd.modules.mod_rewrite.engine import Run

Test = Callable[["Run", str], Match | bool | None]
EXECUTABLE = 0o111


@dataclass(frozen=True, slots=True)
class Condition:
    """One RewriteCond line."""

    subject: Template
    pattern: str  # as written, without the !
    test: Test
    negated: bool
    ignore_case: bool
    or_next: bool
    no_vary: bool
    location: Location

    def holds(self, run: "Run") -> bool:
        """Whether the request passes; a match leaves its groups behind."""
        text = self.subject.expand(run)
        found = self.test(run, text)
        if found and not self.negated and isinstance(found, Match):
            run.condition_groups = found
        passed = bool(found) is not self.negated
        if run.tracing:
            pattern = ("!" if self.negated else "") + self.pattern
            flags = " [NC]" if self.ignore_case else ""
            outcome = "matched" if passed else "not-matched"
            line = f"RewriteCond: input='{text}' pattern='{pattern}'{flags} => {outcome}"
            run.note(4, line, self.location)
        return passed


def all_hold(run: "Run", conditions: Sequence[Condition]) -> bool:
    """Whether a rule's conditions hold: each of them, of those joined by OR the first that does.

    An [OR] on the last condition joins it with nothing, so that it need not hold: 2.2's reading.
    """
    passed = False  # one of the alternatives at hand did hold; the others are not asked
    for condition in conditions:
        if passed:
            passed = condition.or_next
            continue
        run.looked_at.clear()
        holds = condition.holds(run)
        if condition.or_next:
            passed = holds
        if holds and not condition.no_vary:
            run.vary += run.looked_at
        if not holds and not condition.or_next:
            return False
    return True


def test_of(pattern: str, ignore_case: bool) -> Test:
    """The test that a pattern (without its !) asks for. Raises ValueError where it does not compile."""
    if pattern in ON_FILES:
        return ON_FILES[pattern]
    if pattern[:1] in COMPARISONS:
        return COMPARISONS[pattern[0]](pattern[1:], ignore_case)
    search = Regex(pattern, ignore_case).search
    return lambda _run, text: search(text)


def _equal(other: str, ignore_case: bool) -> Test:
    other = "" if other == '""' else other
    if ignore_case:
        folded = _fold(other)
        return lambda _run, text: _fold(text) == folded
    return lambda _run, text: text == other


def _less(other: str, _ignore_case: bool) -> Test:
    return lambda _run, text: _rank(text) < _rank(other)


def _greater(other: str, _ignore_case: bool) -> Test:
    return lambda _run, text: _rank(text) > _rank(other)


def _rank(text: str) -> tuple[int, bytes]:
    raw = text.encode("utf-8", "surrogateescape")
    return len(raw), raw


def _fold(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape").lower()


COMPARISONS = {"=": _equal, "<": _less, ">": _greater}


def _info(run: "Run", path: str, follow: bool = True) -> "os.stat_result | None":
    """A file's stamp; one that may not be looked at is not there."""
    try:
        return run.request.stat(path, follow)
    except OSError:
        return None


def _file(is_kind: Callable[["os.stat_result"], bool], follow: bool = True) -> Test:
    def test(run: "Run", path: str) -> bool:
        info = _info(run, path, follow)
        return info is not None and is_kind(info)

    return test


def _url(run: "Run", url: str) -> bool:
    """-U: whether a subrequest for the URL meets no error."""
    if not url or not subrequest_is_safe(run.request):
        return False
    found = lookup_uri(run.request, url)
    if run.tracing:
        run.note(5, f"RewriteCond URI (-U) check: path={url} -> status={found.status}")
    return found.status < 400


def _accessible(run: "Run", path: str) -> bool:
    """-F: whether a subrequest would be given the file, and there is one."""
    if not path or not subrequest_is_safe(run.request):
        return False
    found = lookup_file(run.request, path)
    if run.tracing:
        line = f"path={path} -> file={found.filename} status={found.status}"
        run.note(5, f"RewriteCond file (-F) check: {line}")
    return found.status < 300 and _info(run, found.filename or "") is not None


ON_FILES: dict[str, Test] = {
    "-d": _file(lambda info: stat.S_ISDIR(info.st_mode)),
    "-f": _file(lambda info: stat.S_ISREG(info.st_mode)),
    "-s": _file(lambda info: stat.S_ISREG(info.st_mode) and info.st_size > 0),
    "-l": _file(lambda info: stat.S_ISLNK(info.st_mode), follow=False),
    "-x": _file(lambda info: bool(info.st_mode & EXECUTABLE)),
    "-F": _accessible,
    "-U": _url,
}
