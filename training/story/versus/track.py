"""One run's metric over the epochs at which it is compared: its figures there, and how far chance may move them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from training.runs.metric_names import higher_is_better, is_share
from training.story.versus import noise
from training.story.versus.measured import ACCURACY, Measured

CROSS_ENTROPY = "val_ce"
LOSSES = ("val_loss", CROSS_ENTROPY)
"""Whose size follows from the images that are taken for another class."""
FINEST = 0.001
"""Of its size, by which a figure may differ for no reason where nothing else says by how much."""


def broke_down(run: Measured, metric: str) -> bool:
    """Whether the run ended, or goes on, with values that are not finite."""
    values = list(run.at(metric).values())[-noise.SMOOTHED :]
    return bool(values) and not math.isfinite(median(map(_worst, values)))


class Track:
    """The metric after each of those epochs, turned so that less is better and the worst is infinite.

    A run that is no longer finite stays so: what it lacks after its end is infinite.
    """

    def __init__(self, run: Measured, metric: str, epochs: Sequence[int], *, same_images: bool) -> None:
        self.metric = metric
        self.directed = higher_is_better(metric) is not None
        self.sign = -1.0 if higher_is_better(metric) else 1.0
        self._n_val = run.n_val or 0
        self._same_images = same_images
        values, shares = run.at(metric), run.at(ACCURACY)
        self.values = [_worst(self.sign * values.get(epoch, math.inf * self.sign)) for epoch in epochs]
        self._shares = [shares.get(epoch, math.nan) for epoch in epochs]
        self._bests: list[float] = []
        best = math.inf
        for value in self.values:
            best = min(best, value)
            self._bests.append(best)

    def smoothed(self, count: int) -> float:
        """The median of the last epochs among the first `count`."""
        return median(self.values[max(0, count - noise.SMOOTHED) : count])

    def best(self, count: int) -> float:
        return self._bests[count - 1]

    def of_epochs(self, count: int) -> float:
        """The standard deviation of an epoch's value."""
        return noise.of_epochs(self.values[max(0, count - noise.WINDOW - 1) : count])

    def of_images(self, count: int) -> float | None:
        """The error that the number of validation images gives the figure; None where that is not known."""
        here = self.sign * self.smoothed(count)
        if self._n_val < 1:
            return None
        if is_share(self.metric):
            return noise.of_share(here, self._n_val) if 0 <= here <= 1 else None
        share = self._share(count)
        if share is None or self.metric not in LOSSES:
            return None
        return noise.of_loss(here, share, self._n_val, same_images=self._same_images)

    def finest(self, count: int) -> float:
        """Half of what one image makes, or of what can be read off: figures that agree to it need not be the same."""
        here = abs(self.smoothed(count))
        if self._n_val < 1:
            return FINEST * here
        if is_share(self.metric):
            return 0.5 / self._n_val if here <= 1 else FINEST * here
        share = self._share(count)
        if share is None or self.metric not in LOSSES:
            return FINEST * here
        return max(FINEST * here, 0.5 * here / max(1.0, (1 - share) * self._n_val))

    def _share(self, count: int) -> float | None:
        """The accuracy there; None where there is none, or it is not one between 0 and 1."""
        seen = [share for share in self._shares[max(0, count - noise.SMOOTHED) : count] if 0 <= share <= 1]
        return median(seen) if seen else None


def _worst(value: float) -> float:
    return math.inf if math.isnan(value) else value
