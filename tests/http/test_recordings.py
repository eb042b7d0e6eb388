"""What a real Apache 2.2 refused and took, where its recorded conversations are at hand."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pyhttpd.http.body import BodyFraming
from pyhttpd.http.head import HeadReader, Limits
from pyhttpd.http.status import HTTPError

RECORDED = Path(__file__).parents[3] / "shared" / "conformance" / "http"
TOPICS = {
    "bad-requests": Limits(),
    "bad-requests-2": Limits(),
    "versions": Limits(),
    "unsafe": Limits(strict=False, simple=False),
    "limits": Limits(line=100, field_size=60, fields=5),
    "bodies": Limits(),
    "bodies-2": Limits(),
    "keepalive-2": Limits(),
}
# Refused further in: an unknown target, a body over its limit, a client that falls silent.
LATER = {"a target that is no path", "LimitRequestBody exceeded by the length", "LimitRequestBody on a file"}
LATER |= {"headers that never end"}


def cases() -> list[Any]:
    return [
        pytest.param(TOPICS[topic], exchange, recorded[exchange["name"]], id=f"{topic}: {exchange['name']}")
        for topic in TOPICS
        if (RECORDED / f"{topic}.toml").exists()
        for recorded in [json.loads((RECORDED / f"{topic}.json").read_text())]
        for exchange in tomllib.loads((RECORDED / f"{topic}.toml").read_text())["exchange"]
        if exchange["name"] not in LATER
    ]


def refused(data: bytes, limits: Limits) -> int | None:
    try:
        reader = HeadReader(limits)
        head = reader.feed(data)
        if head:
            body = BodyFraming.from_head(head, limits)
            body.feed(reader.rest)
    except HTTPError as error:
        return error.status
    return None


@pytest.mark.parametrize(("limits", "exchange", "answer"), cases())
def test_refused_where_apache_refuses(
    limits: Limits, exchange: dict[str, Any], answer: dict[str, Any]
) -> None:
    sent = exchange["send"] if isinstance(exchange["send"], str) else "".join(exchange["send"])
    data = (sent if exchange.get("raw") else sent.replace("\n", "\r\n")).encode()
    first = (answer["responses"] or [{"status": 200}])[0]["status"]
    expected = first if first in (400, 414) else None
    assert refused(data, limits) == expected
