"""From the curves of a chart to strokes on its canvas: what is in sight, on which scale, in which order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from tui.monitor.lens import Lens
from tui.widgets.canvas import DOTS_ACROSS, DOTS_DOWN, Cell, Stroke
from tui.widgets.chart_signs import BEHIND_SMOOTH, SPREAD, Signs
from tui.widgets.chart_spec import BEHIND, ChartSpec, Curve
from tui.widgets.decimation import FANOUT, LEAST, Column, Pyramid, polylines
from tui.widgets.geometry import Axis
from tui.widgets.smoothing import MOST

FEW = 4
"""Cells a point from which on a zoomed chart shows each as a point."""
MOST_COUNTED = 1000
"""Values that cannot be shown, from which on nobody cares how many there are."""
Line = list[tuple[int, float]]


@dataclass
class Drawn:
    """One curve as it is drawn: in dot columns, with the lines that lead in and out at the edges of a window."""

    curve: Curve
    cell: int
    """What its cells hold: see `chart_signs.STYLES_OF_CELLS`."""
    low: float
    high: float
    count: int
    """Dot columns from low to high."""
    columns: list[Column]
    zoomed: bool = False
    behind: bool = False
    """Whether it is what was measured, behind what it was smoothed to."""
    smooth: bool = False
    pending: bool = False
    log: bool = False
    bounds: tuple[list[Column], list[Column]] | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def size(self) -> object:
        """Changes with every new value."""
        return len(self.curve.points.y), self.curve.points.rewinds

    def join(self) -> None:
        """Make the lines of the columns; those of the last time where nothing about them is new."""
        before, after = self.curve.beside(self.low, self.high) if self.zoomed else (None, None)
        shown = (self.low, self.high, self.count, before, after, self.columns[:])
        known = self.curve.lines.get(self.log)
        if known is None or known[0] != shown:
            known = self.curve.lines[self.log] = (shown, self._joined(before, after))
        self.lines = known[1]

    def _joined(self, before: tuple[float, float] | None, after: tuple[float, float] | None) -> list[Line]:
        lines = polylines(self.columns)
        left, right = (self._outside(point) for point in (before, after))
        last = self.count - 1
        if not self.columns:
            return [[(at, self._value(left, right, at)) for at in (0, last)]] if left and right else lines
        if left and lines and lines[0][0][0] == self.columns[0].at > 0:
            lines[0].insert(0, (0, self._value(left, lines[0][0], 0)))
        if right and lines and lines[-1][-1][0] == self.columns[-1].at < last:
            lines[-1].append((last, self._value(lines[-1][-1], right, last)))
        return lines

    def use_log(self) -> None:
        """Show only what a logarithmic axis can show."""
        self.log = True
        if any(column.low <= 0 for column in self.columns):
            self.columns = self.curve.columns(self.low, self.high, self.count, positive=True)
        self.join()

    def _outside(self, point: tuple[float, float] | None) -> tuple[float, float] | None:
        """A point in dot columns, beside the canvas."""
        if point is None or (self.log and point[1] <= 0):
            return None
        return (point[0] - self.low) / (self.high - self.low) * self.count - 0.5, point[1]

    def _value(self, one: tuple[float, float], other: tuple[float, float], at: float) -> float:
        """Where the line through two points is at a column, as it is drawn on the axis."""
        share = (at - one[0]) / (other[0] - one[0]) if other[0] > one[0] else 0.0
        if self.log:
            return math.exp((1 - share) * math.log(one[1]) + share * math.log(other[1]))
        return (1 - share) * one[1] + share * other[1]

    @property
    def extremes(self) -> Iterator[float]:
        """Smallest and largest of the values that the axis has to hold."""
        for line in self.lines:
            values = [value for _, value in line]
            yield min(values)
            yield max(values)
        for columns in self.bounds or ():
            finite = [end for column in columns for end in column[1:3] if not math.isnan(end)]
            shown = [end for end in finite if end > 0 or not self.log]
            if shown:
                yield min(shown)
                yield max(shown)


def drawn_curves(spec: ChartSpec, lens: Lens, low: float, high: float, count: int, smoothed: int = MOST) -> list[Drawn]:
    """The curves in the order of drawing: what was measured, and before it what it is smoothed to.

    `smoothed` is how many values of each are smoothed for it, beside those that are already.
    """
    zoomed = lens.window is not None
    first: list[Drawn] = []
    second: list[Drawn] = []
    for curve in spec.curves:
        smooth = lens.smoothing > 0 and spec.smooths
        each = Drawn(curve, BEHIND if smooth else curve.series, low, high, count, [], zoomed, behind=smooth)
        each.columns = curve.columns(low, high, count)
        if curve.bounds:
            lower, upper = (bound.columns(low, high, count) for bound in curve.bounds)
            each.bounds = (lower, upper)
        first.append(each)
        if not smooth:
            curve.plain()
            continue
        made = curve.smoothed(lens.smoothing)
        points = curve.smooth
        assert points is not None
        points.follow(smoothed)
        cell = BEHIND_SMOOTH if curve.series == BEHIND else curve.series
        columns = made.columns(low, high, count)
        second.append(Drawn(made, cell, low, high, count, columns, zoomed, smooth=True, pending=not points.done))
    found = [*first, *second]
    for each in found:
        each.join()
    return found


def strokes_of(drawn: Sequence[Drawn], axis: Axis, signs: Signs, across: int, down: int) -> list[Stroke]:
    """Lines in dots, and points where there are so few that each can be seen; of what stays, those of the last time."""
    strokes: list[Stroke] = []
    for each in drawn:
        # Its lines are another object where they are others.
        shown = (axis, signs, across, down, each.cell, each.behind, each.curve.series, each.curve.again)
        known = each.curve.strokes
        if known is None or known[0] is not each.lines or known[1] != shown:
            known = each.curve.strokes = (each.lines, shown, list(_strokes(each, axis, signs, across, down)))
        strokes += known[2]
    return strokes


def _strokes(each: Drawn, axis: Axis, signs: Signs, across: int, down: int) -> Iterator[Stroke]:
    top = down * DOTS_DOWN - 1
    series = each.curve.series
    for line in each.lines:
        dots = [(x, round(top * axis.position(value))) for x, value in line]
        points = tuple(dot for dot, _ in groupby(dots))
        alone = len(points) == 1
        marker = signs.point(series) if alone else signs.marker(series, behind=each.behind, again=each.curve.again)
        yield Stroke(points, each.cell, marker)
    if each.zoomed and not each.behind and len(each.columns) * FEW <= across:
        for column in each.columns:
            if not math.isnan(column.low):
                for value in {column.low, column.high}:
                    yield Stroke(((column.at, round(top * axis.position(value))),), each.cell, signs.point(series))


def spread_cells(drawn: Sequence[Drawn], axis: Axis, across: int, down: int) -> dict[tuple[int, int], Cell]:
    """The cells (row from the top, column) between the edges of the bands around curves."""
    found: dict[tuple[int, int], Cell] = {}
    for each in drawn:
        if each.bounds is None:
            continue
        lower, upper = (_by_column(polylines(columns), across) for columns in each.bounds)
        for column in lower.keys() & upper.keys():
            ends = (lower[column], upper[column])
            bottom, top = (round((down * DOTS_DOWN - 1) * axis.position(value)) // DOTS_DOWN for value in ends)
            for row in range(bottom, top + 1):
                found[down - 1 - row, column] = (SPREAD, each.curve.series)
    return found


def _by_column(lines: Sequence[Line], across: int) -> dict[int, float]:
    """The value of a line in each column of cells that it crosses."""
    values: dict[int, float] = {}
    for line in lines:
        before: tuple[int, float] | None = None
        for x, value in line:
            column = x // DOTS_ACROSS
            if before is not None:
                steps = column - before[0]
                for step in range(1, steps):
                    values[before[0] + step] = before[1] + (value - before[1]) * (step / steps)
            values[column] = value
            before = (column, value)
    return {column: value for column, value in values.items() if column < across}


def dropped_values(drawn: Sequence[Drawn], low: float, high: float) -> str:
    """How many values are not above 0, in words; "" for none."""
    count = 0
    for each in drawn:
        if not each.smooth and any(column.low <= 0 for column in each.columns):
            inside = each.curve.within(low, high)
            count += not_positive(each.curve.pyramid, each.curve.points.y, inside.start, inside.stop)
    if not count:
        return ""
    many = f"{MOST_COUNTED}+" if count >= MOST_COUNTED else str(count)
    return f"{many} {'value' if count == 1 else 'values'} ≤ 0 not drawn"


def not_positive(pyramid: Pyramid, values: Sequence[float], start: int, end: int) -> int:
    """How many of values[start:end] are finite and not above 0, at most MOST_COUNTED; blocks without one are free."""
    count, at = 0, start
    while at < end and count < MOST_COUNTED:
        size = _block_above_zero(pyramid, at, end)
        if size:
            at += size
            continue
        # Up to the end of the smallest block.
        stop = min(end, at - at % LEAST + LEAST)
        count += sum(-math.inf < value <= 0 for value in values[at:stop])
        at = stop
    return min(count, MOST_COUNTED)


def _block_above_zero(pyramid: Pyramid, at: int, end: int) -> int:
    """The size of the largest block that begins there, ends before `end` and holds nothing that is not above 0."""
    largest, size = 0, LEAST
    for lows in pyramid.lows:
        block = at // size
        if at % size or at + size > end or block >= len(lows) or lows[block] <= 0:
            break
        largest, size = size, size * FANOUT
    return largest
