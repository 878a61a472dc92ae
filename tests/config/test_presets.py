"""The guide's presets, and the values that the engine does not act on yet."""

from __future__ import annotations

from typing import Any

import pytest

from training.config.files import dump, read_text
from training.config.presets import PRESETS, preset
from training.errors import InvalidInput

# Guide, section 9, column by column.
GUIDE = {
    "balanced": ("Adam", 1e-3, True, 1e-4, "ReduceLROnPlateau", "None", 100, 32, True, 10),
    "imbalanced-transfer": ("AdamW", 1e-4, True, 0.01, "Cosine Annealing", "Focal Loss", 50, 32, True, 15),
    "small-data": ("Adam", 1e-3, True, 1e-3, "ReduceLROnPlateau", "Auto Class Weights", 50, 16, True, 5),
}


@pytest.mark.parametrize("entry", PRESETS, ids=lambda entry: entry.id)
def test_a_preset_is_the_guides(entry: Any) -> None:
    config = entry.config
    assert GUIDE[entry.id] == (
        config.optimizer,
        config.learning_rate,
        config.l2_decay,
        config.l2_lambda,
        config.lr_strategy,
        config.class_weights,
        config.epochs,
        config.batch_size,
        config.early_stopping,
        config.es_patience,
    )
    assert read_text(dump(config)) == (config, ())


def test_the_transfer_preset_freezes_its_backbone() -> None:
    model = preset("imbalanced-transfer").config.model
    assert (model.kind, model.mode) == ("transfer", "frozen")


@pytest.mark.parametrize(("name", "found"), [("small-data", 2), ("small", 2), ("B", 0), (" imb ", 1)])
def test_a_preset_is_found_by_the_start_of_its_name(name: str, found: int) -> None:
    assert preset(name) is PRESETS[found]


@pytest.mark.parametrize(
    ("name", "words"), [("smal-data", "Did you mean small-data?"), ("", "The presets are balanced,")]
)
def test_an_unknown_preset_is_refused(name: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        preset(name)
    assert words in str(caught.value)
