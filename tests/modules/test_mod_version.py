"""mod_version: IfVersion counts where its comparison holds for 2.2."""

import pytest


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (">= 2.2", True),
        ("< 2.4", True),
        ("!< 2.4", False),
        ("2.4", False),
        ("~ ^2.2.", True),
        ("= /^2/", True),
    ],
)
def test_a_section_counts_for_some_versions(get, condition, holds):
    answer = get("/", conf=f"<IfVersion {condition}>\nHeader always set X yes\n</IfVersion>")
    assert ("X" in answer.headers) is holds
