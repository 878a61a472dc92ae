"""The metrics of a run at one place of the x axis, as a person copies them."""

from __future__ import annotations

from bisect import bisect_right

from training.curve import Series
from training.curves import Curves
from training.story.run_axis import RunAxis
from tui.monitor.lens import Unit

NEAR = 1e-6
"""A place on an axis is a quotient: a point that far to the right of it, as a share of it, counts as at it."""


def values_at(curves: Curves, unit: Unit, cursor: float) -> dict[str, float]:
    """The last value of each metric up to there: of an epoch where it is logged so, else of a step."""
    axis = RunAxis(curves, unit)
    epoch, step = axis.by_epoch.of_points(cursor), axis.by_step.of_points(cursor)
    if unit == "epoch" and not axis.steps_per_epoch:
        step = -1.0  # without the length of an epoch, steps have no place among epochs
    found: dict[str, float] = {}
    for name in dict.fromkeys((*curves.epochs, *curves.steps)):
        value = _upto(curves.epochs.get(name), epoch)
        value = _upto(curves.steps.get(name), step) if value is None else value
        if value is not None:
            found[name] = value
    return found


def _upto(series: Series | None, x: float) -> float | None:
    if series is None:
        return None
    at = bisect_right(series.x, x + NEAR * max(1.0, abs(x)))
    return float(series.y[at - 1]) if at else None
