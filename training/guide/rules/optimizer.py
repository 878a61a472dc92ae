"""Which optimizer suits which model and data (guide, sections 2 and 3)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.patch import replaced
from training.config.schema import Optimizer, TrainingConfig
from training.guide.hint import Facts, Hint, Rule
from training.guide.lr import scaled_learning_rate
from training.guide.regime import is_transformer, regime

# Guide, section 2: SGD shows its strength on CNNs from scratch with at least this many images a class.
SGD_IMAGES_PER_CLASS = 5000


def sgd_transformer(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """SGD on a transformer whose own weights are trained."""
    if config.optimizer == "SGD with Momentum" and is_transformer(config):
        yield Hint(
            "sgd_transformer",
            "optimizer",
            "warning",
            "SGD is not recommended for transformers.",
            "Their layers need steps of very different size; AdamW fits the step to each weight.",
            "3",
            "AdamW",
        )


def adam_transformer(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Adam on a transformer, where AdamW is the usual choice."""
    if config.optimizer == "Adam" and is_transformer(config):
        yield Hint(
            "adam_transformer",
            "optimizer",
            "info",
            "AdamW is the usual choice for transformers.",
            "Its decay acts on the weights themselves, which regularises large models better than Adam's L2.",
            "2",
            "AdamW",
        )


def rmsprop_special(config: TrainingConfig, facts: Facts) -> Iterator[Hint]:
    """RMSprop, which is for special cases."""
    if config.optimizer == "RMSprop":
        better: Optimizer = "AdamW" if is_transformer(config) else "Adam"
        if _is_for_sgd(config, facts):
            better = "SGD with Momentum"
        yield Hint(
            "rmsprop_special",
            "optimizer",
            "info",
            f"{better} is the better first choice.",
            "RMSprop is for special cases: recurrent networks, some CNNs, or when Adam fails.",
            "2",
            better,
            patch=_with_rate(config, better),
        )


def sgd_small_data(config: TrainingConfig, facts: Facts) -> Iterator[Hint]:
    """SGD from scratch on fewer than 5000 images a class."""
    images = facts.images_per_class
    if images is None or images >= SGD_IMAGES_PER_CLASS:
        return
    if config.optimizer == "SGD with Momentum" and regime(config) == "cnn_scratch":
        yield Hint(
            "sgd_small_data",
            "optimizer",
            "info",
            f"SGD pays off from about {SGD_IMAGES_PER_CLASS} images a class; this data has {images:.0f}.",
            "It reaches the best accuracy with much data and a tuned LR; Adam gets further with less of both.",
            "2",
            "Adam",
        )


def adam_much_data(config: TrainingConfig, facts: Facts) -> Iterator[Hint]:
    """Adam on a CNN from scratch with so many images that SGD would end more accurate."""
    if config.optimizer == "Adam" and _is_for_sgd(config, facts):
        yield Hint(
            "adam_much_data",
            "optimizer",
            "info",
            f"With {SGD_IMAGES_PER_CLASS} and more images a class SGD usually ends more accurate.",
            "It is slower, and its LR takes tuning; where there is time for that, it is the standard for CNNs.",
            "2",
            "SGD with Momentum",
            patch=_with_rate(config, "SGD with Momentum"),
        )


def _is_for_sgd(config: TrainingConfig, facts: Facts) -> bool:
    """Whether it is a CNN from scratch on data known to be enough for SGD."""
    images = facts.images_per_class
    return images is not None and images >= SGD_IMAGES_PER_CLASS and regime(config) == "cnn_scratch"


def _with_rate(config: TrainingConfig, optimizer: Optimizer) -> dict[str, float]:
    """The LR that goes with another optimizer: SGD at the LR of Adam hardly moves, though its range allows it."""
    if optimizer != "SGD with Momentum":
        return {}
    return {"learning_rate": scaled_learning_rate(replaced(config, "optimizer", optimizer))}


RULES: tuple[Rule, ...] = (sgd_transformer, adam_transformer, rmsprop_special, sgd_small_data, adam_much_data)
