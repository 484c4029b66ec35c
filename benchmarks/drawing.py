"""The month as a drawing: use of the window by hour, and waits by class."""

import math
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from benchmarks.figures import percentile
from benchmarks.month import Month
from zohocrm_async.options import Priority

WIDTH = 960
_LEFT, _RIGHT = 180, 20
_STRIP, _GAP, _TOP = 74, 26, 74
_ROW = 26
_PLOT = WIDTH - _LEFT - _RIGHT
_HOURS_A_DAY = 24
# Chosen to be told apart by the colour-blind, too.
_COLOURS = ("#0b6e99", "#8a8a8a", "#c77700", "#7a4fa3")
_INK, _FAINT, _GRID = "#222222", "#666666", "#dddddd"
# Waits span from a millisecond to days.
_LEAST, _DECADES = 1e-2, 8
_MARKS = ((0.01, "10 ms"), (0.1, "0.1 s"), (1, "1 s"), (10, "10 s"), (60, "1 min"),
          (600, "10 min"), (3_600, "1 h"), (86_400, "1 day"), (604_800, "1 week"))  # fmt: skip


def draw(months: Sequence[Month]) -> str:
    """Return an SVG of *months*, one strip and one colour a policy."""
    strips = _TOP + len(months) * (_STRIP + _GAP)
    classes = list(Priority)
    height = strips + 70 + len(classes) * (len(months) * _ROW + 18) + 40
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">'
    )
    parts = [
        head,
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(_LEFT, 28, "A month of an organisation", size=18),
        _text(_LEFT, 50, "Use of the 24-hour window: part of the allowance spent, hour by hour"),
        *_strips(months),
        *_waits(months, strips + 20),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _strips(months: Sequence[Month]) -> Iterator[str]:
    for number, (month, colour) in enumerate(zip(months, _COLOURS, strict=False)):
        top = _TOP + number * (_STRIP + _GAP)
        yield _text(10, top + _STRIP / 2, month.policy, weight="bold", fill=colour)
        yield _text(10, top + _STRIP / 2 + 16, f"{month.refusals:,} x 429", fill=_FAINT)
        for part in (0.0, 0.5, 1.0):
            y = top + _STRIP * (1 - part)
            yield _line(_LEFT, y, WIDTH - _RIGHT, y)
            yield _text(_LEFT - 6, y + 4, f"{part:.0%}", anchor="end", fill=_FAINT)
        hours = len(month.window)
        points = " ".join(
            f"{_LEFT + _PLOT * (hour + 1) / hours:.1f},{top + _STRIP * (1 - min(use, 1)):.1f}"
            for hour, use in enumerate(month.window)
        )
        yield (
            f'<polygon points="{_LEFT},{top + _STRIP} {points} {_LEFT + _PLOT},{top + _STRIP}" '
            f'fill="{colour}" fill-opacity="0.25" stroke="none"/>'
        )
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.2"/>'
        days = hours // _HOURS_A_DAY
        for day in range(0, days, max(1, days // 10)):
            x = _LEFT + _PLOT * day / days
            yield _text(x, top + _STRIP + 14, f"day {day + 1}", fill=_FAINT, size=10)


def _waits(months: Sequence[Month], top: float) -> Iterator[str]:
    yield _text(
        _LEFT, top, "Waits until a call was sent, by class: from the median (bar) over p95 (dot) "
        "to the worst (line)",
    )  # fmt: skip
    bottom = top + 34 + len(Priority) * (len(months) * _ROW + 18)
    for seconds, label in _MARKS:
        x = _scale(seconds)
        yield _line(x, top + 14, x, bottom - 14)
        yield _text(x, bottom + 2, label, anchor="middle", fill=_FAINT, size=10)
    y = top + 34
    for priority in Priority:
        yield _text(10, y + len(months) * _ROW / 2, priority.name, weight="bold")
        for month, colour in zip(months, _COLOURS, strict=False):
            yield from _wait(month.waits[priority], y, colour)
            y += _ROW
        y += 18


def _wait(waits: Sequence[float], y: float, colour: str) -> Iterator[str]:
    middle, high, worst = (_scale(percentile(waits, part)) for part in (0.5, 0.95, 1.0))
    bar = max(middle - _LEFT, 2)
    yield (
        f'<rect x="{_LEFT}" y="{y:.1f}" width="{bar:.1f}" height="14" '
        f'fill="{colour}" fill-opacity="0.6"/>'
    )
    yield _line(middle, y + 7, worst, y + 7, colour=colour, width=2)
    yield f'<circle cx="{high:.1f}" cy="{y + 7:.1f}" r="5" fill="{colour}"/>'
    yield _line(worst, y + 1, worst, y + 13, colour=colour, width=2)


def _scale(seconds: float) -> float:
    """Place *seconds* on the logarithmic axis."""
    return _LEFT + _PLOT * math.log10(max(seconds, _LEAST) / _LEAST) / _DECADES


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    anchor: str = "start",
    weight: str = "normal",
    fill: str = _INK,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'font-weight="{weight}" fill="{fill}">{escape(words)}</text>'
    )


def _line(
    x1: float, y1: float, x2: float, y2: float, *, colour: str = _GRID, width: float = 1
) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )
