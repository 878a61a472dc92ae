"""A long series seen through a narrow chart: the smallest and the largest value in each column.

A pyramid of block extremes answers each column in a number of steps that grows with the logarithm of the run's length,
so that a redraw costs what the chart is wide, at any zoom, and a new point costs next to nothing.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

FANOUT = 32


class Points(Protocol):
    """A series that grows to the right; `rewinds` counts how often its tail was replaced."""

    x: array[float]
    y: array[float]
    rewinds: int


class Column(NamedTuple):
    """The finite values of one column; low is nan where it has values but none that is finite."""

    at: int
    low: float
    high: float


@dataclass
class Pyramid:
    """Smallest and largest finite value of each block of 32, 1024, ... values of a series."""

    lows: list[array[float]] = field(default_factory=list)
    highs: list[array[float]] = field(default_factory=list)
    first_bad: int | None = None
    """Index of the first value that is not finite."""
    _length: int = 0
    _rewinds: int = 0

    def follow(self, points: Points) -> None:
        """Take in what the series gained; start anew where its tail was replaced."""
        if points.rewinds != self._rewinds:
            self.lows, self.highs, self._length, self.first_bad = [], [], 0, None
            self._rewinds = points.rewinds
        if self.first_bad is None and len(points.y) > self._length:
            self.first_bad = _first_bad(points.y, self._length)
        lower: Sequence[float] = points.y
        upper: Sequence[float] = points.y
        self._length = len(points.y)
        level = 0
        while len(lower) >= FANOUT:
            if level == len(self.lows):
                self.lows.append(array("d"))
                self.highs.append(array("d"))
            lows, highs = self.lows[level], self.highs[level]
            for start in range(len(lows) * FANOUT, len(lower) - FANOUT + 1, FANOUT):
                low, _ = _extremes(lower[start : start + FANOUT])
                _, high = _extremes(upper[start : start + FANOUT])
                lows.append(low)
                highs.append(high)
            lower, upper, level = lows, highs, level + 1

    def between(self, values: Sequence[float], start: int, end: int) -> tuple[float, float]:
        """The extremes of values[start:end]; (inf, -inf) where none is finite."""
        low, high = math.inf, -math.inf
        lower = upper = values
        for lows, highs in zip(self.lows, self.highs, strict=True):
            first, last = -(-start // FANOUT), end // FANOUT
            if first >= last:
                break
            for part in (slice(start, first * FANOUT), slice(last * FANOUT, end)):
                low, high = min(low, _extremes(lower[part])[0]), max(high, _extremes(upper[part])[1])
            lower, upper, start, end = lows, highs, first, last
        return min(low, _extremes(lower[start:end])[0]), max(high, _extremes(upper[start:end])[1])


def _extremes(values: Sequence[float]) -> tuple[float, float]:
    """Smallest and largest finite value; (inf, -inf) where there is none."""
    if not values:
        return math.inf, -math.inf
    if not math.isfinite(sum(values)):
        values = [value for value in values if math.isfinite(value)]
    return min(values, default=math.inf), max(values, default=-math.inf)


def _first_bad(values: array[float], start: int) -> int | None:
    if math.isfinite(sum(values[start:])):
        return None
    return next((index for index in range(start, len(values)) if not math.isfinite(values[index])), None)


def columns(points: Points, pyramid: Pyramid, edges: Sequence[float], first: int = 0) -> list[Column]:
    """The columns that hold points: column first + i spans x from edges[i] up to, not including, edges[i + 1]."""
    pyramid.follow(points)
    found: list[Column] = []
    start = bisect_left(points.x, edges[0])
    for index in range(len(edges) - 1):
        if start >= len(points.x):
            break
        end = bisect_left(points.x, edges[index + 1], lo=start)
        if end > start:
            low, high = pyramid.between(points.y, start, end)
            found.append(Column(first + index, *((low, high) if low <= high else (math.nan, math.nan))))
            start = end
    return found


def polylines(found: Sequence[Column]) -> list[list[tuple[int, float]]]:
    """The points to join, as (column, value); a column without a finite value breaks the line."""
    lines: list[list[tuple[int, float]]] = [[]]
    for column in found:
        line = lines[-1]
        if math.isnan(column.low):
            if line:
                lines.append([])
            continue
        if column.low == column.high:
            line.append((column.at, column.low))
            continue
        # The end nearer to where the line comes from first, so that the join adds no ink.
        came_from = line[-1][1] if line else column.high
        ends = (column.low, column.high)
        near, far = ends if abs(came_from - column.low) <= abs(came_from - column.high) else ends[::-1]
        line += [(column.at, near), (column.at, far)]
    return [line for line in lines if line]
