"""Header fields: letter case, order, several values."""

from __future__ import annotations

from pyhttpd.http.headers import Headers


def test_names_ignore_letter_case_and_keep_their_spelling() -> None:
    headers = Headers({"X-a": "1", "B": "2"})
    assert headers.get("x-A") == headers["X-A"] == "1"
    assert "b" in headers
    assert list(headers) == ["X-a", "B"]


def test_values_are_added_merged_and_replaced() -> None:
    headers = Headers([("A", "1"), ("a", "2"), ("C", "3")])
    assert headers.get_all("A") == ("1", "2")
    assert len(headers) == 3
    headers.merge("a", "x")
    assert list(headers.items()) == [("A", "1, x"), ("A", "2"), ("C", "3")]
    headers.set("a", "9")
    assert list(headers.items()) == [("a", "9"), ("C", "3")]
    headers.merge("D", "4")
    assert headers.get("d") == "4"


def test_missing_fields() -> None:
    headers = Headers()
    assert headers.get("A") is None
    assert headers.get("A", "-") == "-"
    assert headers.get_all("A") == ()
    headers.unset("A")
    assert headers.setdefault("A", "1") == "1"
    assert headers.setdefault("a", "2") == "1"


def test_copies_are_apart_and_updates_win() -> None:
    first = Headers({"A": "1", "B": "2"})
    second = first.copy()
    second.set("A", "9")
    assert first.get("A") == "1"
    first.update_from(second)
    assert first == second
