"""Whatever is asked, and whatever happens to the files: with and without replay the answers are the same."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from replay_cases import CASES, LINES, OLDER, Case
from replay_changes import CHANGES
from replay_changes import settings as set_htaccess
from replay_files import grow_old, settle
from replay_world import COMMON_LOG, Ask, Talk, Twins, twins_at

EXAMPLES = 8  # of each module; together less than a minute

numbers = st.integers(0, 3)


def asks(case: Case) -> st.SearchStrategy[Ask]:
    """Requests that meet what a module does; most look like others, so that there is something to repeat."""
    return st.builds(
        Ask,
        st.sampled_from(case.targets),
        st.sampled_from(("GET", "GET", "GET", "HEAD")),
        st.sampled_from(("1.1", "1.1", "1.0")),
        st.sampled_from(((), (), *case.lines, *case.lines, *LINES, OLDER)),
        st.sampled_from((*case.hosts[:1] * 3, *case.hosts)),
    )


def talks(case: Case) -> st.SearchStrategy[Talk]:
    return st.builds(
        Talk,
        st.lists(asks(case), min_size=1, max_size=5).map(tuple),
        st.sampled_from(("127.0.0.1", "127.0.0.1", "127.0.0.2")),
        st.sampled_from(("", "listener", "thread")),
    )


def changes(case: Case) -> st.SearchStrategy[tuple[int, str, int, str | None]]:
    """What happens: a number of CHANGES or -1 for a .htaccess, a path, a variant, the text of the latter."""
    kinds = st.integers(-3, len(CHANGES) - 1)
    texts = st.sampled_from((None, *case.settings, *case.settings))
    return st.tuples(kinds, st.sampled_from(case.paths), numbers, texts)


def rounds(case: Case) -> st.SearchStrategy[list[tuple[object, object]]]:
    one = st.tuples(st.lists(changes(case), max_size=2), st.lists(talks(case), min_size=1, max_size=3))
    return st.lists(one, min_size=3, max_size=7)


def happen(twins: Twins, kind: int, name: str, variant: int, text: str | None) -> None:
    path = twins.root / name
    if kind < 0:
        set_htaccess(path, text, variant if kind == -1 else 3)
    else:
        CHANGES[kind](path, variant)


def live_through(case: Case, story: list[tuple[object, object]], processes: int, log: str) -> int:
    """Play a story; how many answers were given again."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        root.chmod(0o755)
        with twins_at(root, log + case.conf, case.files, processes) as twins:
            for happened, conversations in story:
                for change in happened:  # type: ignore[attr-defined]
                    happen(twins, *change)
                if happened:
                    grow_old(root / "htdocs")
                    settle()
                for talk in conversations:  # type: ignore[attr-defined]
                    twins.agree(talk)
                    twins.agree(talk)
            return twins.hits


@pytest.mark.parametrize("name", CASES)
def test_answers_given_again_are_the_ones_that_would_be_given_anew(name):
    case, hits = CASES[name], 0

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(rounds(case), st.sampled_from((1, 2)), st.sampled_from(("", COMMON_LOG)))
    def all_the_same(story, processes, log):
        nonlocal hits
        hits += live_through(case, story, processes, log)

    all_the_same()
    assert case.replays is None or (hits > 0) is case.replays
