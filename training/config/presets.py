"""The guide's presets (guide, section 9), value for value."""

from __future__ import annotations

from dataclasses import dataclass

from training.config.model import Model
from training.config.problems import listed, nearest, shown
from training.config.schema import TrainingConfig
from training.errors import InvalidInput


@dataclass(frozen=True)
class Preset:
    """A config to start from."""

    id: str
    title: str
    description: str
    config: TrainingConfig


PRESETS: tuple[Preset, ...] = (
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


def preset(name: str) -> Preset:
    """The preset with this id, or with the one id that starts so. Raises InvalidInput."""
    wanted = name.strip().casefold()
    matches = [entry for entry in PRESETS if entry.id == wanted] or [
        entry for entry in PRESETS if wanted and entry.id.startswith(wanted)
    ]
    if len(matches) == 1:
        return matches[0]
    ids = [entry.id for entry in PRESETS]
    close = nearest(wanted, ids)
    guess = f"Did you mean {close}?" if close else f"The presets are {listed(ids, 'and')}."
    raise InvalidInput(f"There is no preset {shown(name)}.", guess)
