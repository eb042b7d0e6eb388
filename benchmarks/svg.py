"""Drawings of results as SVG.

There are two: bars, a panel per workload with requests per second on the left and CPU per request on the
right; and curves, a panel each, with logarithmic scales, on which what grows in step rises at the slope of
the dotted line and what does not grow lies flat.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pyhttpd.tools.load import svg
from pyhttpd.tools.load.svg import drawing, line, text

COLOURS = {
    "ours-event": "#2f81f7",
    "ours-worker": "#5b9cf0",
    "ours-prefork": "#86b6ea",
    "ours-event-no-replay": "#8e7cd6",
    "apache-event": "#c2622d",
    "apache-worker": "#cf7f50",
    "apache-prefork": "#d99b76",
    "nginx": "#2f9457",
    "nginx-tuned": "#5bad7b",
}
PANEL, HIGH, MARGIN = 420, 210, 50


class Bar(NamedTuple):
    """A server's two figures in a panel; None where there is none."""

    server: str
    rate: float | None
    cpu: float | None


class Series(NamedTuple):
    """A server's curve."""

    server: str
    points: Sequence[tuple[float, float]]


def bars(panels: dict[str, list[Bar]]) -> str:
    """A panel of bars for each title."""
    return svg.bars(
        ("requests/s", "CPU us/request"),
        {
            title: [svg.Bar(row.server, COLOURS[row.server], (row.rate, row.cpu)) for row in rows]
            for title, rows in panels.items()
        },
    )


def curves(panels: dict[str, list[Series]]) -> str:
    """A panel of curves for each title, two in a row; the vertical scale is CPU us/request in all of them."""
    panels = {title: series for title, series in panels.items() if series}
    values = [y for series in panels.values() for one in series for _, y in one.points if y > 0]
    if not values:
        return drawing(2 * PANEL, 40, [text(10, 20, "nothing was measured")])
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
    parts = legend(list(dict.fromkeys(one.server for series in panels.values() for one in series)))
    for number, (title, series) in enumerate(panels.items()):
        x, y = PANEL * (number % 2), 30 + HIGH * (number // 2)
        parts += panel(x, y, title, series, (low, high))
    return drawing(2 * PANEL, 30 + HIGH * math.ceil(len(panels) / 2), parts)


def legend(servers: list[str]) -> list[str]:
    """Which colour is whose, and what the scale is."""
    parts = [text(10, 16, "CPU us/request", "t")]
    for number, server in enumerate(servers):
        x = MARGIN + 90 + number * 160
        parts.append(f'<rect x="{x}" y="8" width="12" height="8" fill="{COLOURS[server]}"/>')
        parts.append(text(x + 17, 16, server))
    return parts


def panel(x: int, y: int, title: str, series: list[Series], scale: tuple[float, float]) -> Iterable[str]:
    """One panel: frame, scales, a dotted line of growth in step, and the curves."""
    left, top, wide, tall = x + MARGIN, y + 24, PANEL - MARGIN - 40, HIGH - 60
    xs = sorted({point[0] for one in series for point in one.points})
    first, last = max(xs[0], 1), max(xs[-1], 1)  # a logarithm has no place for 0: it stands where 1 would
    across = math.log10(last / first) or 1.0
    decades = math.log10(scale[1] / scale[0])

    def place(px: float, py: float) -> tuple[float, float]:
        at = math.log10(max(px, 1) / first) / across, math.log10(py / scale[0]) / decades
        return left + wide * at[0], top + tall * (1 - at[1])

    yield text(left, y + 14, title, "t")
    for power in range(round(decades) + 1):
        value = scale[0] * 10**power
        _, height = place(first, value)
        yield line(left, height, left + wide, height)
        yield text(left - 6, height + 4, f"{value:,.0f}", "e")
    for one_x in xs:
        yield text(place(one_x, scale[0])[0] - 6, top + tall + 16, f"{one_x:,.0f}")
    reach = min(across, decades)
    yield line(
        *place(first, scale[0]), *place(first * 10**reach, scale[0] * 10**reach), 'stroke-dasharray="2 4"'
    )
    for server, points in series:
        path = "L".join("{:.1f} {:.1f}".format(*place(*point)) for point in points)
        yield f'<path d="M{path}" fill="none" stroke="{COLOURS[server]}" stroke-width="2"/>'
