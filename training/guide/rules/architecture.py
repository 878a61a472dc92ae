"""The model and its input: dropout by kind of layer, growing filters, normalised images (sections 5, 8 and 11)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import TrainingConfig
from training.guide.hint import Facts, Hint, Rule, span
from training.guide.layers import Kind, Layer, LayerRule

CONV_DROPOUT = (0.25, 0.3)
DENSE_DROPOUT = (0.5, 0.7)
TRANSFORMER_DROPOUT = (0.1, 0.2)
_DROPOUT: dict[Kind, tuple[tuple[float, float], str]] = {
    "block": (CONV_DROPOUT, "a convolution block"),
    "dense": (DENSE_DROPOUT, "a dense layer"),
    "transformer": (TRANSFORMER_DROPOUT, "a transformer"),
}


def dropout_high(layer: Layer) -> Iterator[Hint]:
    """Dropout above the range of its kind of layer."""
    (low, high), place = _DROPOUT[layer.kind]
    if layer.dropout > high:
        reason = "The layer loses more than it can make up for, and the model underfits."
        message = f"{layer.dropout:g} is much dropout for {place}; {span(low, high)} is usual."
        key = f"{layer.key}.dropout"
        yield Hint("dropout_high", key, "warning", message, reason, "5", high, span(low, high))


def dropout_low(layer: Layer) -> Iterator[Hint]:
    """Dropout below the range of its kind of layer; none at all is a choice of its own and draws no hint."""
    (low, high), place = _DROPOUT[layer.kind]
    if 0 < layer.dropout < low:
        reason = "Weaker dropout hardly keeps the model from overfitting."
        message = f"{layer.dropout:g} is little dropout for {place}; {span(low, high)} is usual."
        yield Hint("dropout_low", f"{layer.key}.dropout", "info", message, reason, "5", low, span(low, high))


def filters_shrink(layer: Layer) -> Iterator[Hint]:
    """A block with fewer filters than one before it."""
    most = layer.widest_before
    if layer.filters < most:
        yield Hint(
            "filters_shrink",
            f"{layer.key}.filters",
            "info",
            f"{layer.filters} filters are fewer than the {most} of an earlier block.",
            "As the image shrinks, filters usually grow (32, 64, 128, 256), so that no information is lost.",
            "8",
            most,
        )


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


RULES: tuple[Rule, ...] = (not_normalised, frozen_untrained)
LAYER_RULES: tuple[LayerRule, ...] = (filters_shrink, dropout_high, dropout_low)
