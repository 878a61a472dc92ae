"""What kind of training a config asks for: the rows of the guide's tables by model and mode (sections 3 and 7)."""

from __future__ import annotations

from typing import Literal

from training.config.schema import TrainingConfig

Regime = Literal["cnn_scratch", "frozen", "fine_tuning", "transformer_scratch", "transformer_fine_tuning"]

# torchvision's families of image transformers, by the start of the backbone's name.
_TRANSFORMERS = ("vit", "swin", "maxvit")

TITLES: dict[Regime, str] = {
    "cnn_scratch": "a CNN from scratch",
    "frozen": "a frozen backbone",
    "fine_tuning": "fine-tuning",
    "transformer_scratch": "a transformer from scratch",
    "transformer_fine_tuning": "fine-tuning a transformer",
}


def regime(config: TrainingConfig) -> Regime:
    """The row of the guide's tables that this config falls under; without pretrained weights it is "from scratch"."""
    model = config.model
    if model.kind == "custom_cnn":
        return "cnn_scratch"
    transformer = model.kind == "vit" or model.backbone.casefold().startswith(_TRANSFORMERS)
    if model.kind == "vit" or model.weights.casefold() == "none":
        return "transformer_scratch" if transformer else "cnn_scratch"
    if model.mode == "frozen":
        return "frozen"
    return "transformer_fine_tuning" if transformer else "fine_tuning"


def is_transformer(config: TrainingConfig) -> bool:
    """Whether a transformer's own weights are trained; a frozen one is a feature extractor like any other."""
    return regime(config) in ("transformer_scratch", "transformer_fine_tuning")
