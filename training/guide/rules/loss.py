"""The loss against how unequal the classes are (guide, section 6)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import ClassWeights, TrainingConfig
from training.guide.hint import Facts, Hint, Rule, Severity

# Largest class over smallest, up to and including: the losses that fit, the first one recommended. Beyond: focal.
_BY_RATIO: tuple[tuple[float, tuple[ClassWeights, ...]], ...] = (
    (2, ("None",)),
    (5, ("Auto Class Weights", "None")),
    (10, ("Auto Class Weights",)),
    (float("inf"), ("Focal Loss",)),
)
_NAMES = {"None": "cross-entropy", "Auto Class Weights": "weighted cross-entropy", "Focal Loss": "focal loss"}
_REASONS = {
    "None": "Weighting makes no difference to classes of similar size; it only changes the scale of the loss.",
    "Auto Class Weights": "Weighted by how rare its class is, every class counts the same.",
    "Focal Loss": "So few images of the rare classes need the focus on hard examples as well as weights.",
}


def fitting_losses(class_ratio: float) -> tuple[ClassWeights, ...]:
    """The losses that fit classes of which the largest is this many times the smallest; the recommended one first."""
    return next(losses for limit, losses in _BY_RATIO if class_ratio <= limit)


def loss_name(loss: ClassWeights) -> str:
    """Such as `weighted cross-entropy`."""
    return _NAMES[loss]


def loss_for_ratio(config: TrainingConfig, facts: Facts) -> Iterator[Hint]:
    """A loss that does not fit the class ratio; a warning where rare classes would not be learned at all.

    Ours: classes that are drawn equally often need no weights.
    """
    if facts.class_ratio is None:
        return
    fitting = fitting_losses(facts.class_ratio)
    if config.class_weights in fitting or (config.class_weights == "None" and config.data.sampler == "balanced"):
        return
    severity: Severity = "warning" if config.class_weights == "None" else "info"
    yield Hint(
        "loss_for_ratio",
        "class_weights",
        severity,
        f"The largest class is {facts.class_ratio:.3g} times the smallest: {_NAMES[fitting[0]]} fits better.",
        _REASONS[fitting[0]],
        "6",
        fitting[0],
    )


def weighted_twice(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Ours: weights for classes that the sampler draws equally often already."""
    if config.class_weights != "None" and config.data.sampler == "balanced":
        yield Hint(
            "weighted_twice",
            "data.sampler",
            "info",
            f"The balanced sampler and {_NAMES[config.class_weights]} count rare classes twice.",
            "Both make up for how rare a class is; one of them is enough.",
            "6",
            "shuffle",
        )


RULES: tuple[Rule, ...] = (loss_for_ratio, weighted_twice)
