"""The axes of a chart as text: labels beside and under the canvas, at the places where they belong."""

from __future__ import annotations

import math
from itertools import pairwise

from tui.widgets.canvas import DOTS_DOWN
from tui.widgets.chart_signs import BAND_ENDS, BAND_LINE, BAND_POINT
from tui.widgets.geometry import Axis, decimals_of, short, tick_labels, ticks, time_labels, time_ticks
from tui.widgets.rows import Row

GUTTER = 7
"""Cells left of the canvas: a label of six and the axis."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_ROOM_FOR_MINOR = 8
"""Rows of a decade from which on each of its ten parts may have a tick."""


def y_labels(axis: Axis, down: int, percent: bool) -> list[str]:
    """One string a row, top row first, GUTTER cells wide."""
    values = ticks(axis, max(2, down // 2))
    labels = [" " * (GUTTER - 1) + "│"] * down
    for value in _minor_ticks(axis, down):
        labels[_row(axis, value, down)] = " " * (GUTTER - 1) + "┤"
    for value, label in zip(values, tick_labels(values, log=axis.log, percent=percent), strict=True):
        labels[_row(axis, value, down)] = f"{label[: GUTTER - 1]:>{GUTTER - 1}}┤"
    return labels


def _row(axis: Axis, value: float, down: int) -> int:
    return down - 1 - round((down * DOTS_DOWN - 1) * axis.position(value)) // DOTS_DOWN


def _minor_ticks(axis: Axis, down: int) -> list[float]:
    """Those of a logarithmic axis without a label, where there is room: 2, 3, ... 9 × 10^k, or only 2 and 5."""
    if not axis.log:
        return []
    decades = math.log10(axis.high / axis.low)
    room = down / max(decades, 1e-9)
    factors = range(2, 10) if room >= _ROOM_FOR_MINOR else (2, 5) if 2 * room >= _ROOM_FOR_MINOR else ()
    powers = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1) if factors else ()
    values = (factor * 10.0**power for power in powers for factor in factors)
    return [value for value in values if axis.low <= value <= axis.high]


def x_labels(name: str, low: float, high: float, across: int, band: range) -> Row:
    """The labels under the canvas; each is centred on its tick and left out where it would touch another.

    The band is a line between two brackets; a label may stand inside, but not on a bracket.
    """
    line = list(f"{name[: GUTTER - 2]:>{GUTTER - 1}} " + " " * across)
    free = GUTTER
    for column in band:
        line[GUTTER + column] = BAND_LINE
    ends = [GUTTER + column for column in (band[0], band[-1])] if band else []
    for end, mark in zip(ends, BAND_ENDS if len(band) > 1 else 2 * BAND_POINT, strict=False):
        line[end] = mark
    for value, label in x_ticks(name, low, high, across):
        at = GUTTER + round((across - 1) * (value - low) / (high - low)) - len(label) // 2
        at = min(max(at, GUTTER), len(line) - len(label))
        if at >= free and not any(at - 1 <= end <= at + len(label) for end in ends):
            line[at : at + len(label)] = label
            free = at + len(label) + 1
    text = "".join(line)
    if not ends:
        return [(text, "muted")]
    return [(text[: ends[0]], "muted"), (text[ends[0] : ends[1] + 1], "key"), (text[ends[1] + 1 :], "muted")]


def x_ticks(name: str, low: float, high: float, across: int) -> list[tuple[float, str]]:
    """Round values between the ends of an x axis, with their labels; there may be more than fit beside each other."""
    if name == "time":
        values = time_ticks(Axis(low, high), max(2, across // 10))
        return list(zip(values, time_labels(values), strict=True))
    values = ticks(Axis(low, high), max(2, across // 8))
    labels = tick_labels(values)
    if len(set(labels)) < len(labels):
        step = min(b - a for a, b in pairwise(values))
        labels = [f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}" for value in values]
    return list(zip(values, labels, strict=True))


def place_text(name: str, at: float) -> str:
    """A place of the x axis in words: `epoch 12.3`, `12.4 min`."""
    if name != "time":
        return f"{name} {spelled(at, 2)}"
    unit, word = next((each for each in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")) if at >= 2 * each[0]), (1.0, "s"))
    return f"{spelled(at / unit, 2)} {word}"


def stretch_text(name: str, low: float, high: float) -> str:
    """A stretch of the x axis in words: `epochs 12–18`, `steps 1200–1240`, `12–18 min`."""
    if name == "time":
        return _time_stretch(low, high)
    span = high - low
    decimals = 0 if span >= 20 or (span >= 1 and low == int(low) and high == int(high)) else 1
    if span < 1:
        decimals = 1 - math.floor(math.log10(span)) if span > 0 else 0
    return f"{name}s {spelled(low, decimals)}–{spelled(high, decimals)}"


def _time_stretch(low: float, high: float) -> str:
    """In the largest unit in which neither the times are small nor what lies between them, to about a tenth of it."""
    span = high - low
    units = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"))
    unit, name = next((each for each in units if high >= 2 * each[0] and span >= each[0] / 4), (1.0, "s"))
    most = max(1, 1 - math.floor(math.log10(span / unit))) if span > 0 else 1
    decimals = decimals_of((low / unit, high / unit), span / unit, min(12, most))
    return f"{f'{low / unit:.{decimals}f}' if low else '0'}–{high / unit:.{decimals}f} {name}"


def spelled(value: float, decimals: int) -> str:
    """With at most so many decimals, in full as long as that is short."""
    if not abs(value) < 1e12:
        return short(value)
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
