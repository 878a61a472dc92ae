"""One metric of a run in memory: growing on the right, cut where a resume goes back."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field


@dataclass
class Series:
    """One metric: x is the step (from 0) or the epoch (from 1), y may be nan or inf."""

    x: array[float] = field(default_factory=lambda: array("d"))
    y: array[float] = field(default_factory=lambda: array("d"))
    rewinds: int = 0
    """How often points were dropped: what was computed from them has to be computed anew."""

    def __len__(self) -> int:
        return len(self.x)

    def append(self, x: float, y: float) -> None:
        """Add a point to the right; one at or left of the last replaces what it supersedes."""
        if self.x and x <= self.x[-1]:
            self.truncate(x)
        self.x.append(x)
        self.y.append(y)

    def extend(self, x: array[float], y: array[float]) -> None:
        """Add points to the right, each to the right of the one before."""
        if self.x and x and x[0] <= self.x[-1]:
            self.truncate(x[0])
        self.x.extend(x)
        self.y.extend(y)

    def truncate(self, x: float) -> None:
        """Drop the points at x and right of it."""
        end = bisect_left(self.x, x)
        self.rewinds += end < len(self.x)
        del self.x[end:], self.y[end:]

    @property
    def last(self) -> float | None:
        return self.y[-1] if self.y else None
