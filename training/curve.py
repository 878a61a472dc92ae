"""One metric of a run in memory: growing on the right, cut where a resume goes back."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Series:
    """One metric: x is the step (from 0) or the epoch (from 1), y may be nan or inf."""

    x: Sequence[float] = range(0)
    """To the right, each more than the one before: a range as long as all are whole and equally far apart, which
    takes no memory, else an array."""
    y: array[float] = field(default_factory=lambda: array("d"))
    rewinds: int = 0
    """How often points were dropped: what was computed from them has to be computed anew."""

    def __len__(self) -> int:
        return len(self.y)

    def append(self, x: float, y: float) -> None:
        """Add a point to the right; one at or left of the last replaces what it supersedes."""
        if self.y and x <= self.x[-1]:
            self.truncate(x)
        if isinstance(self.x, range):
            longer = _longer(self.x, x)
            self.x = array("d", self.x) if longer is None else longer
        if isinstance(self.x, array):
            self.x.append(x)
        self.y.append(y)

    def extend(self, x: Sequence[float], y: Sequence[float]) -> None:
        """Add points to the right, each to the right of the one before."""
        if not x:
            return
        if self.y and x[0] <= self.x[-1]:
            self.truncate(x[0])
        if isinstance(self.x, range):
            longer = _joined(self.x, x)
            self.x = array("d", self.x) if longer is None else longer
        if isinstance(self.x, array):
            self.x.extend(x)
        self.y.extend(y)

    def truncate(self, x: float) -> None:
        """Drop the points at x and right of it."""
        end = bisect_left(self.x, x)
        self.rewinds += end < len(self.y)
        if isinstance(self.x, array):
            del self.x[end:]
        else:
            self.x = self.x[:end]
        del self.y[end:]

    @property
    def last(self) -> float | None:
        return self.y[-1] if self.y else None


def _longer(known: range, x: float) -> range | None:
    """The range with one more to the right; None where that is none."""
    if x % 1:
        return None
    x = int(x)
    if len(known) < 2:
        return range(known[0], x + 1, x - known[0]) if known else range(x, x + 1)
    return range(known.start, x + 1, known.step) if x == known[-1] + known.step else None


def _joined(known: range, x: Sequence[float]) -> range | None:
    """The range with more to the right; None where that is none."""
    more = x if isinstance(x, range) else _as_range(x)
    if more is None or len(more) < 2:
        return _longer(known, x[0]) if len(x) == 1 else None
    if not known:
        return more
    by = known.step if len(known) > 1 else more[0] - known[0]
    return range(known[0], more[-1] + 1, by) if (by, known[-1] + by) == (more.step, more[0]) else None


def _as_range(x: Sequence[float]) -> range | None:
    """The same numbers; None where they are not whole and equally far apart."""
    if len(x) < 2 or x[0] % 1 or (x[1] - x[0]) % 1 or x[-1] - x[0] != (x[1] - x[0]) * (len(x) - 1):
        return None
    found = range(int(x[0]), int(x[-1]) + 1, int(x[1] - x[0]))
    return found if list(x) == list(found) else None
