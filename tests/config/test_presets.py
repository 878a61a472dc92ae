"""The guide's presets value for value, and those for each kind and mode of model."""

from __future__ import annotations

from typing import Any

import pytest

from training.config.files import dump, read_text
from training.config.patch import apply
from training.config.presets import GUIDE_PRESETS, MODEL_PRESETS, PRESETS, Preset, preset
from training.errors import InvalidInput
from training.guide.hints import hints

# Guide, section 9, column by column.
GUIDE = {
    "balanced": ("Adam", 1e-3, True, 1e-4, "ReduceLROnPlateau", "None", 100, 32, True, 10),
    "imbalanced-transfer": ("AdamW", 1e-4, True, 0.01, "Cosine Annealing", "Focal Loss", 50, 32, True, 15),
    "small-data": ("Adam", 1e-3, True, 1e-3, "ReduceLROnPlateau", "Auto Class Weights", 50, 16, True, 5),
}


each_preset = pytest.mark.parametrize("entry", PRESETS, ids=lambda entry: entry.id)


@pytest.mark.parametrize("entry", GUIDE_PRESETS, ids=lambda entry: entry.id)
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


@each_preset
def test_a_preset_reads_back_from_its_yaml(entry: Preset) -> None:
    assert read_text(dump(entry.config)) == (entry.config, ())


@each_preset
def test_a_preset_says_what_it_is_for_in_one_sentence(entry: Preset) -> None:
    assert entry.title
    assert entry.description.endswith(".")
    assert len(entry.description) <= 100


def test_the_guides_presets_come_first_and_no_id_is_there_twice() -> None:
    assert [entry.id for entry in PRESETS][:3] == list(GUIDE)
    assert len({entry.id for entry in PRESETS}) == len(PRESETS)


def test_there_is_a_preset_for_every_kind_and_mode_of_model() -> None:
    told = {entry.id: (entry.config.model.kind, entry.config.model.mode) for entry in MODEL_PRESETS}
    assert told == {
        "cnn": ("custom_cnn", "frozen"),
        "transfer-frozen": ("transfer", "frozen"),
        "transfer-partial": ("transfer", "partial"),
        "transfer-full": ("transfer", "full"),
        "vit": ("vit", "frozen"),
        "vit-fine-tuning": ("transfer", "full"),
    }
    assert preset("vit-fine-tuning").config.model.backbone == "vit_b_16"


@pytest.mark.parametrize("entry", MODEL_PRESETS, ids=lambda entry: entry.id)
def test_a_preset_for_a_model_draws_no_hint_on_images_in_folders_either(entry: Preset) -> None:
    assert not hints(entry.config)
    assert not hints(apply(entry.config, {"data.source": "folder", "data.path": "images"}))


def test_of_the_guides_presets_only_the_one_for_small_data_draws_its_known_warning() -> None:
    drawn = {entry.id: [hint.rule for hint in hints(entry.config)] for entry in GUIDE_PRESETS}
    assert drawn == {"balanced": [], "imbalanced-transfer": [], "small-data": ["plateau_patience_never"]}


def test_the_transfer_preset_freezes_its_backbone() -> None:
    model = preset("imbalanced-transfer").config.model
    assert (model.kind, model.mode) == ("transfer", "frozen")


@pytest.mark.parametrize(("name", "found"), [("small-data", 2), ("small", 2), ("B", 0), (" imb ", 1), ("VIT", 7)])
def test_a_preset_is_found_by_the_start_of_its_name(name: str, found: int) -> None:
    assert preset(name) is PRESETS[found]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("smal-data", "Did you mean small-data?"),
        ("", "The presets are balanced,"),
        ("transfer", "transfer could be transfer-frozen, transfer-partial or transfer-full."),
    ],
)
def test_an_unknown_preset_is_refused(name: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        preset(name)
    assert words in str(caught.value)
