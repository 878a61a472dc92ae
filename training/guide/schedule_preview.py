"""The learning rate of a whole run as a curve of few points, however long the run, and what happens along it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from training.config.schema import TrainingConfig
from training.guide.schedules import (
    BAD_EPOCHS_TO_DROP,
    earliest_stop,
    first_lowered,
    plateau_rates,
    scheduled,
    stalled,
    step_epochs,
    warm_up,
)

Point = tuple[float, float]
"""Epochs since the start, and the LR there; two points with one x are a fall between two epochs."""

MOST_POINTS = 300
_RAMP = 24
"""Points inside the warm-up, which is bent on a logarithmic axis."""


@dataclass(frozen=True)
class Preview:
    """What the schedule of a config does."""

    strategy: str
    epochs: int
    points: tuple[Point, ...]
    """The LR from 0 to `epochs`; of ReduceLROnPlateau as long as the validation loss improves."""
    stalled: tuple[Point, ...]
    """Of ReduceLROnPlateau: the soonest it can fall. Empty where it cannot in this run, and for all others."""
    warmup: int
    """Epochs of the warm-up that lie in this run; 0 for none."""
    earliest_stop: int | None
    """The epoch after which early stopping can end the run at the soonest; None where it never does."""
    drops: tuple[int, ...]
    """First epochs at a lower LR, of Step Decay and, at the soonest, of ReduceLROnPlateau."""
    first: float
    """The LR that the schedule starts from."""
    highest: float
    """The largest LR of the run; with a warm-up it may be less than `first`."""
    last: float
    """That of the last step."""
    last_stalled: float | None
    """That of the last step of `stalled`."""


def preview(config: TrainingConfig, most_points: int = MOST_POINTS) -> Preview:
    """The curves have at most `most_points` points each (at least 100), all of them exact."""
    on_plateau = config.lr_strategy == "ReduceLROnPlateau"
    drops = _plateau_drops(config) if on_plateau else _step_drops(config)
    smooth = config.lr_strategy in ("Cosine Annealing", "Exponential Decay")
    changes = range(2, config.epochs + 1) if smooth else [] if on_plateau else drops
    points = _curve(config, scheduled, changes, most_points)
    fallen = _curve(config, stalled, drops, most_points) if on_plateau and drops else []
    return Preview(
        strategy=config.lr_strategy,
        epochs=config.epochs,
        points=tuple(points),
        stalled=tuple(fallen),
        warmup=min(config.optimization.warmup_epochs, config.epochs),
        earliest_stop=earliest_stop(config),
        drops=tuple(drops),
        first=config.learning_rate,
        highest=max(rate for _, rate in points),
        last=points[-1][1],
        last_stalled=fallen[-1][1] if fallen else None,
    )


def _step_drops(config: TrainingConfig) -> list[int]:
    step = step_epochs(config.epochs)
    return [epoch + 1 for epoch in range(step, config.epochs, step)] if config.lr_strategy == "Step Decay" else []


def _plateau_drops(config: TrainingConfig) -> list[int]:
    """Without an improvement; one for each LR that it can come down to, as far as the run goes."""
    possible = range(first_lowered(config), config.epochs + 1, BAD_EPOCHS_TO_DROP)
    return list(possible[: len(plateau_rates(config.learning_rate)) - 1])


def _curve(
    config: TrainingConfig,
    rate: Callable[[TrainingConfig, int], float],
    changes: Sequence[int],
    most_points: int,
) -> list[Point]:
    """Exact at every point, and straight in between unless the LR changes more often than there are points.

    `rate` is the LR of a whole epoch (from 1), `changes` the epochs that begin at another one.
    """
    found: list[Point] = []
    for start, end in pairwise(_edges(config, changes, (most_points - _RAMP) // 2 - 2)):
        inside = ((x, rate(config, int(x) + 1)) for x in _ramp(config, start, end))
        piece = [(float(start), rate(config, start + 1)), *inside, (float(end), rate(config, end))]
        found += [(x, value * warm_up(config, x)) for x, value in piece]
    return [point for index, point in enumerate(found) if not index or point != found[index - 1]]


def _edges(config: TrainingConfig, changes: Sequence[int], most: int) -> list[int]:
    """Epochs done where the curve may bend: its ends, the end of the warm-up, and the changes or so many of them."""
    if len(changes) > most:
        changes = [changes[round(index * (len(changes) - 1) / (most - 1))] for index in range(most)]
    ends = {0, min(config.optimization.warmup_epochs, config.epochs), config.epochs}
    return sorted(ends.union(epoch - 1 for epoch in changes))


def _ramp(config: TrainingConfig, start: int, end: int) -> Iterator[float]:
    """Places inside the warm-up, strictly between two edges and never where two epochs meet."""
    risen = min(config.optimization.warmup_epochs, config.epochs)
    for index in range(1, _RAMP):
        x = risen * index / _RAMP
        if start < x < end and x != int(x):
            yield x
