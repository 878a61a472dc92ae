"""Changes to a pretrained backbone: which one, and how much of it is trained (guide, sections 3 and 8)."""

from __future__ import annotations

from typing import Any

import msgspec

from training.config.model import Model
from training.config.problems import shown
from training.config.schema import TrainingConfig
from training.diagnosis.case import Case, spelled
from training.diagnosis.findings import Fix
from training.guide.lr import above, below, learning_rate_range, sound_learning_rate

LARGER = {
    "resnet18": "resnet50",
    "resnet34": "resnet50",
    "resnet50": "resnet101",
    "mobilenet_v3_small": "mobilenet_v3_large",
    "mobilenet_v3_large": "efficientnet_b0",
    "efficientnet_b0": "efficientnet_b3",
    "efficientnet_b3": "convnext_tiny",
}
"""Among the guide's: none takes other learning rates or needs another size of image than the one before."""
SMALLER = {
    "resnet101": "resnet50",
    "resnet50": "resnet18",
    "convnext_tiny": "efficientnet_b0",
    "efficientnet_b3": "efficientnet_b0",
    "efficientnet_b0": "mobilenet_v3_large",
}
LAST_STAGES = 2
"""That are trained between none and all."""


def larger(case: Case) -> Fix | None:
    effect = "A larger backbone tells more apart; train and validation loss both fall further."
    return _another(case, LARGER, "larger", effect)


def smaller(case: Case) -> Fix | None:
    effect = "A smaller backbone has less room to learn the training images by heart."
    return _another(case, SMALLER, "smaller", effect)


def _another(case: Case, order: dict[str, str], which: str, effect: str) -> Fix | None:
    """In words for a backbone that is not in the list, or has weights of the user's own."""
    model = case.config.model
    if model.backbone not in order and model.backbone in {*LARGER, *SMALLER}:
        return None
    if model.backbone not in order or not _weights_come_with_it(model):
        return Fix(title=f"Use a {which} backbone than {shown(model.backbone)}", effect=effect)
    other = order[model.backbone]
    return Fix(title=f"Use the {which} backbone {other}", effect=effect, patch={"model.backbone": other})


def train_more(case: Case) -> Fix | None:
    """The last stages too, then everything, at a rate for fine-tuning."""
    model = case.config.model
    effect = "The backbone's features fit themselves to these images; train and validation loss both fall further."
    if model.mode == "full":
        return None
    if model.mode == "frozen" and model.weights.casefold() != "none":
        change: dict[str, Any] = {"model.mode": "partial", "model.unfrozen_stages": LAST_STAGES}
        title = f"Train the last {LAST_STAGES} stages of {shown(model.backbone)} too"
    else:
        change, title = {"model.mode": "full"}, f"Train all of {shown(model.backbone)}"
    patch, at = _at_a_fitting_rate(case.config, change)
    return Fix(title=title + at, effect=effect, patch=patch, start_from="best")


def train_less(case: Case) -> Fix | None:
    """Only the last stages, then only the head; from scratch, since what was trained has been fitted too closely."""
    model = case.config.model
    effect = "What the backbone knows of millions of images stays as it is; validation loss rises later or not at all."
    if model.mode == "frozen" or model.weights.casefold() == "none":
        return None
    change: dict[str, Any]
    if model.mode == "full":
        change = {"model.mode": "partial", "model.unfrozen_stages": LAST_STAGES}
        title = f"Train only the last {LAST_STAGES} stages of {shown(model.backbone)}"
    else:
        change, title = {"model.mode": "frozen"}, f"Freeze all of {shown(model.backbone)}"
    patch, at = _at_a_fitting_rate(case.config, change)
    return Fix(title=title + at, effect=effect, patch=patch)


def _at_a_fitting_rate(config: TrainingConfig, change: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The change with a learning rate of its own where the present one does not suit the mode, and words for it."""
    model = msgspec.structs.replace(config.model, mode=change["model.mode"])
    changed = msgspec.structs.replace(config, model=model)
    low, high = learning_rate_range(changed)
    if not above(config.learning_rate, high) and not below(config.learning_rate, low):
        return change, ""
    rate = sound_learning_rate(changed)
    return change | {"learning_rate": rate}, f", at a learning rate of {spelled(rate)}"


def _weights_come_with_it(model: Model) -> bool:
    """Whether the weights are those that each backbone has, or none."""
    return model.weights.casefold() in ("default", "none")
