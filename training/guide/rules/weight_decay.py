"""The effective weight decay against its optimizer's range (guide, sections 2 and 5)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import TrainingConfig
from training.guide.decay import SMALL_DATA_HIGH, decay_range
from training.guide.hint import Facts, Hint, Rule, span

# Ours: below this many images a class data is small (the guide calls about 2000 a class medium).
SMALL_DATA_IMAGES = 1000


def adamw_decay_low(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """AdamW with an effective decay below 0.01: the hint that the product's owner asked for by name."""
    low, high = decay_range("AdamW")
    if config.optimizer == "AdamW" and config.effective_decay < low:
        yield Hint(
            "adamw_decay_low",
            "l2_lambda",
            "warning",
            f"AdamW at a decay of {config.effective_decay:g} hardly regularises.",
            f"Its decay is decoupled from the gradient and has to be larger than Adam's: {span(low, high)}.",
            "5",
            low,
            span(low, high),
        )


def decay_low(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Decay is switched on, but too weak to do anything (AdamW has its own rule)."""
    low, high = decay_range(config.optimizer)
    if config.optimizer != "AdamW" and config.l2_decay and config.l2_lambda < low:
        yield Hint(
            "decay_low",
            "l2_lambda",
            "info",
            f"Weight decay is on, but {config.l2_lambda:g} is too weak to matter.",
            f"For {config.optimizer}, {span(low, high)} is usual.",
            "5",
            high if config.optimizer != "SGD with Momentum" else low,
            span(low, high),
        )


def decay_high(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """The decay is above anything that the guide knows for this optimizer, small data included."""
    low, high = decay_range(config.optimizer)
    adam_like = config.optimizer in ("Adam", "RMSprop")
    if config.effective_decay > (SMALL_DATA_HIGH if adam_like else high):
        small = f", up to {SMALL_DATA_HIGH:g} for small data" if adam_like else ""
        yield Hint(
            "decay_high",
            "l2_lambda",
            "warning",
            f"A decay of {config.effective_decay:g} is too strong for {config.optimizer}.",
            f"It pulls the weights to zero faster than the data can shape them: {span(low, high)} is usual{small}.",
            "5",
            high,
            span(low, high),
        )


def decay_high_for_data(config: TrainingConfig, facts: Facts) -> Iterator[Hint]:
    """Adam's decay for small data, on data that is not small."""
    low, high = decay_range(config.optimizer)
    images = facts.images_per_class
    if images is None or images < SMALL_DATA_IMAGES or config.optimizer not in ("Adam", "RMSprop"):
        return
    if high < config.effective_decay <= SMALL_DATA_HIGH:
        yield Hint(
            "decay_high_for_data",
            "l2_lambda",
            "info",
            f"A decay of {config.effective_decay:g} is for small data; this has {images:.0f} images a class.",
            f"For {config.optimizer}, {span(low, high)} is usual.",
            "5",
            high,
            span(low, high),
        )


def decay_unused(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """A strength was chosen, but the decay is off."""
    if not config.l2_decay and config.l2_lambda not in (0.0, TrainingConfig().l2_lambda):
        runs_at = "AdamW runs at its own 0.01" if config.optimizer == "AdamW" else "nothing decays"
        yield Hint(
            "decay_unused",
            "l2_decay",
            "info",
            f"The decay strength {config.l2_lambda:g} has no effect.",
            f"Weight decay is off, so {runs_at}.",
            "5",
            True,
        )


RULES: tuple[Rule, ...] = (adamw_decay_low, decay_low, decay_high, decay_high_for_data, decay_unused)
