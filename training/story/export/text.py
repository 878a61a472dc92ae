"""A figure in plain characters."""

from __future__ import annotations

import math
from itertools import chain

from training.story.axes import DAY
from training.story.export.figure import BEHIND, Figure, points_of
from training.story.export.layout import is_log, scale_notes, x_axis
from training.story.plot import GUTTER, Line, plot

ROLES = {"train": "*", "val": "o"}
"""As in the charts of a report."""


def text_chart(figure: Figure, width: int, rows: int) -> list[str]:
    """The figure in lines of text; what lies quietly behind other curves is left out, and each mark is a line below."""
    axis = x_axis(figure)
    named = [curve for curve in figure.curves if curve.name and len(curve.x)]
    loud = [curve for curve in named if curve.series > BEHIND] or named
    unit, seconds = _unit_of_time(axis.high) if figure.x_name == "time" else (figure.x_name, 1.0)
    points = [points_of(curve, axis.low, axis.high, max(8, width - GUTTER)) for curve in loud]
    lines = [
        Line(
            curve.name,
            [round(x / seconds, 2) if seconds > 1 else x for x, _ in drawn],
            [y for _, y in drawn],
            ROLES.get(curve.name, ""),
        )
        for curve, drawn in zip(loud, points, strict=True)
        if drawn
    ]
    values = [y for _, y in chain.from_iterable(points) if math.isfinite(y)]
    log = is_log(figure, values)
    text = plot(lines, width=width, height=rows, unit=unit, percent=figure.percent, log=log)
    notes = [*figure.notes, *(scale_notes(figure, values, log=log) if not log else ())]
    notes += [mark.label for mark in figure.marks if mark.label]
    return [*text, *notes]


def _unit_of_time(longest: float) -> tuple[str, float]:
    """Its name, and its seconds."""
    for size, name in ((DAY, "d"), (3600.0, "h"), (60.0, "min")):
        if longest >= 2 * size:
            return name, size
    return "s", 1.0
