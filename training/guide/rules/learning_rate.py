"""The learning rate against its range, and against the batch size (guide, sections 3 and 7)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import TrainingConfig
from training.guide.hint import Facts, Hint, Rule, span
from training.guide.lr import (
    REFERENCE_BATCH,
    above,
    below,
    default_learning_rate,
    learning_rate_range,
    scaled_learning_rate,
    unscaled_range,
)
from training.guide.regime import TITLES, regime

# Ours: an LR this many times below its range hardly moves the weights; nearer to it, it is only slow.
DEAD_BELOW = 10
# Ours: batches from this multiple of 32 on are worth a larger LR (the guide's first example is 64).
SCALING_FROM = 2


def learning_rate_high(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """The LR is above the range of this model and mode."""
    low, high = learning_rate_range(config)
    if above(config.learning_rate, high):
        yield Hint(
            "learning_rate_high",
            "learning_rate",
            "warning",
            f"{config.learning_rate:g} is above the usual {span(low, high)} for {_place(config)}.",
            "Too high an LR makes the loss swing or explode, or leaves the network dead from the first steps.",
            "3",
            scaled_learning_rate(config),
            span(low, high),
        )


def learning_rate_low(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """The LR is below the range; a warning where it is more than ten times below."""
    low, high = learning_rate_range(config)
    if below(config.learning_rate, low):
        yield Hint(
            "learning_rate_low",
            "learning_rate",
            "warning" if below(config.learning_rate, low / DEAD_BELOW) else "info",
            f"{config.learning_rate:g} is below the usual {span(low, high)} for {_place(config)}.",
            "Too low an LR keeps the loss flat, or the training slow.",
            "3",
            scaled_learning_rate(config),
            span(low, high),
        )


def learning_rate_scaling(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """The optimizer's default LR, which is for a batch of 32, on a batch of at least twice that."""
    default = default_learning_rate(config.optimizer)
    at_default = not (above(config.learning_rate, default) or below(config.learning_rate, default))
    usual = not above(default, unscaled_range(config)[1])
    target = scaled_learning_rate(config)
    if at_default and usual and config.images_per_step >= SCALING_FROM * REFERENCE_BATCH and above(target, default):
        yield Hint(
            "learning_rate_scaling",
            "learning_rate",
            "info",
            f"A batch of {config.images_per_step} takes a larger LR, about {target:g}.",
            f"{default:g} is for batches of {REFERENCE_BATCH}; a larger batch gives a surer step, so it can be longer.",
            "7",
            target,
        )


def _place(config: TrainingConfig) -> str:
    return f"{config.optimizer} on {TITLES[regime(config)]}"


RULES: tuple[Rule, ...] = (learning_rate_high, learning_rate_low, learning_rate_scaling)
