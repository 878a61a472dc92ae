"""The learning rate against its range, and against the batch size (guide, sections 3 and 7)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import TrainingConfig
from training.guide.hint import Facts, Hint, Rule, span
from training.guide.lr import (
    ADAPTIVE_CAP,
    REFERENCE_BATCH,
    above,
    below,
    learning_rate_range,
    scaled_learning_rate,
    sound_learning_rate,
    unscaled_range,
)
from training.guide.regime import TITLES, Regime, regime

# Ours: an LR this many times below its range hardly moves the weights; nearer to it, it is only slow.
DEAD_BELOW = 10
# Ours: batches from this multiple of 32 on are worth a larger LR (the guide's first example is 64).
SCALING_FROM = 2

_SWINGS = "Too high an LR makes the loss swing or explode, or leaves the network dead from the first steps."
# The transfer rule.
_KEEPS = (
    "Fine-tuning takes a tenth of the LR of training from scratch: longer steps undo what the weights have learned."
)
_TOO_HIGH: dict[Regime, str] = {"fine_tuning": _KEEPS, "transformer_fine_tuning": _KEEPS}


def learning_rate_high(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """The LR is above the range of this model and mode."""
    low, high = learning_rate_range(config)
    if above(config.learning_rate, high):
        yield Hint(
            "learning_rate_high",
            "learning_rate",
            "warning",
            f"{config.learning_rate:g} is above the usual {span(low, high)} for {_place(config)}.",
            f"{_TOO_HIGH.get(regime(config), _SWINGS)}{_scaling(config)}",
            "3, 7" if _scaling(config) else "3",
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
    """The usual LR of this optimizer, model and mode, which is for a batch of 32, on a batch of at least twice that."""
    usual, target = sound_learning_rate(config), scaled_learning_rate(config)
    at_usual = not (above(config.learning_rate, usual) or below(config.learning_rate, usual))
    if at_usual and config.images_per_step >= SCALING_FROM * REFERENCE_BATCH and above(target, usual):
        cap = "" if config.optimizer == "SGD with Momentum" else f", up to {ADAPTIVE_CAP:g} for {config.optimizer}"
        yield Hint(
            "learning_rate_scaling",
            "learning_rate",
            "info",
            f"Steps on {config.images_per_step} images take a larger LR, about {target:g}.",
            f"{usual:g} is for batches of {REFERENCE_BATCH}; a step on more images is surer and can be as many times "
            f"longer{cap}.",
            "7",
            target,
        )


def _scaling(config: TrainingConfig) -> str:
    """How far the batch has stretched the range, as a further sentence; empty where it has not."""
    usual, high = unscaled_range(config)[1], learning_rate_range(config)[1]
    if not above(high, usual):
        return ""
    at_cap = config.optimizer != "SGD with Momentum" and not below(high, ADAPTIVE_CAP)
    limit = f", no further than {ADAPTIVE_CAP:g} for {config.optimizer}" if at_cap else ""
    return f" The {config.images_per_step} images of a step have raised the upper end from {usual:g}{limit}."


def _place(config: TrainingConfig) -> str:
    return f"{config.optimizer} on {TITLES[regime(config)]}"


RULES: tuple[Rule, ...] = (learning_rate_high, learning_rate_low, learning_rate_scaling)
