"""Several seeds as one curve: the mean of an epoch, and a standard deviation around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from training.curve import Series
from training.runs.seeds import spread


@dataclass
class Band:
    """The mean of some curves and the edges of its band; the same series for good, which grow and are cut."""

    mean: Series = field(default_factory=Series)
    low: Series = field(default_factory=Series)
    """Of a share not below 0."""
    high: Series = field(default_factory=Series)
    """Of a share not above 1."""
    share: bool = False
    _known: tuple[object, ...] = ()

    def follow(self, curves: Sequence[Series]) -> None:
        """Take in what the curves are now.

        An epoch counts that half of the seeds have a finite value of: one that is ahead says nothing of the others.
        """
        known = tuple((len(curve), curve.rewinds) for curve in curves)
        if known == self._known:
            return
        self._known = known
        found: dict[float, list[float]] = {}
        for curve in curves:
            for x, y in zip(curve.x, curve.y, strict=False):
                found.setdefault(x, []).append(y)
        told = [(x, spread(found[x])) for x in sorted(found)]
        kept = [(x, one.mean, one.std or 0.0) for x, one in told if one is not None and 2 * one.n >= len(curves)]
        _turn_into(self.mean, [(x, mean) for x, mean, _ in kept])
        least, most = (0.0, 1.0) if self.share else (-math.inf, math.inf)
        _turn_into(self.low, [(x, max(min(mean, least), mean - deviation)) for x, mean, deviation in kept])
        _turn_into(self.high, [(x, min(max(mean, most), mean + deviation)) for x, mean, deviation in kept])


def _turn_into(series: Series, points: Sequence[tuple[float, float]]) -> None:
    """Change the series from the first point on that differs."""
    same = 0
    for (x, y), old_x, old_y in zip(points, series.x, series.y, strict=False):
        if (x, y) != (old_x, old_y):
            break
        same += 1
    if same < len(series):
        series.truncate(series.x[same])
    for x, y in points[same:]:
        series.append(x, y)
