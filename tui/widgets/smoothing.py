"""A curve without its noise: an exponential moving average that grows with the series it smooths."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from tui.widgets.decimation import Points

MOST = 100_000
"""Values taken in at once."""
PART = 2000
"""Of those where keys wait: half a millisecond of work."""
_FORGOTTEN = 1e-18
"""A share of the start that no sum notices any more."""


class Smoothed:
    """s(t) = Σ w^(t-i) · (1 - w) · y(i) / (1 - w^t): debiased, so that it begins at the first value and not at 0.

    Values that are not finite are passed over, and are gaps here too. Kingma & Ba 2015, "Adam", section 3, for the
    division; TensorBoard smooths so.
    """

    def __init__(self, source: Points, weight: float) -> None:
        """`weight` is that of the past, from 0 to below 1."""
        self.source = source
        self.weight = weight
        self.y: array[float] = array("d")
        self.rewinds = source.rewinds
        self._sum = 0.0
        self._start = 1.0
        """The share of what was there before the first value."""

    @property
    def x(self) -> Sequence[float]:
        return self.source.x

    @property
    def done(self) -> bool:
        """Whether all that the source has is smoothed."""
        return self.rewinds == self.source.rewinds and len(self.y) == len(self.source.y)

    def follow(self, most: int = MOST) -> None:
        """Take in what the source gained, or so much of it; start anew where its tail was replaced."""
        if self.rewinds != self.source.rewinds:
            self.y, self._sum, self._start = array("d"), 0.0, 1.0
            self.rewinds = self.source.rewinds
        values = self.source.y[len(self.y) : len(self.y) + most]
        if self._start < _FORGOTTEN and math.isfinite(sum(values)):
            self._take(values)
        else:
            self._take_with_care(values)

    def _take(self, values: Sequence[float]) -> None:
        past, new, sum, add = self.weight, 1 - self.weight, self._sum, self.y.append
        for value in values:
            sum = past * sum + new * value
            add(sum)
        self._sum = sum

    def _take_with_care(self, values: Sequence[float]) -> None:
        past, new = self.weight, 1 - self.weight
        for value in values:
            if not math.isfinite(value):
                self.y.append(math.nan)
                continue
            self._sum = past * self._sum + new * value
            self._start *= past
            self.y.append(self._sum / (1 - self._start))
