"""The learning rate of each epoch and each step, without torch (guide, section 4); tested against the engine's."""

from __future__ import annotations

import math
from functools import lru_cache

from training.config.schema import TrainingConfig

COSINE_FLOOR = 1e-6
STEP_FACTOR = 0.1
STEPS_A_RUN = 3
EXPONENTIAL_FACTOR = 0.95
PLATEAU_FACTOR = 0.5
PLATEAU_PATIENCE = 5
PLATEAU_FLOOR = 1e-6

BAD_EPOCHS_TO_DROP = PLATEAU_PATIENCE + 1
"""torch lowers the LR once more epochs than its patience were bad, and counts anew from there (no cooldown)."""
# torch's default: a drop by no more than this is not made.
_PLATEAU_LEAST_DROP = 1e-8


def step_epochs(epochs: int) -> int:
    """Epochs between two drops of Step Decay: a third of the run, and at least one (a step of 0 crashes)."""
    return max(1, epochs // STEPS_A_RUN)


def learning_rate_at(config: TrainingConfig, epoch: int) -> float:
    """The LR of the last step of epoch `epoch` (from 1); but for the warm-up it is that of the whole epoch.

    The warm-up rises step by step and multiplies the schedule, which runs from the start on. ReduceLROnPlateau follows
    the validation loss, which nobody knows yet: its start value holds, as it does while that loss improves.
    """
    return warm_up(config, epoch) * scheduled(config, epoch)


def learning_rate_of_step(config: TrainingConfig, step: int, steps_per_epoch: int) -> float:
    """The LR of step `step` (from 0, over the whole run), by the same rules."""
    return warm_up(config, (step + 1) / steps_per_epoch) * scheduled(config, step // steps_per_epoch + 1)


def warm_up(config: TrainingConfig, x: float) -> float:
    """What the warm-up multiplies the schedule by, for the step that ends `x` epochs after the start: 0 to 1."""
    epochs = config.optimization.warmup_epochs
    return min(1.0, x / epochs) if epochs else 1.0


def scheduled(config: TrainingConfig, epoch: int) -> float:
    """The LR of epoch `epoch` (from 1) before the warm-up; of ReduceLROnPlateau while the validation loss improves."""
    start, done = config.learning_rate, epoch - 1
    if config.lr_strategy == "Cosine Annealing":
        return COSINE_FLOOR + (start - COSINE_FLOOR) * ((1 + math.cos(math.pi * done / config.epochs)) / 2)
    if config.lr_strategy == "Step Decay":
        return float(start * STEP_FACTOR ** (done // step_epochs(config.epochs)))
    if config.lr_strategy == "Exponential Decay":
        return float(start * EXPONENTIAL_FACTOR**done)
    return start


def stalled(config: TrainingConfig, epoch: int) -> float:
    """The LR of ReduceLROnPlateau in epoch `epoch` (from 1) where no validation loss beats the first one that counts.

    That is the soonest it can fall. Losses count from the last epoch of the warm-up on, or from the first epoch.
    """
    rates = plateau_rates(config.learning_rate)
    bad = epoch - 1 - first_counted(config)
    return rates[min(len(rates) - 1, max(0, bad // BAD_EPOCHS_TO_DROP))]


def first_counted(config: TrainingConfig) -> int:
    """The first epoch (from 1) whose validation loss ReduceLROnPlateau looks at."""
    return max(1, config.optimization.warmup_epochs)


def first_lowered(config: TrainingConfig) -> int:
    """The first epoch that can run at a lower LR of ReduceLROnPlateau: after one good epoch and six bad ones."""
    return first_counted(config) + BAD_EPOCHS_TO_DROP + 1


@lru_cache(maxsize=64)
def plateau_rates(start: float) -> tuple[float, ...]:
    """Every LR that ReduceLROnPlateau can come down to, `start` first."""
    rates = [start]
    while rates[-1] - (lower := max(rates[-1] * PLATEAU_FACTOR, PLATEAU_FLOOR)) > _PLATEAU_LEAST_DROP:
        rates.append(lower)
    return tuple(rates)


def earliest_stop(config: TrainingConfig) -> int | None:
    """The epoch after which early stopping can end the run at the soonest: the first is the best, all others are bad.

    None where the run is over by then, or nothing stops it.
    """
    stop = 1 + config.es_patience
    return stop if config.early_stopping and stop < config.epochs else None


def learning_rates(config: TrainingConfig) -> list[float]:
    """The LR at the end of each epoch of the run, first to last."""
    return [learning_rate_at(config, epoch) for epoch in range(1, config.epochs + 1)]
