"""File bodies read stretches, own their descriptor, and leave the position alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pyhttpd.http.response import SLICE, FileBody, Response
from pyhttpd.http.status import HTTPError, status_line


def test_a_stretch_is_read_in_slices_and_again(tmp_path: Path) -> None:
    data = os.urandom(2 * SLICE + 5)
    (tmp_path / "f").write_bytes(data)
    with FileBody(str(tmp_path / "f"), 3) as body:
        assert len(body) == len(data) - 3
        assert [len(part) for part in body] == [SLICE, SLICE, 2]
        assert b"".join(body) == data[3:]
    body.close()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(body.fd)


def test_a_file_that_shrank_ends_early(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    with FileBody(os.open(tmp_path / "f", os.O_RDONLY), 1, 100) as body:
        assert b"".join(body) == b"bc"


def test_closing_an_answer_closes_its_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    body = FileBody(str(tmp_path / "f"))
    assert body
    Response(200, body=body).close()
    assert body.fd == -1
    Response(200, body=b"x").close()


def test_status_lines() -> None:
    assert status_line(401) == "401 Authorization Required"
    assert status_line(299) == "500 Internal Server Error"
    assert str(HTTPError(404, "gone")) == "404 Not Found: gone"
    assert str(HTTPError(404)) == "404 Not Found"
