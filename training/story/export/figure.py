"""A chart that is to become a file: its curves with all their points, and what is marked in it. Numbers only."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from training.figures import duration

BEHIND, BEHIND_SMOOTHED = 1, 0
"""The series that is drawn quietly, behind the others, and what it is smoothed to."""
Point = tuple[float, float]


def itself(x: float) -> float:
    """The place of a point whose x is that of the chart's axis."""
    return x


@dataclass(frozen=True)
class FigureCurve:
    """One series: x ascends in a unit of its own (step, epoch), y may be nan or inf."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    series: int
    """From 1; decides colour and marker, as on the screen."""
    place: Callable[[float], float] = itself
    """From the curve's x to that of the axis; never falls."""
    low: Sequence[float] = ()
    """With `high` and as long as y: a band around the curve, where it has one."""
    high: Sequence[float] = ()

    @property
    def reached(self) -> float:
        """The right end on the chart's axis."""
        return self.place(self.x[-1]) if len(self.x) else 0.0

    def between(self, left: float, right: float) -> range:
        """The indices of the points that lie there, ends included."""
        return range(bisect_left(self.x, left, key=self.place), bisect_right(self.x, right, key=self.place))


@dataclass(frozen=True)
class FigureMark:
    """Something that happened at one place of the x axis: best, checkpoint, lr, override, finding, resumed."""

    x: float
    kind: str
    label: str = ""
    """Empty for what happens too often to be named each time."""


@dataclass(frozen=True)
class Figure:
    """What a file shows of one chart."""

    title: str
    """Of the chart, such as Loss."""
    curves: tuple[FigureCurve, ...]
    runs: str = ""
    """The names of the runs, as they stand in the heading."""
    x_name: str = "epoch"
    percent: bool = False
    from_zero: bool = False
    may_log: bool = False
    smooths: bool = True
    """Whether there may be noise in it; what is set, as a learning rate, is shown as it is."""
    log_scale: bool | None = None
    """None leaves the y axis to the data, where `may_log` allows it."""
    window: tuple[float, float] | None = None
    """The stretch of the x axis that is shown; None is all of it."""
    marks: tuple[FigureMark, ...] = ()
    stretch: tuple[float, float] | None = None
    """That a finding is about; shaded."""
    stretch_label: str = ""
    notes: tuple[str, ...] = ()
    """What else the heading says."""


def smooth(figure: Figure, weight: float) -> Figure:
    """Every curve as its moving average, what was measured quietly behind it; the figure itself for a weight of 0, and
    where there is no noise.
    """
    if weight <= 0 or not figure.smooths:
        return figure
    measured, smoothed = [], []
    for curve in figure.curves:
        quiet = curve.series == BEHIND
        measured.append(curve if quiet else replace(curve, name="", series=BEHIND, low=(), high=()))
        smooth = replace(curve, y=moving_average(curve.y, weight))
        smoothed.append(replace(smooth, name="", series=BEHIND_SMOOTHED) if quiet else smooth)
    note = f"smoothed, weight {weight:g}"
    return replace(figure, curves=(*measured, *smoothed), notes=(*figure.notes, note))


def moving_average(values: Sequence[float], weight: float) -> list[float]:
    """Exponential moving average without the pull of its start towards zero (Kingma & Ba 2015, section 3).

    `weight` is that of the past, from 0 to below 1. What is not finite stays as it is and leaves no trace in the rest.
    """
    averaged: list[float] = []
    total, trust = 0.0, 0.0
    for value in values:
        if math.isfinite(value):
            total = weight * total + (1 - weight) * value
            trust = weight * trust + (1 - weight)
            averaged.append(total / trust)
        else:
            averaged.append(value)
    return averaged


def points_of(curve: FigureCurve, left: float, right: float, count: int) -> list[Point]:
    """What is drawn of the curve between two places, in order; y is not finite where the line breaks.

    All its points where there are no more than two for each of `count` columns, and where its line comes in and leaves;
    else the smallest and the largest of each column, in the order that adds no ink.
    """
    indices = curve.between(left, right)
    if len(indices) > 2 * count:
        return _extremes(curve, indices, left, right, count)
    points = [(curve.place(curve.x[index]), curve.y[index]) for index in indices]
    return [*_crossing(curve, indices.start, left), *points, *_crossing(curve, indices.stop, right)]


def _crossing(curve: FigureCurve, right: int, at: float) -> list[Point]:
    """Where the line to the point of that index crosses a place left of it; nothing where there is no such line."""
    if not 0 < right < len(curve.x):
        return []
    (x, y), (x2, y2) = ((curve.place(curve.x[index]), curve.y[index]) for index in (right - 1, right))
    if not x < at < x2 or not (math.isfinite(y) and math.isfinite(y2)):
        return []
    share = (at - x) / (x2 - x)
    return [(at, y * (1 - share) + y2 * share)]


def lines_of(curve: FigureCurve, left: float, right: float, count: int) -> list[list[Point]]:
    """The same as lines to draw."""
    lines: list[list[Point]] = [[]]
    for point in points_of(curve, left, right, count):
        if math.isfinite(point[1]):
            lines[-1].append(point)
        elif lines[-1]:
            lines.append([])
    return [line for line in lines if line]


def _extremes(curve: FigureCurve, indices: range, left: float, right: float, count: int) -> list[Point]:
    """Two points a column; one that is nan for a column without a finite value."""
    width = (right - left) / count
    points: list[Point] = []
    start = indices.start
    for column in range(count):
        last = column == count - 1
        end = (
            indices.stop
            if last
            else bisect_left(curve.x, left + (column + 1) * width, start, indices.stop, key=curve.place)
        )
        if end == start:
            continue
        at = left + (column + 0.5) * width
        finite = [value for value in curve.y[start:end] if math.isfinite(value)]
        start = end
        if not finite:
            points.append((at, math.nan))
            continue
        ends = (min(finite), max(finite))
        before = points[-1][1] if points else ends[1]
        near, far = ends if abs(before - ends[0]) <= abs(before - ends[1]) else ends[::-1]
        points += [(at, near)] if near == far else [(at, near), (at, far)]
    return points


def band_of(curve: FigureCurve, left: float, right: float, count: int) -> list[list[tuple[float, float, float]]]:
    """The curve's band as (x, low, high), broken where it has none; at most `count` points of it, evenly taken."""
    if not len(curve.low):
        return []
    indices = curve.between(left, right)
    pieces: list[list[tuple[float, float, float]]] = [[]]
    for index in indices[:: max(1, math.ceil(len(indices) / count))]:
        low, high = curve.low[index], curve.high[index]
        if math.isfinite(low) and math.isfinite(high):
            pieces[-1].append((curve.place(curve.x[index]), low, high))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def first_bad(figure: Figure) -> str:
    """The first value of the figure that is not finite, in words; empty where all are."""
    for curve in figure.curves:
        if curve.name and not math.isfinite(sum(curve.y)):
            for x, y in zip(curve.x, curve.y, strict=True):
                if not math.isfinite(y):
                    value = "NaN" if math.isnan(y) else "inf"
                    return f"{curve.name}: {value} at {figure.x_name} {spelled(curve.place(x), figure.x_name)}"
    return ""


def spelled(x: float, x_name: str) -> str:
    """A place on the x axis in words."""
    return duration(x) if x_name == "time" else f"{x:.6g}"
