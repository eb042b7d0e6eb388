"""The interpreter: one rule set run over one request.

A `Run` holds what 2.2 calls the rewrite context. `Run.through` is the loop; `matches` decides about one rule,
`substitute` does what it says. Until the end everything happens in `request.filename`: at server level that
is the URL path, in a directory the file's path, of which rules see what stands behind the directory's name.

Rules may ask for another round ([N]) and make URLs longer. 2.2 would go on for ever; here both are bounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from pyhttpd.config.regex import Match, MatchLimit
from pyhttpd.http.status import HTTPError
from pyhttpd.modules.mod_rewrite.conditions import all_hold
from pyhttpd.modules.mod_rewrite.effects import on_the_side, remember
from pyhttpd.modules.mod_rewrite.syntax import Rule
from pyhttpd.modules.mod_rewrite.urls import own_path, qualified, scheme_length

if TYPE_CHECKING:
    from pyhttpd.core.request import Request
    from pyhttpd.modules.mod_rewrite.trace import Trace

MOST_ROUNDS = 10_000
LONGEST = 65_536
DECISION = 2  # the level of steps that change something
PASS_THROUGH, PROXY = "passthrough:", "proxy:"
ENDED = "rewrite-ended"


class Outcome(Enum):
    """What became of the request."""

    UNCHANGED = auto()
    CHANGED = auto()
    VERBATIM = auto()  # changed, and not to be escaped (NE)
    STATUS = auto()  # a rule answers: F, G, or an R that is no redirect


@dataclass(frozen=True, slots=True)
class Home:
    """The directory whose rules run, with the URL that RewriteBase says it has."""

    directory: str  # ends with a slash
    base: str | None


class Run:
    """One rule set on its way through one request."""

    def __init__(self, request: "Request", home: Home | None, trace: "Trace | None", maps: Any) -> None:
        self.request, self.home, self.maps, self.trace = request, home, maps, trace
        journal = request.journal
        self.explaining = journal is not None and journal.explaining
        if trace is not None and journal is not None:
            journal.never_again("a RewriteLog tells the steps of each request")
        self.tracing = trace is not None or self.explaining
        self.rule_groups: Match | None = None
        self.condition_groups: Match | None = None
        self.looked_at: list[str] = []  # header fields, by the condition at hand
        self.vary: list[str] = []  # those that conditions of the rule at hand depended on
        self.status = 0  # what a redirect or refusal answers with
        self.rule: Rule | None = None
        self.subject = ""

    def through(self, rules: Sequence[Rule]) -> Outcome:
        """Run the rules; `request.filename` and `request.query` are the result.

        Raises HTTPError 500 for rules that find no end, and for patterns that take too many steps.
        """
        if rules and self.tracing:
            self.request.blocks("rewriting is traced", repeatable=True)  # nobody writes a trace twice
        try:
            return self._loop(rules)
        except MatchLimit as error:
            raise HTTPError(500, f"{self.rule} takes too many steps: {error}") from None

    def _loop(self, rules: Sequence[Rule]) -> Outcome:
        outcome, at, rounds = Outcome.UNCHANGED, 0, 0
        in_subrequest = self.request.main is not None
        self.subject = self.find_subject()
        while at < len(rules):
            rule = rules[at]
            flags, at = rule.flags, at + 1
            if in_subrequest and flags.main_only:
                continue
            if not self.matches(rule):
                while flags.chain and at < len(rules):
                    flags, at = rules[at].flags, at + 1
                continue
            self.perform(rule)
            if flags.status:
                return Outcome.STATUS
            if rule.substitution is not None:
                outcome = Outcome.VERBATIM if flags.verbatim else Outcome.CHANGED
            if flags.end:
                self.request.notes[ENDED] = True
            if flags.pass_through:
                return self.pass_through()
            if flags.last or flags.end or flags.proxy:
                break
            if flags.next_round:
                self.request.blocks("rewrite rules are run again", repeatable=True)
                at, rounds = 0, self.again(rule, rounds)
            else:
                at += flags.skip
        return outcome

    def matches(self, rule: Rule) -> bool:
        """Whether pattern and conditions hold."""
        if self.tracing:
            self.tell_subject(rule)
        self.rule = rule
        found = rule.pattern.search(self.subject)
        if (found is None) is not rule.negated:
            return False
        self.rule_groups, self.condition_groups = found, None
        self.vary = []
        return not rule.conditions or all_hold(self, rule.conditions)

    def perform(self, rule: Rule) -> None:
        """Do what a rule that matches says."""
        flags, request = rule.flags, self.request
        target = None if rule.substitution is None else rule.substitution.expand(self, flags.escape_groups)
        if self.tracing and target is not None:
            self.note(2, f"rewrite '{self.subject}' -> '{target}'", rule.location)
        for name in self.vary:
            request.headers_out.merge("Vary", name)
        on_the_side(self, flags)
        if target is not None:
            self.substitute(rule, target)
            self.subject = self.find_subject()
            return
        remember(self, flags)
        if self.explaining:
            request.step("mod_rewrite", "matches, and substitutes nothing", rule.location, decides=True)
        if flags.status:
            self.status = flags.status
            self.note(2, f"forcing responsecode {flags.status} for {request.filename}", rule.location)

    def substitute(self, rule: Rule, target: str) -> None:
        """Put the result in the place of what there was: a URL, a path, or a path in the directory."""
        flags, request = rule.flags, self.request
        if len(target) > LONGEST:
            raise HTTPError(500, f"{rule} makes a URL of more than {LONGEST} characters")
        request.filename = target
        if self.home is not None and flags.discard_path_info:
            request.path_info = ""
        self.split_query(rule)
        name = request.filename
        if self.home is not None and not name.startswith("/") and not scheme_length(name):
            directory = self.home.directory
            self.note(3, f"add per-dir prefix: {name} -> {directory}{name}")
            request.filename = directory + name
        if flags.proxy:
            request.filename = qualified(request, request.filename)
            self.note(2, f"forcing proxy-throughput with {request.filename}", rule.location)
            request.filename = PROXY + request.filename
            return
        if flags.redirect:
            request.filename = qualified(request, request.filename)
            self.note(2, f"explicitly forcing redirect with {request.filename}", rule.location)
            self.status = flags.redirect_status
            return
        if (path := own_path(request, request.filename)) is not None:
            self.note(3, f"reduce {request.filename} -> {path}")
            request.filename = path
        if scheme_length(request.filename):
            self.status = flags.redirect_status
            text = f"implicitly forcing redirect (rc={self.status}) with {request.filename}"
            self.note(2, text, rule.location)
            return
        remember(self, flags)

    def split_query(self, rule: Rule) -> None:
        """What stands behind a question mark becomes the query; without one the old query stays."""
        request, flags = self.request, rule.flags
        whole = request.filename or ""
        if scheme_length(whole) and not whole[:6].lower().startswith(("http", "mailto")):
            request.query = None
            return
        if flags.discard_query:
            request.query = None
        path, mark, query = whole.partition("?")
        if not mark:
            return
        if flags.query_append:
            query = f"{query}&{request.query or ''}"
        request.filename, request.query = path, query.removesuffix("&") if query else None
        if self.tracing:
            self.note(3, f"split uri={whole} -> uri={path}, args={request.query or '<none>'}")

    def pass_through(self) -> Outcome:
        """PT: other modules shall take the result for the URL."""
        filename = self.request.filename
        self.note(2, f"forcing '{filename}' to get passed through to next API URI-to-filename handler")
        self.request.filename = f"{PASS_THROUGH}{filename}"
        return Outcome.CHANGED

    def again(self, rule: Rule, rounds: int) -> int:
        """One more round. Raises HTTPError 500 when there have been too many."""
        if rounds >= MOST_ROUNDS:
            raise HTTPError(500, f"{rule} began the rules again {MOST_ROUNDS} times ([N])")
        return rounds + 1

    def find_subject(self) -> str:
        """What patterns are compared with: in a directory, the path behind its name with the path info."""
        whole = self.request.filename or ""
        if self.home is None:
            return whole
        whole += self.request.path_info
        if whole.startswith(PROXY):
            return whole
        return whole.removeprefix(self.home.directory)

    @property
    def url(self) -> str:
        """The subject as a URL, for looking ahead."""
        if self.home is None or self.subject.startswith("/"):
            return self.subject
        return (self.home.directory if self.home.base is None else self.home.base) + self.subject

    def look_up(self, name: str, key: str) -> str | None:
        """A map's value for a key."""
        found = self.maps.get(name)
        return found.look_up(self, key) if found is not None else None

    def tell_subject(self, rule: Rule) -> None:
        """Trace what a rule is about to be compared with."""
        if self.home is not None:
            name, rest = self.request.filename or "", self.request.path_info
            if rest:
                self.note(3, f"add path info postfix: {name} -> {name}{rest}")
            if self.subject != name + rest:
                self.note(3, f"strip per-dir prefix: {name}{rest} -> {self.subject}")
        text = f"applying pattern '{rule.pattern.pattern}' to uri '{self.subject}'"
        self.note(3, text, rule.location)

    def note(self, level: int, text: str, location: Any = None) -> None:
        """A step, for the RewriteLog at that level, and for the journal."""
        if self.trace is not None:
            self.trace.write(self.request, level, text, self.home.directory if self.home else None)
        if self.explaining:
            decides = location is not None and level <= DECISION
            self.request.step("mod_rewrite", text, location, decides=decides)
