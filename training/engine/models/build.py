"""The model of a config, and what it wants of its input."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from training.config.schema import TrainingConfig
from training.engine.data.normalisation import Normalisation
from training.engine.models.cnn import build_cnn
from training.engine.models.size import Shape
from training.engine.models.vit import build_vit


@dataclass(frozen=True)
class Wanted:
    """What a model wants of its input where the config leaves it open; None is anything."""

    side: int | None = None
    channels: int | None = None
    """Where the images have one channel only, it is given to the model that many times."""
    normalisation: Normalisation | None = None
    """That of the images which the weights were trained on."""


def wanted(config: TrainingConfig) -> Wanted:
    """Known before the model is built, and before the data are read.

    A weights file is taken to have been trained on images like those of the default weights. Raises ConfigError for an
    unknown backbone, TraindeckError where its library is missing.
    """
    if config.model.kind != "transfer":
        return Wanted()
    from training.engine.models.backbones import find_backbone  # torchvision takes seconds to import

    backbone = find_backbone(config.model.backbone)
    from_scratch = config.model.weights == "none"
    return Wanted(backbone.side, 3, None if from_scratch else backbone.normalisation)


def build_model(config: TrainingConfig, shape: Shape, classes: int, *, pretrained: bool = True) -> nn.Module:
    """The network for images of `shape`: [N, C, H, W] in, logits [N, classes] out.

    Without `pretrained` no weights file is read: for a model whose weights come from a checkpoint, or that is only
    looked at. Raises InvalidInput for an input that it cannot take, TraindeckError for weights that cannot be had.
    """
    match config.model.kind:
        case "custom_cnn":
            return build_cnn(config.model, shape, classes)
        case "vit":
            return build_vit(config.model, shape, classes)
        case "transfer":
            from training.engine.models.transfer import build_transfer

            return build_transfer(config.model, shape, classes, pretrained=pretrained)
