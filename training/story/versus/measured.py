"""What of a run is compared with others: its curves by epoch, and on what it was validated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from training.curve import Series

HIGHER_IS_BETTER = ("_acc", "_f1", "_recall_min")
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

    def at(self, metric: str) -> dict[int, float]:
        """The values of a metric by epoch, from epoch 1 on: the state before training is not the run's doing."""
        series = self.epochs.get(metric)
        if series is None:
            return {}
        return {int(x): y for x, y in zip(series.x, series.y, strict=False) if x >= 1}


def higher_is_better(metric: str) -> bool:
    """Whether more of it is better; of a loss less is."""
    return metric == "macro_f1" or metric.endswith(HIGHER_IS_BETTER)


def is_share(metric: str) -> bool:
    """Whether it lies between 0 and 1, and is shown in percent."""
    return higher_is_better(metric)


def common_epochs(runs: Sequence[Measured], metric: str) -> list[int]:
    """The epochs after which every run has a value of the metric, in order."""
    found: set[int] | None = None
    for run in runs:
        epochs = set(run.at(metric))
        found = epochs if found is None else found & epochs
    return sorted(found or ())


def best_of(values: Mapping[int, float], metric: str) -> tuple[float, int] | None:
    """The best finite value and its epoch; None where there is none."""
    sign = -1.0 if higher_is_better(metric) else 1.0
    finite = [(sign * y, epoch) for epoch, y in values.items() if math.isfinite(y)]
    if not finite:
        return None
    value, epoch = min(finite)
    return sign * value, epoch
