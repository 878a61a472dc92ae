"""The learning rate of each epoch, without torch (guide, section 4); tested against torch's own schedulers."""

from __future__ import annotations

import math

from training.config.schema import TrainingConfig

COSINE_FLOOR = 1e-6
STEP_FACTOR = 0.1
EXPONENTIAL_FACTOR = 0.95
PLATEAU_FACTOR = 0.5
PLATEAU_PATIENCE = 5
PLATEAU_FLOOR = 1e-6


def step_epochs(epochs: int) -> int:
    """Epochs between two drops of Step Decay: a third of the run, and at least one (a step of 0 crashes)."""
    return max(1, epochs // 3)


def learning_rate_at(config: TrainingConfig, epoch: int) -> float:
    """The LR of the last step of epoch `epoch` (from 1); but for the warm-up it is that of the whole epoch.

    The warm-up rises step by step and multiplies the schedule, which runs from the start on. ReduceLROnPlateau follows
    the validation loss, which nobody knows yet: its start value holds.
    """
    warmup = config.optimization.warmup_epochs
    warm = min(1.0, epoch / warmup) if warmup else 1.0
    return warm * _scheduled(config, epoch - 1)


def _scheduled(config: TrainingConfig, done: int) -> float:
    """After that many whole epochs."""
    start = config.learning_rate
    if config.lr_strategy == "Cosine Annealing":
        return COSINE_FLOOR + (start - COSINE_FLOOR) * (1 + math.cos(math.pi * done / config.epochs)) / 2
    if config.lr_strategy == "Step Decay":
        return float(start * STEP_FACTOR ** (done // step_epochs(config.epochs)))
    if config.lr_strategy == "Exponential Decay":
        return float(start * EXPONENTIAL_FACTOR**done)
    return start


def learning_rates(config: TrainingConfig) -> list[float]:
    """The LR at the end of each epoch of the run, first to last."""
    return [learning_rate_at(config, epoch) for epoch in range(1, config.epochs + 1)]
