"""The guide's presets (guide, section 9), value for value, and one for each kind and mode of model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.config.model import Block, Model
from training.config.problems import listed, nearest, shown
from training.config.schema import TrainingConfig
from training.errors import InvalidInput

Group = Literal["guide", "model", "own"]


@dataclass(frozen=True)
class Preset:
    """A config to start from."""

    id: str
    title: str
    description: str
    config: TrainingConfig
    group: Group = "guide"
    """The guide's own, made for a kind and mode of model, or a user's own."""


GUIDE_PRESETS: tuple[Preset, ...] = (
    Preset(
        "balanced",
        "Balanced, medium",
        "About 2000 images a class, classes of similar size. A sound start for most data.",
        TrainingConfig(
            optimizer="Adam",
            learning_rate=1e-3,
            l2_decay=True,
            l2_lambda=1e-4,
            lr_strategy="ReduceLROnPlateau",
            class_weights="None",
            epochs=100,
            batch_size=32,
            early_stopping=True,
            es_patience=10,
        ),
    ),
    Preset(
        "imbalanced-transfer",
        "Imbalanced, transfer",
        "Classes of very different size, on a pretrained backbone with its weights frozen.",
        TrainingConfig(
            optimizer="AdamW",
            learning_rate=1e-4,
            l2_decay=True,
            l2_lambda=0.01,
            lr_strategy="Cosine Annealing",
            class_weights="Focal Loss",
            epochs=50,
            batch_size=32,
            early_stopping=True,
            es_patience=15,
            model=Model(kind="transfer", mode="frozen"),
        ),
    ),
    Preset(
        "small-data",
        "Small data, custom CNN",
        "Few images a class: smaller batches, stronger decay, classes weighted by how rare they are.",
        TrainingConfig(
            optimizer="Adam",
            learning_rate=1e-3,
            l2_decay=True,
            l2_lambda=1e-3,
            lr_strategy="ReduceLROnPlateau",
            class_weights="Auto Class Weights",
            epochs=50,
            batch_size=16,
            early_stopping=True,
            es_patience=5,
        ),
    ),
)

# Learning rates, decays, schedules and epochs: the guide's tables by model and mode (sections 2 to 5 and 7).
MODEL_PRESETS: tuple[Preset, ...] = (
    Preset(
        "cnn",
        "CNN from scratch",
        "A CNN of three blocks, trained from scratch: Adam at 0.001, cosine schedule, up to 100 epochs.",
        TrainingConfig(
            optimizer="Adam",
            learning_rate=1e-3,
            l2_decay=True,
            l2_lambda=1e-4,
            lr_strategy="Cosine Annealing",
            epochs=100,
            early_stopping=True,
            es_patience=10,
            model=Model(blocks=tuple(Block(filters=filters, dropout=0.25) for filters in (32, 64, 128))),
        ),
        "model",
    ),
    Preset(
        "transfer-frozen",
        "Transfer, frozen",
        "A new head on a pretrained ResNet-18 that stays as it is: quick, and little data will do.",
        TrainingConfig(
            optimizer="Adam",
            learning_rate=1e-3,
            l2_decay=True,
            l2_lambda=1e-4,
            lr_strategy="Constant",
            epochs=30,
            early_stopping=True,
            es_patience=10,
            model=Model(kind="transfer", mode="frozen"),
        ),
        "model",
    ),
    Preset(
        "transfer-partial",
        "Transfer, partly unfrozen",
        "The head and the last stage of a pretrained ResNet-18, at a tenth of the LR from scratch.",
        TrainingConfig(
            optimizer="Adam",
            learning_rate=1e-4,
            l2_decay=True,
            l2_lambda=1e-4,
            lr_strategy="Cosine Annealing",
            epochs=50,
            early_stopping=True,
            es_patience=10,
            model=Model(kind="transfer", mode="partial", unfrozen_stages=1),
        ),
        "model",
    ),
    Preset(
        "transfer-full",
        "Transfer, fine-tuning",
        "All of a pretrained ResNet-18, at a tenth of the LR from scratch: best where data are not few.",
        TrainingConfig(
            optimizer="Adam",
            learning_rate=1e-4,
            l2_decay=True,
            l2_lambda=1e-4,
            lr_strategy="Cosine Annealing",
            epochs=50,
            early_stopping=True,
            es_patience=10,
            model=Model(kind="transfer", mode="full"),
        ),
        "model",
    ),
    Preset(
        "vit",
        "ViT from scratch",
        "A small vision transformer from scratch, for much data: AdamW at 0.0003, up to 200 epochs.",
        TrainingConfig(
            optimizer="AdamW",
            learning_rate=3e-4,
            l2_decay=True,
            l2_lambda=0.05,
            lr_strategy="Cosine Annealing",
            epochs=200,
            early_stopping=True,
            es_patience=15,
            model=Model(kind="vit"),
        ),
        "model",
    ),
    Preset(
        "vit-fine-tuning",
        "ViT, fine-tuning",
        "All of a pretrained ViT-B/16, at a tenth of the LR from scratch; needs a GPU.",
        TrainingConfig(
            optimizer="AdamW",
            learning_rate=3e-5,
            l2_decay=True,
            l2_lambda=0.01,
            lr_strategy="Cosine Annealing",
            epochs=50,
            early_stopping=True,
            es_patience=10,
            model=Model(kind="transfer", backbone="vit_b_16", mode="full"),
        ),
        "model",
    ),
)

PRESETS: tuple[Preset, ...] = (*GUIDE_PRESETS, *MODEL_PRESETS)


def preset(name: str) -> Preset:
    """The preset of traindeck's with this id, or with the one id that starts so. Raises InvalidInput."""
    return chosen(name, PRESETS)


def chosen(name: str, among: Sequence[Preset]) -> Preset:
    """The one of these with that id, or with the one id that starts so. Raises InvalidInput."""
    wanted = name.strip().casefold()
    ids = [entry.id for entry in among]
    matches = [entry for entry in among if entry.id.casefold() == wanted] or [
        entry for entry in among if wanted and entry.id.casefold().startswith(wanted)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        could = listed(shown(entry.id) for entry in matches)
        raise InvalidInput(f"{shown(name)} could be {could}.", "Give more of the name.")
    close = nearest(wanted, ids)
    guess = f"Did you mean {close}?" if close else f"The presets are {listed(ids, 'and')}."
    raise InvalidInput(f"There is no preset {shown(name)}.", guess)
