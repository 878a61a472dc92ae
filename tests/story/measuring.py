"""Runs as a verdict sees them, with curves made up for the test."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from typing import Any

from training.curve import Series
from training.story.versus.measured import Measured


def series(values: Iterable[float], first: int = 1) -> Series:
    """Values after epoch 1, 2, …"""
    made = Series()
    for epoch, value in enumerate(values, first):
        made.append(epoch, value)
    return made


def run_with(name: str = "run", **options: Any) -> Measured:
    """Keyword arguments that are lists are metrics, all others fields of the run."""
    metrics = {key: series(values) for key, values in options.items() if isinstance(values, list)}
    fields = {key: value for key, value in options.items() if not isinstance(value, list)}
    return Measured(name, metrics, **fields)


def noisy_run(
    rng: random.Random,
    *,
    epochs: int,
    best: float,
    n_val: int,
    swing: float = 0.01,
    seed_std: float = 0.0,
    settles: bool = False,
    monitor: str = "val_acc",
    images: float | None = None,
) -> Measured:
    """A run that comes to the accuracy `best`, as `n_val` images show it, with its own luck with the seed.

    The images are its own, unless `images` says how easy those are that it shares with others, in standard deviations:
    then half of the variance is theirs.

    Each epoch swings by `swing`, less and less where it `settles`, as under a cosine schedule. Its loss follows from
    its errors.
    """
    reached = best + rng.gauss(0, seed_std)
    sampled = sum(rng.random() < reached for _ in range(n_val)) / n_val - reached
    if images is not None:
        sampled = math.sqrt(0.5) * (sampled + images * math.sqrt(reached * (1 - reached) / n_val))
    same = "" if images is None else "the same"
    accuracies, losses = [], []
    for epoch in range(1, epochs + 1):
        true = reached - (reached - 0.1) * math.exp(-epoch / 3)
        fading = 1 - epoch / epochs if settles else 1.0
        seen = true + sampled + rng.gauss(0, swing * fading)
        accuracies.append(min(1.0, max(0.0, round(seen * n_val) / n_val)))
        losses.append(max(1e-4, 3 * (1 - true - sampled) * (1 + rng.gauss(0, swing * fading))))
    return run_with("run", val_acc=accuracies, val_loss=losses, n_val=n_val, monitor=monitor, validation=same)
