"""Drawings as SVG, in colours legible on light and on dark pages: words, lines, and panels of bars."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

TEXT, FAINT = "#7d8590", "#7d859055"
STYLE = f"text{{font:11px sans-serif;fill:{TEXT}}}.t{{font-weight:bold;font-size:12px}}.e{{text-anchor:end}}"
WIDTH, ROW, LABEL, FIGURE, EDGE = 860, 16, 150, 60, 10
GAP = 60  # between a column's figures and the next one


class Bar(NamedTuple):
    """A row of a panel: whose, in what colour, and a value for each column; None where there is none."""

    name: str
    colour: str
    values: Sequence[float | None]


def text(x: float, y: float, words: str, style: str = "") -> str:
    """Some words; style t is a title, e ends at the place instead of beginning there."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, more: str = "") -> str:
    """A faint line."""
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{FAINT}" {more}/>'


def drawing(width: float, height: float, parts: Iterable[str]) -> str:
    """The whole file."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}">'
    )
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def bars(columns: Sequence[str], panels: Mapping[str, Sequence[Bar]]) -> str:
    """A panel of bars for each title; the bars of a column of a panel share a scale."""
    span = (WIDTH - LABEL - EDGE) / len(columns)
    long = span - FIGURE - GAP * (len(columns) > 1)
    parts: list[str] = []
    y = 10.0
    for title, rows in panels.items():
        parts.append(text(10, y + 12, title, "t"))
        parts += [text(LABEL + number * span, y + 28, name) for number, name in enumerate(columns)]
        y += 34
        most = [max((row.values[n] or 0.0 for row in rows), default=0.0) for n in range(len(columns))]
        for row in rows:
            parts.append(text(LABEL - 8, y + 12, row.name, "e"))
            for number, value in enumerate(row.values):
                parts += bar(LABEL + number * span, y, row.colour, value, long / (most[number] or 1.0))
            y += ROW
        y += 18
    return drawing(WIDTH, y, parts)


def bar(x: float, y: float, colour: str, value: float | None, scale: float) -> Iterable[str]:
    """One bar with its figure."""
    if value is None:
        return [text(x, y + 12, "-")]
    width = value * scale
    shape = f'<rect x="{x:.1f}" y="{y + 2:.1f}" width="{width:.1f}" height="{ROW - 4}" fill="{colour}"/>'
    figure = f"{value:.1f}" if 0 < value < 100 else f"{value:,.0f}"
    return [shape, text(x + width + 6, y + 12, figure)]
