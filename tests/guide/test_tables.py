"""The guide's tables as help: its numbers, the keys they explain, and the row that a config falls under."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from training.config.fields import FIELDS, SECTIONS, field
from training.config.model import Block, Model
from training.config.patch import apply
from training.config.presets import PRESETS
from training.config.schema import Optimizer, TrainingConfig
from training.guide.hints import Facts, hints
from training.guide.regime import regime
from training.guide.sections import TITLES
from training.guide.tables import TABLES, Table, tables_of
from training.guide.training_tables import EXAMPLES

BY_ID = {table.id: table for table in TABLES}
FROZEN = {"model.kind": "transfer"}
FULL = FROZEN | {"model.mode": "full"}
VIT = {"model.kind": "vit"}
VIT_FULL = FULL | {"model.backbone": "vit_b_16"}


def config(patch: dict[str, Any] | None = None) -> TrainingConfig:
    return apply(TrainingConfig(), patch or {})


def row(table: str, patch: dict[str, Any] | None = None, facts: Facts | None = None, key: str = "") -> str:
    """The name of the row that a config falls under; "" for none."""
    found = BY_ID[table].current(config(patch), facts, key)
    return "" if found is None else BY_ID[table].rows[found][0]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)
def test_a_table_is_whole_and_explains_keys_that_there_are(table: Table) -> None:
    assert all(len(cells) == len(table.columns) for cells in table.rows)
    assert all(cell.strip() for cells in table.rows for cell in cells)
    assert table.guide in TITLES
    for key in table.keys:
        if key.startswith("section:"):
            assert key.removeprefix("section:") in {section.name for section in SECTIONS}
        else:
            assert field(key.removesuffix(".*").replace("*", "0"))


@pytest.mark.parametrize(
    ("key", "ids"),
    [
        ("optimizer", ["optimizers"]),
        ("learning_rate", ["learning_rates", "loss_curves"]),
        ("l2_decay", ["decays"]),
        ("l2_lambda", ["decays"]),
        ("lr_strategy", ["schedules"]),
        ("class_weights", ["losses"]),
        ("batch_size", ["batch_sizes"]),
        ("epochs", ["epochs"]),
        ("es_patience", ["patience"]),
        ("model.kind", ["models"]),
        ("model.mode", ["modes", "learning_rates", "epochs"]),
        ("model.dropout", ["dropouts"]),
        ("model.blocks.12", ["dropouts"]),
        ("model.blocks.0.dropout", ["dropouts"]),
        ("model.blocks.0.filters", []),
        ("model.dense_layers.+", ["dropouts"]),
        ("data.augmentation", ["augmentation"]),
        ("section:", ["presets", "tuning"]),
        ("section:model", ["models"]),
        ("runtime.seed", []),
    ],
)
def test_a_key_is_explained_by_its_tables(key: str, ids: list[str]) -> None:
    assert [table.id for table in tables_of(key)] == ids


def test_every_one_of_the_guides_own_keys_has_a_table() -> None:
    assert [entry.key for entry in FIELDS if not entry.section and not tables_of(entry.key)] == []


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "learning_rates",
            [
                ("a CNN from scratch", "0.0001 to 0.001", "0.001 to 0.1"),
                ("a frozen backbone", "0.0001 to 0.001", "0.001 to 0.01"),
                ("fine-tuning", "1e-05 to 0.0001", "0.0001 to 0.001"),
                ("a transformer from scratch", "0.0001 to 0.0003", "not recommended"),
                ("fine-tuning a transformer", "1e-05 to 0.0001", "not recommended"),
            ],
        ),
        (
            "decays",
            [
                ("Adam", "1e-05 to 0.0001"),
                ("AdamW", "0.01 to 0.1"),
                ("SGD with Momentum", "0.0001 to 0.001"),
                ("RMSprop", "1e-05 to 0.0001"),
            ],
        ),
        (
            "losses",
            [
                ("up to 1:2", "cross-entropy (None)"),
                ("1:2 to 1:5", "weighted cross-entropy (Auto Class Weights), or cross-entropy (None)"),
                ("1:5 to 1:10", "weighted cross-entropy (Auto Class Weights)"),
                ("beyond 1:10", "focal loss (Focal Loss)"),
            ],
        ),
        (
            "epochs",
            [
                ("a CNN from scratch", "50 to 100"),
                ("a frozen backbone", "20 to 30"),
                ("fine-tuning", "30 to 50"),
                ("a transformer from scratch", "100 to 200"),
                ("fine-tuning a transformer", "30 to 50"),
            ],
        ),
        (
            "patience",
            [
                ("small: a CNN of up to 4 blocks", "5 to 10"),
                ("larger, or a transformer", "10 to 20"),
                ("pretrained", "10 to 15"),
            ],
        ),
        (
            "dropouts",
            [("convolution block", "0.25 to 0.3"), ("dense layer", "0.5 to 0.7"), ("transformer", "0.1 to 0.2")],
        ),
    ],
)
def test_the_numbers_are_the_guides(table: str, rows: list[tuple[str, ...]]) -> None:
    assert list(BY_ID[table].rows) == rows


def test_the_other_facts_are_the_guides_too() -> None:
    schedules = {name: f"{what} {use}" for name, what, use in BY_ID["schedules"].rows}
    assert "×0.5 at the 6th epoch" in schedules["ReduceLROnPlateau"]
    assert "down to 1e-06" in schedules["ReduceLROnPlateau"]
    assert "down to 1e-06" in schedules["Cosine Annealing"]
    assert "×0.1 each 1/3 of the epochs" in schedules["Step Decay"]
    assert "×0.95 each epoch" in schedules["Exponential Decay"]
    assert "under 30 epochs" in schedules["Constant"]
    assert [cells[0] for cells in BY_ID["batch_sizes"].rows] == ["8 to 16", "32", "64 to 128", "256 and more"]
    rates = " ".join(BY_ID["learning_rates"].notes)
    assert "0.001 at 32, 0.002 at 64, 0.004 at 128" in rates
    assert "at most 0.005" in rates
    assert "RMSprop: as Adam; on a CNN from scratch 0.0001 to 0.01" in rates
    assert "AdamW runs at 0.01" in BY_ID["optimizers"].notes[0]
    speeds = {cells[0]: cells[3:6] for cells in BY_ID["optimizers"].rows}
    assert speeds == {
        "Adam": ("fast", "good", "0.001"),
        "AdamW": ("fast", "better", "0.001"),
        "SGD with Momentum": ("slower", "best", "0.01"),
        "RMSprop": ("medium", "good", "0.001"),
    }


@pytest.mark.parametrize("optimizer", get_args(Optimizer))
@pytest.mark.parametrize("example", EXAMPLES)
def test_a_hint_names_the_range_of_the_row_that_is_marked(example: str, optimizer: Optimizer) -> None:
    """But for RMSprop from scratch, which stands under the table, and SGD where the table only warns of it."""
    model = next(model for row, model in EXAMPLES.items() if row == example)
    shown = TrainingConfig(optimizer=optimizer, learning_rate=1e6, model=model)
    assert regime(shown) == example
    table = BY_ID["learning_rates"]
    here = table.current(shown)
    assert here is not None
    cell = table.rows[here][2 if optimizer == "SGD with Momentum" else 1]
    said = next(hint.range_text for hint in hints(shown) if hint.rule == "learning_rate_high")
    if cell == "not recommended":
        assert any(hint.rule == "sgd_transformer" for hint in hints(shown))
    elif (optimizer, example) != ("RMSprop", "cnn_scratch"):
        assert cell == said
    else:
        assert said in table.notes[0]


@pytest.mark.parametrize(
    ("table", "patch", "name"),
    [
        ("optimizers", {"optimizer": "AdamW"}, "AdamW"),
        ("decays", {"optimizer": "SGD with Momentum"}, "SGD with Momentum"),
        ("learning_rates", FROZEN, "a frozen backbone"),
        ("learning_rates", FULL, "fine-tuning"),
        ("learning_rates", FULL | {"model.weights": "none"}, "a CNN from scratch"),
        ("epochs", VIT, "a transformer from scratch"),
        ("epochs", VIT_FULL, "fine-tuning a transformer"),
        ("schedules", {"lr_strategy": "Step Decay"}, "Step Decay"),
        ("batch_sizes", {"batch_size": 1}, "8 to 16"),
        ("batch_sizes", {"batch_size": 31}, "8 to 16"),
        ("batch_sizes", {"batch_size": 32}, "32"),
        ("batch_sizes", {"batch_size": "auto"}, "32"),
        ("batch_sizes", {"batch_size": 63}, "32"),
        ("batch_sizes", {"batch_size": 64}, "64 to 128"),
        ("batch_sizes", {"batch_size": 32, "optimization.accumulate": 8}, "256 and more"),
        ("patience", {}, "small: a CNN of up to 4 blocks"),
        ("patience", VIT, "larger, or a transformer"),
        ("patience", FULL, "pretrained"),
        ("models", VIT, "vit"),
        ("modes", {}, ""),
        ("modes", FULL, "full"),
        ("augmentation", {"data.augmentation": "medium"}, "medium"),
        ("loss_curves", {}, ""),
    ],
)
def test_a_config_falls_under_its_row(table: str, patch: dict[str, Any], name: str) -> None:
    assert row(table, patch) == name


def test_a_cnn_of_many_blocks_is_no_small_model() -> None:
    many = TrainingConfig(model=Model(blocks=(Block(filters=32),) * 5))
    assert BY_ID["patience"].current(many) == 1


@pytest.mark.parametrize(
    ("ratio", "name"),
    [
        (None, ""),
        (1.0, "up to 1:2"),
        (2.0, "up to 1:2"),
        (2.01, "1:2 to 1:5"),
        (5.0, "1:2 to 1:5"),
        (10.0, "1:5 to 1:10"),
        (10.1, "beyond 1:10"),
        (1e9, "beyond 1:10"),
    ],
)
def test_the_loss_goes_by_the_measured_class_ratio(ratio: float | None, name: str) -> None:
    assert row("losses", facts=Facts(class_ratio=ratio)) == name


@pytest.mark.parametrize(
    ("key", "patch", "name"),
    [
        ("model.blocks.0.dropout", {}, "convolution block"),
        ("model.dense_layers.0", {}, "dense layer"),
        ("model.dropout", VIT, "transformer"),
        ("model.kind", {}, ""),
    ],
)
def test_the_dropout_goes_by_the_layer_of_the_field(key: str, patch: dict[str, Any], name: str) -> None:
    assert row("dropouts", patch, key=key) == name


def test_a_preset_is_recognised_until_one_of_its_values_changes() -> None:
    for preset in PRESETS:
        found = BY_ID["presets"].current(preset.config)
        assert found is not None
        assert BY_ID["presets"].rows[found][0] == preset.id
    changed = apply(PRESETS[0].config, {"epochs": 99})
    assert BY_ID["presets"].current(changed) is None
