"""One metric over the epochs: its recent values, and of all before them what rules need to know."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace

KEPT = 512
"""Points that are kept; twice as many at most, so that dropping the old ones costs nothing on average."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value, its epoch, and its place in the series, counted from 0."""

    x: int
    y: float
    place: int


class Series:
    """Finite values of one metric, with the lowest and the highest so far; memory is constant, however long the run."""

    def __init__(self) -> None:
        self.x: list[int] = []
        self.y: list[float] = []
        """The latest values and their epochs: all of them in a run of up to KEPT epochs."""
        self.first: Point | None = None
        self._lowest: list[Point] = []
        self._highest: list[float] = []
        self._dropped = 0

    def __len__(self) -> int:
        return self._dropped + len(self.y)

    def add(self, x: int, y: float) -> None:
        """One more value, at a later epoch than all before."""
        lowest = self._lowest[-1] if self._lowest else None
        if lowest is None or y < lowest.y:
            lowest = Point(x, y, len(self))
        self.first = self.first or lowest
        self._lowest.append(lowest)
        self._highest.append(max(y, self._highest[-1]) if self._highest else y)
        self.x.append(x)
        self.y.append(y)
        if len(self.y) >= 2 * KEPT:
            for values in (self.x, self.y, self._lowest, self._highest):
                del values[:KEPT]
            self._dropped += KEPT

    def multiply(self, by: float) -> None:
        """Bring all values to another unit."""
        self.y = [by * y for y in self.y]
        self._highest = [by * y for y in self._highest]
        self._lowest = [replace(point, y=by * point.y) for point in self._lowest]
        self.first = self.first and replace(self.first, y=by * self.first.y)

    def drop_from(self, x: int) -> None:
        """Forget the points at `x` and later, as far back as points are kept."""
        while self.x and self.x[-1] >= x:
            for values in (self.x, self.y, self._lowest, self._highest):
                values.pop()
        if not self.y:
            self.first, self._dropped = None, 0

    def last(self, n: int) -> list[float]:
        return self.y[-n:]

    def lowest(self, before_last: int = 0) -> Point | None:
        """The lowest value, leaving out the last so many points; None where there is none."""
        place = len(self._lowest) - 1 - before_last
        return self._lowest[place] if place >= 0 else None

    def highest(self) -> float:
        """The highest value so far; minus infinity where there is none."""
        return self._highest[-1] if self._highest else -math.inf

    def upto(self, x: int, points: int) -> list[float]:
        """The values at `x` and before it, at most the last so many."""
        end = bisect_right(self.x, x)
        return self.y[max(0, end - points) : end]

    def count_since(self, x: int) -> int:
        """How many values there are at `x` and later, as far back as points are kept."""
        return len(self.x) - bisect_right(self.x, x - 1)

    def value_at(self, x: int) -> float | None:
        """The value at `x`, as far back as points are kept."""
        place = bisect_right(self.x, x) - 1
        return self.y[place] if place >= 0 and self.x[place] == x else None

    def at(self, x: int) -> float | None:
        """The value at the last point; None unless that point is at `x`."""
        return self.y[-1] if self.x and self.x[-1] == x else None
