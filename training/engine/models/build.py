"""The model of a config, and what it wants of its input."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from training.config.schema import TrainingConfig
from training.engine.data.normalisation import Normalisation
from training.engine.models.cnn import build_cnn
from training.engine.models.size import Shape


@dataclass(frozen=True)
class Wanted:
    """What a model wants of its input where the config leaves it open; None is anything."""

    side: int | None = None
    channels: int | None = None
    """Where the images have one channel only, it is given to the model that many times."""
    normalisation: Normalisation | None = None
    """That of the images which the weights were trained on."""


def wanted(config: TrainingConfig) -> Wanted:  # noqa: ARG001
    """Known before the model is built, and before the data are read. Raises InvalidInput for an unknown backbone."""
    return Wanted()


def build_model(config: TrainingConfig, shape: Shape, classes: int) -> nn.Module:
    """The network for images of `shape`: [N, C, H, W] in, logits [N, classes] out.

    Raises InvalidInput for an input that it cannot take, TraindeckError for weights that cannot be had.
    """
    return build_cnn(config.model, shape, classes)
