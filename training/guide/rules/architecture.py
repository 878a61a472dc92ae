"""The model and its input: dropout by kind of layer, growing filters, normalised images (sections 5, 8 and 11)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import TrainingConfig
from training.guide.hint import Facts, Hint, Rule, span

CONV_DROPOUT = (0.25, 0.3)
DENSE_DROPOUT = (0.5, 0.7)
TRANSFORMER_DROPOUT = (0.1, 0.2)


def dropout_high(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Dropout above the range of its kind of layer."""
    for key, share, (low, high), place in _dropouts(config):
        if share > high:
            reason = "The layer loses more than it can make up for, and the model underfits."
            message = f"{share:g} is much dropout for {place}; {span(low, high)} is usual."
            yield Hint("dropout_high", key, "warning", message, reason, "5", high, span(low, high))


def dropout_low(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Dropout below the range of its kind of layer; none at all is a choice of its own and draws no hint."""
    for key, share, (low, high), place in _dropouts(config):
        if 0 < share < low:
            reason = "Weaker dropout hardly keeps the model from overfitting."
            message = f"{share:g} is little dropout for {place}; {span(low, high)} is usual."
            yield Hint("dropout_low", key, "info", message, reason, "5", low, span(low, high))


def _dropouts(config: TrainingConfig) -> Iterator[tuple[str, float, tuple[float, float], str]]:
    """Key, share, usual range and place of every dropout that the model has."""
    model = config.model
    if model.kind == "custom_cnn":
        for index, block in enumerate(model.blocks):
            yield f"model.blocks.{index}.dropout", block.dropout, CONV_DROPOUT, "a convolution block"
        for index, layer in enumerate(model.dense_layers):
            yield f"model.dense_layers.{index}.dropout", layer.dropout, DENSE_DROPOUT, "a dense layer"
    if model.kind == "vit":
        yield "model.dropout", model.dropout, TRANSFORMER_DROPOUT, "a transformer"


def filters_shrink(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """A block with fewer filters than one before it."""
    if config.model.kind != "custom_cnn":
        return
    most = 0
    for index, block in enumerate(config.model.blocks):
        if block.filters < most:
            yield Hint(
                "filters_shrink",
                f"model.blocks.{index}.filters",
                "info",
                f"{block.filters} filters are fewer than the {most} of an earlier block.",
                "As the image shrinks, filters usually grow (32, 64, 128, 256), so that no information is lost.",
                "8",
                most,
            )
        most = max(most, block.filters)


def not_normalised(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Raw pixel values as input."""
    if not config.data.normalise:
        yield Hint(
            "not_normalised",
            "data.normalise",
            "warning",
            "The images go in without normalisation.",
            "Unnormalised inputs are a common reason for a training loss that does not fall.",
            "11",
            True,
        )


def frozen_untrained(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """A frozen backbone that was never trained."""
    model = config.model
    if model.kind == "transfer" and model.mode != "full" and model.weights.casefold() == "none":
        yield Hint(
            "frozen_untrained",
            "model.mode",
            "warning",
            "The backbone has no pretrained weights, and most of it is frozen.",
            "Frozen layers stay as random as they start; train everything, or start from pretrained weights.",
            "8",
            "full",
        )


RULES: tuple[Rule, ...] = (filters_shrink, dropout_high, dropout_low, not_normalised, frozen_untrained)
