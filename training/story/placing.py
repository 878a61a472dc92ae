"""Where the points of a curve lie on the x axis of a chart: steps among epochs, either in the time of training."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Known(Protocol):
    """Points whose x and y both ascend, and which grow to the right; `rewinds` counts how often their tail was
    replaced."""

    @property
    def x(self) -> Sequence[float]: ...

    @property
    def y(self) -> Sequence[float]: ...

    @property
    def rewinds(self) -> int: ...


class Placing(Protocol):
    """A way from the x of points (steps, epochs) to an x axis, and back; neither ever turns round."""

    @property
    def version(self) -> object:
        """Equal as long as every point stays where it is."""

    def on_axis(self, x: float) -> float: ...

    def of_points(self, at: float) -> float:
        """The smallest x that lies there or further right."""


@dataclass(frozen=True)
class Linear:
    """At scale · x + offset."""

    scale: float = 1.0
    offset: float = 0.0
    version: object = ()

    def on_axis(self, x: float) -> float:
        return self.scale * x + self.offset

    def of_points(self, at: float) -> float:
        return (at - self.offset) / self.scale


@dataclass(frozen=True)
class EpochEnds:
    """An epoch at its last step; the state before training at the first one."""

    steps_per_epoch: float
    version: object = ()

    def on_axis(self, x: float) -> float:
        return max(0.0, x * self.steps_per_epoch - 1)

    def of_points(self, at: float) -> float:
        return (at + 1) / self.steps_per_epoch if at > 0 else 0.0


class Knots:
    """Between points that are known in straight lines, and beyond them at their mean slope; y never falls."""

    def __init__(self, known: Known) -> None:
        self._known = known

    @property
    def version(self) -> object:
        x, y = self._known.x, self._known.y
        return self._known.rewinds, len(x), (x[-1], y[-1]) if x else None

    def on_axis(self, x: float) -> float:
        return self._between(self._known.x, self._known.y, x)

    def of_points(self, at: float) -> float:
        return self._between(self._known.y, self._known.x, at)

    @staticmethod
    def _between(source: Sequence[float], target: Sequence[float], value: float) -> float:
        length = len(source)
        if not length:
            return value
        at = bisect_left(source, value)
        if at < length and (source[at] == value or at == 0):
            # Nothing is known of what came before the first point but that it was before.
            return target[at] if source[at] == value else target[0] - (source[0] - value) * _slope(source, target)
        if at < length:
            share = (value - source[at - 1]) / (source[at] - source[at - 1])
            return target[at - 1] + share * (target[at] - target[at - 1])
        return target[-1] + (value - source[-1]) * _slope(source, target)


def _slope(source: Sequence[float], target: Sequence[float]) -> float:
    """From the first point to the last; 1 where there is none, or where it stands."""
    across, up = source[-1] - source[0], target[-1] - target[0]
    return up / across if across > 0 and up > 0 else 1.0
