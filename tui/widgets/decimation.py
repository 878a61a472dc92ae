"""A long series seen through a narrow chart: the smallest and the largest value in each column.

A column of a long run is made of a few whole blocks of a pyramid of block extremes, of a few points where the run is
short: a redraw costs what the chart is wide, at any length and any zoom, and a new point costs next to nothing.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol

LEAST = 16
"""Values in a block of the lowest level: fewer take more memory, more take longer where one zooms in."""
FANOUT = 4
"""Blocks in one of the next level: a column has from LEAST_BLOCKS to FANOUT times as many."""
LEAST_BLOCKS = 4
"""That a column spans before its ends are moved to those of blocks."""


class Points(Protocol):
    """A series that grows to the right; `rewinds` counts how often its tail was replaced."""

    @property
    def x(self) -> Sequence[float]:
        """Ascending; may hold more values than y has by now."""

    @property
    def y(self) -> Sequence[float]: ...

    @property
    def rewinds(self) -> int: ...


class Column(NamedTuple):
    """The finite values of one column; low is nan where it has values but none that is finite."""

    at: int
    low: float
    high: float
    start: int = 0
    """Index of its first point."""


@dataclass
class Pyramid:
    """Smallest and largest finite value of each block of 16, 64, 256, ... values of a series."""

    lows: list[array[float]] = field(default_factory=list)
    highs: list[array[float]] = field(default_factory=list)
    first_bad: int | None = None
    """Index of the first value that is not finite."""
    positive: bool = False
    """Whether it passes over values that are not above 0, which a logarithmic axis cannot show."""
    _length: int = 0
    _rewinds: int = 0

    def follow(self, points: Points) -> None:
        """Take in what the series gained; start anew where its tail was replaced."""
        if points.rewinds != self._rewinds:
            self.lows, self.highs, self._length, self.first_bad = [], [], 0, None
            self._rewinds = points.rewinds
        length = len(points.y)
        if length == self._length:
            return
        if self.first_bad is None:
            self.first_bad = _first_bad(points.y, self._length)
        self._length = length
        self._grow(0, points.y, points.y)

    def _grow(self, level: int, lower: Sequence[float], upper: Sequence[float]) -> None:
        """Add the blocks that are whole by now, and those of the level above."""
        size = FANOUT if level else LEAST
        if len(lower) < size:
            return
        if level == len(self.lows):
            self.lows.append(array("d"))
            self.highs.append(array("d"))
        lows, highs = self.lows[level], self.highs[level]
        for start in range(len(lows) * size, len(lower) - size + 1, size):
            end = start + size
            low, high = (min(lower[start:end]), max(upper[start:end])) if level else self._extremes(lower[start:end])
            lows.append(low)
            highs.append(high)
        self._grow(level + 1, lows, highs)

    def between(self, values: Sequence[float], start: int, end: int) -> tuple[float, float]:
        """The extremes of values[start:end]; (inf, -inf) where none is finite."""
        low, high = math.inf, -math.inf
        lower = upper = values
        level, size = 0, LEAST
        while level < len(self.lows) and start < end:
            first, last = -(-start // size), end // size
            if first >= last:
                break
            for part in (slice(start, first * size), slice(last * size, end)):
                if part.start < part.stop:
                    lowest, highest = self._ends(level, lower[part], upper[part])
                    low, high = min(low, lowest), max(high, highest)
            lower, upper, start, end = self.lows[level], self.highs[level], first, last
            level, size = level + 1, FANOUT
        if start >= end:
            return low, high
        lowest, highest = self._ends(level, lower[start:end], upper[start:end])
        return min(low, lowest), max(high, highest)

    def column(self, values: Sequence[float], start: int, end: int) -> tuple[float, float]:
        """The same, quickest where both ends are those of blocks of which the column has few."""
        level, block = _level(end - start)
        if start % block or end % block or level > len(self.lows):
            return self.between(values, start, end)
        if not level:
            return self._extremes(values[start:end])
        first, last = start // block, end // block
        return min(self.lows[level - 1][first:last]), max(self.highs[level - 1][first:last])

    def _ends(self, level: int, lower: Sequence[float], upper: Sequence[float]) -> tuple[float, float]:
        """Of values on level 0, else of blocks, which know of no other values."""
        return (min(lower), max(upper)) if level else self._extremes(lower)

    def _extremes(self, values: Sequence[float]) -> tuple[float, float]:
        """Smallest and largest value that counts; (inf, -inf) where there is none."""
        if values and math.isfinite(sum(values)):
            low = min(values)
            if low > 0 or not self.positive:
                return low, max(values)
        values = [value for value in values if math.isfinite(value) and (value > 0 or not self.positive)]
        return min(values, default=math.inf), max(values, default=-math.inf)


def _first_bad(values: Sequence[float], start: int) -> int | None:
    if math.isfinite(sum(values[start:])):
        return None
    return next((index for index in range(start, len(values)) if not math.isfinite(values[index])), None)


def columns(
    points: Points, pyramid: Pyramid, edges: Sequence[float], first: int = 0, start: int | None = None
) -> list[Column]:
    """The columns that hold points: column first + i spans x from edges[i] up to, not including, edges[i + 1].

    A column of very many points ends where a block of the pyramid does, at most a quarter of its width too early: then
    it takes as long as one of a few points. `start` is the index of the first point, where that is known.
    """
    pyramid.follow(points)
    found: list[Column] = []
    x, y, length = points.x, points.y, len(points.y)
    start = first_from(x, edges[0], 0, length) if start is None else start
    for index in range(len(edges) - 1):
        if start >= length:
            break
        end = first_from(x, edges[index + 1], start, length)
        if end < length:
            end -= end % _level(end - start)[1]
        if end > start:
            low, high = pyramid.column(y, start, end)
            found.append(Column(first + index, *((low, high) if low <= high else (math.nan, math.nan)), start))
            start = end
    return found


def first_from(x: Sequence[float], edge: float, low: int, high: int) -> int:
    """The index of the first point at the edge or right of it, between two indices."""
    if isinstance(x, range) and math.isfinite(edge):  # at once, instead of the longer the longer the run is
        return min(high, max(low, math.ceil((edge - x.start) / x.step)))
    return bisect_left(x, edge, lo=low, hi=high)


def first_after(x: Sequence[float], edge: float, low: int, high: int) -> int:
    """The index of the first point right of the edge."""
    if isinstance(x, range) and math.isfinite(edge):
        return min(high, max(low, math.floor((edge - x.start) / x.step) + 1))
    return bisect_right(x, edge, lo=low, hi=high)


@lru_cache(4096)
def _level(count: int) -> tuple[int, int]:
    """The largest blocks of which a column of so many points has LEAST_BLOCKS: their level, from 1, and their size.

    Level 0 is that of the points.
    """
    level, block, larger = 0, 1, LEAST
    while larger * LEAST_BLOCKS <= count:
        level, block, larger = level + 1, larger, larger * FANOUT
    return level, block


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
