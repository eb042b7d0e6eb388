"""The canned pages, compared with the recorded ones where those are at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyhttpd.core.errorpages import page
from pyhttpd.http.status import REASONS

RECORDED = Path(__file__).parents[3] / "shared" / "conformance"


def test_a_page() -> None:
    assert page(404, uri="/<x>") == (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n'
        "<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n"
        "<p>The requested URL /&lt;x&gt; was not found on this server.</p>\n</body></html>\n"
    )


@pytest.mark.parametrize("status", [*sorted(code for code in REASONS if code >= 300), 299, 599])
def test_every_status_has_a_page_that_trusts_nobody(status: int) -> None:
    text = page(status, uri="/<u>{0}", method="<m>", location="<l>", expect="<e>", admin="<a>")
    assert not {"<u>", "<m>", "<l>", "<e>"} & {text[at : at + 3] for at in range(len(text))}
    assert "{uri}" not in text
    assert text.endswith("</body></html>\n")


def test_an_error_document_that_failed_is_mentioned() -> None:
    text = page(404, recursive=403, signature="<hr>\n<address>s</address>\n")
    assert text.endswith(
        "<p>Additionally, a 403 Forbidden\nerror was encountered while trying to use an ErrorDocument"
        " to handle the request.</p>\n<hr>\n<address>s</address>\n</body></html>\n"
    )


def test_a_status_line_of_ones_own() -> None:
    assert "<h1>Proxy Error</h1>" in page(502, line="502 Proxy Error")
    assert "<h1>Bad Gateway</h1>" in page(502, line="Proxy Error")


def test_notes() -> None:
    assert "<br />\nwhy</p>" in page(400, notes="why")
    assert "<h1>Internal Server Error</h1>\n<p>why</p>\n" in page(500, notes="why", verbose=True)
    assert "misconfiguration" in page(500, notes="why")
    assert "No expectation was seen" in page(417)


def answers(recorded: object) -> Iterator[dict[str, Any]]:
    if isinstance(recorded, dict):
        if "status" in recorded and str(recorded.get("body")).startswith("<!DOCTYPE HTML PUBLIC"):
            yield recorded
        recorded = list(recorded.values())
    if isinstance(recorded, list):
        for part in recorded:
            yield from answers(part)


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded conversations here")
@pytest.mark.parametrize("status", [401, 408, 415, 416, 423, 503])
def test_pages_without_fields_equal_the_recorded_ones(status: int) -> None:
    recorded = (json.loads(path.read_text()) for path in sorted(RECORDED.glob("*/*.json")))
    bodies = {answer["body"] for text in recorded for answer in answers(text) if answer["status"] == status}
    assert page(status) in bodies
