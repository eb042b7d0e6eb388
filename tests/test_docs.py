"""The pages say what the code does: generated parts are fresh, modules have pages, links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pyhttpd.config.directive import Directive, Progress
from pyhttpd.core import core_module
from pyhttpd.core.site import shipped
from pyhttpd.modules import STANDARD
from pyhttpd.mpm.common import mpm_module
from pyhttpd.mpm.table import MPMS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MODULES = {path.stem for path in (ROOT / "pyhttpd/modules").glob("mod_*")}
PAGES = {path.stem for path in (DOCS / "modules").glob("mod_*.md")}
MARKDOWN = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("sample-conf/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"(?ms)^```.*?^```|`[^`\n]*`")


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def directives() -> dict[str, Directive]:
    """All directives of ours, by module and name."""
    names = sorted(MODULES)
    owners = [core_module.module, *(mpm_module(name) for name in MPMS), *filter(None, map(shipped, names))]
    return {f"{owner.name}: {d.name}": d for owner in owners for d in owner.directives}


def test_generated_pages_are_fresh() -> None:
    """`python docs/generate.py` mends it."""
    command = [sys.executable, str(DOCS / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_every_module_has_a_page_and_every_page_a_module() -> None:
    assert MODULES == PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_modules_page_has_room_for_its_directives(name: str) -> None:
    text = (DOCS / f"modules/{name}.md").read_text("utf-8")
    assert "<!-- directives -->\n" in text
    assert "<!-- /directives -->" in text


def test_the_standard_set_exists() -> None:
    assert set(STANDARD) <= MODULES


def test_what_is_not_whole_says_what_lacks() -> None:
    silent = [
        name
        for name, directive in directives().items()
        if directive.status.progress is not Progress.IMPLEMENTED and not directive.status.note
    ]
    assert not silent


def test_every_directive_says_what_it_is_for() -> None:
    assert not [name for name, directive in directives().items() if not directive.doc]


@pytest.mark.parametrize("page", MARKDOWN, ids=short)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    prose = CODE.sub("", page.read_text("utf-8"))
    targets = [target.partition("#")[0] for target in LINK.findall(prose) if "://" not in target]
    assert not [target for target in targets if target and not (page.parent / target).exists()]
