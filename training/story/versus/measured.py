"""What of a run is compared with others: its curves by epoch, and on what it was validated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from training.curve import Series
from training.runs.metric_names import higher_is_better, is_share

ACCURACY = "val_acc"


@dataclass(frozen=True)
class Measured:
    """One run as a verdict sees it; strings that are empty, and None, are what is not known of it."""

    name: str
    epochs: Mapping[str, Series] = field(default_factory=dict)
    """Its metrics by epoch, as `Curves.epochs` has them."""
    monitor: str = "val_loss"
    """The metric that decides which of its epochs is the best."""
    n_val: int | None = None
    """Images that validate."""
    data: str = ""
    """What it is trained on, in words."""
    validation: str = ""
    """A fingerprint of the data and of which of them validate."""
    loss: str = ""
    """What its loss is: two losses that differ here are different measures."""
    live: bool = False
    seed: int | None = None
    inherited: int = 0
    """Attempts in its log that are those of the run that it forked from."""
    forked_at: int = 0
    """The last epoch in its log that is one of that run."""

    _read: dict[str, tuple[tuple[int, int], dict[int, float]]] = field(default_factory=dict, init=False, compare=False)

    def at(self, metric: str) -> Mapping[int, float]:
        """The values of a metric by epoch, from epoch 1 on: the state before training is not the run's doing."""
        series = self.epochs.get(metric)
        if series is None:
            return {}
        state = (len(series), series.rewinds)
        if metric not in self._read or self._read[metric][0] != state:  # a table and many verdicts ask
            values = {int(x): y for x, y in zip(series.x, series.y, strict=False) if x >= 1}
            self._read[metric] = (state, values)
        return self._read[metric][1]


def in_percent(metric: str, value: float) -> bool:
    """Whether a value is a share between 0 and 1; a log may write it in percent itself."""
    return is_share(metric) and -1.0 <= value <= 1.0


def common_epochs(runs: Sequence[Measured], metric: str) -> list[int]:
    """The epochs after which every run has a value of the metric, in order."""
    found: set[int] | None = None
    for run in runs:
        epochs = set(run.at(metric))
        found = epochs if found is None else found & epochs
    return sorted(found or ())


def best_of(values: Mapping[int, float], metric: str) -> tuple[float, int] | None:
    """The best finite value and its epoch; None where there is none, or where nobody knows what is better."""
    if (higher := higher_is_better(metric)) is None:
        return None
    sign = -1.0 if higher else 1.0
    finite = [(sign * y, epoch) for epoch, y in values.items() if math.isfinite(y)]
    if not finite:
        return None
    value, epoch = min(finite)
    return sign * value, epoch
