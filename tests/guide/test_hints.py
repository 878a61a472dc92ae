"""Each of the guide's hints fires at its boundary, and not a step before."""

from __future__ import annotations

from typing import Any

import pytest

from training.config.patch import apply
from training.config.presets import PRESETS, preset
from training.config.schema import TrainingConfig
from training.guide.hints import IDS, Facts, Hint, hints

# A config that draws no hint at all; each case changes what it is about.
QUIET = {"l2_decay": True, "lr_strategy": "ReduceLROnPlateau", "early_stopping": True}
TRANSFER = {"model.kind": "transfer", "es_patience": 12}
FINE = TRANSFER | {"model.mode": "full", "epochs": 40}
VIT = {"model.kind": "vit", "optimizer": "AdamW", "l2_lambda": 0.01, "learning_rate": 3e-4}
SGD = {"optimizer": "SGD with Momentum", "learning_rate": 0.01, "l2_lambda": 1e-3}


def found(patch: dict[str, Any], facts: Facts | None = None) -> dict[str, Hint]:
    return {hint.rule: hint for hint in hints(apply(TrainingConfig(), QUIET | patch), facts)}


def test_a_sound_config_draws_no_hint() -> None:
    assert found({}) == {}


CASES: list[tuple[str, dict[str, Any], dict[str, Any], str, Any]] = [
    # rule, just inside, just outside, severity, recommended
    (
        "adamw_decay_low",
        {"optimizer": "AdamW", "l2_lambda": 0.01},
        {"optimizer": "AdamW", "l2_lambda": 0.0099},
        "warning",
        0.01,
    ),
    ("decay_high", {"optimizer": "AdamW", "l2_lambda": 0.1}, {"optimizer": "AdamW", "l2_lambda": 0.11}, "warning", 0.1),
    ("decay_high", {"l2_lambda": 1e-3}, {"l2_lambda": 1.1e-3}, "warning", 1e-4),
    (
        "decay_high",
        {"optimizer": "RMSprop", "l2_lambda": 1e-3},
        {"optimizer": "RMSprop", "l2_lambda": 2e-3},
        "warning",
        1e-4,
    ),
    ("decay_high", SGD, SGD | {"l2_lambda": 1.1e-3}, "warning", 1e-3),
    ("decay_low", {"l2_lambda": 1e-5}, {"l2_lambda": 9e-6}, "info", 1e-4),
    ("decay_low", SGD | {"l2_lambda": 1e-4}, SGD | {"l2_lambda": 9e-5}, "info", 1e-4),
    ("decay_low", {"l2_decay": False, "l2_lambda": 0.0}, {"l2_lambda": 0.0}, "info", 1e-4),
    ("decay_unused", {"l2_decay": False}, {"l2_decay": False, "l2_lambda": 1e-3}, "info", True),
    ("learning_rate_high", {"learning_rate": 1e-3}, {"learning_rate": 1.01e-3}, "warning", 1e-3),
    (
        "learning_rate_high",
        {"learning_rate": 2e-3, "batch_size": 64},
        {"learning_rate": 2.1e-3, "batch_size": 64},
        "warning",
        2e-3,
    ),
    (
        "learning_rate_high",
        {"learning_rate": 5e-3, "batch_size": 512},
        {"learning_rate": 5.1e-3, "batch_size": 512},
        "warning",
        5e-3,
    ),
    (
        "learning_rate_high",
        {"optimizer": "RMSprop", "learning_rate": 0.01},
        {"optimizer": "RMSprop", "learning_rate": 0.011},
        "warning",
        1e-3,
    ),
    ("learning_rate_high", SGD | {"learning_rate": 0.1}, SGD | {"learning_rate": 0.11}, "warning", 0.01),
    ("learning_rate_high", TRANSFER | SGD, TRANSFER | SGD | {"learning_rate": 0.011}, "warning", 0.01),
    ("learning_rate_high", FINE | {"learning_rate": 1e-4}, FINE | {"learning_rate": 1.1e-4}, "warning", 1e-4),
    ("learning_rate_high", VIT, VIT | {"learning_rate": 3.1e-4}, "warning", 3e-4),
    ("learning_rate_low", {"learning_rate": 1e-4}, {"learning_rate": 9.9e-5}, "info", 1e-3),
    ("learning_rate_low", {"learning_rate": 1e-4}, {"learning_rate": 9.9e-6}, "warning", 1e-3),
    ("learning_rate_low", FINE | {"learning_rate": 1e-5}, FINE | {"learning_rate": 9e-6}, "info", 1e-4),
    ("learning_rate_scaling", {"batch_size": 63}, {"batch_size": 64}, "info", 2e-3),
    ("learning_rate_scaling", {"batch_size": 128, "learning_rate": 2e-3}, {"batch_size": 128}, "info", 4e-3),
    ("adam_transformer", VIT, VIT | {"optimizer": "Adam", "l2_decay": False}, "info", "AdamW"),
    ("rmsprop_special", {}, {"optimizer": "RMSprop"}, "info", "Adam"),
    (
        "plateau_patience_never",
        {"es_patience": 7},
        {"es_patience": 6},
        "warning",
        10,
    ),
    ("plateau_patience_never", {"es_patience": 5, "early_stopping": False}, {"es_patience": 5}, "warning", 10),
    (
        "plateau_patience_never",
        {"es_patience": 5, "lr_strategy": "Cosine Annealing"},
        {"es_patience": 5},
        "warning",
        10,
    ),
    ("plateau_patience_few", {"es_patience": 10}, {"es_patience": 9}, "info", 10),
    ("plateau_patience_few", {"es_patience": 6}, {"es_patience": 7}, "info", 10),
    ("plateau_short_run", {"epochs": 8}, {"epochs": 7}, "info", "Constant"),
    (
        "constant_long",
        {"lr_strategy": "Constant", "epochs": 29},
        {"lr_strategy": "Constant", "epochs": 30},
        "info",
        "ReduceLROnPlateau",
    ),
    (
        "constant_long",
        TRANSFER | {"lr_strategy": "Constant"},
        FINE | {"lr_strategy": "Constant", "learning_rate": 1e-4},
        "info",
        "ReduceLROnPlateau",
    ),
    (
        "step_decay_short",
        {"lr_strategy": "Step Decay", "epochs": 9},
        {"lr_strategy": "Step Decay", "epochs": 8},
        "warning",
        "Constant",
    ),
    ("exponential_decay", {}, {"lr_strategy": "Exponential Decay"}, "info", "Cosine Annealing"),
    ("epochs_low", {"epochs": 50}, {"epochs": 49}, "info", 50),
    ("epochs_low", TRANSFER | {"epochs": 20}, TRANSFER | {"epochs": 19}, "info", 20),
    ("epochs_low", FINE | {"epochs": 30}, FINE | {"epochs": 29}, "info", 30),
    ("epochs_low", VIT | {"epochs": 100}, VIT | {"epochs": 99}, "info", 100),
    ("epochs_high", {"early_stopping": False}, {"early_stopping": False, "epochs": 101}, "info", 100),
    (
        "epochs_high",
        TRANSFER | {"early_stopping": False, "epochs": 30},
        TRANSFER | {"early_stopping": False, "epochs": 31},
        "info",
        30,
    ),
    ("epochs_high", {"epochs": 500}, {"epochs": 500, "early_stopping": False}, "info", 100),
    (
        "early_stopping_off",
        {"early_stopping": False, "epochs": 49},
        {"early_stopping": False, "epochs": 50},
        "info",
        True,
    ),
    ("patience_low", {"es_patience": 5}, {"es_patience": 4}, "info", 10),
    ("patience_low", TRANSFER | {"es_patience": 10}, TRANSFER | {"es_patience": 9}, "info", 10),
    ("patience_high", {"es_patience": 10}, {"es_patience": 11}, "info", 10),
    ("patience_high", TRANSFER | {"es_patience": 15}, TRANSFER | {"es_patience": 16}, "info", 15),
    ("patience_high", VIT | {"es_patience": 20}, VIT | {"es_patience": 21}, "info", 20),
    ("patience_beyond_run", {"epochs": 11}, {"epochs": 10}, "info", None),
    ("dropout_high", {"model.blocks.1.dropout": 0.3}, {"model.blocks.1.dropout": 0.31}, "warning", 0.3),
    ("dropout_low", {"model.blocks.1.dropout": 0.25}, {"model.blocks.1.dropout": 0.24}, "info", 0.25),
    ("dropout_low", {"model.blocks.1.dropout": 0.0}, {"model.blocks.1.dropout": 0.01}, "info", 0.25),
    ("dropout_high", {"model.dense_layers.0.dropout": 0.7}, {"model.dense_layers.0.dropout": 0.71}, "warning", 0.7),
    ("dropout_low", {"model.dense_layers.0.dropout": 0.5}, {"model.dense_layers.0.dropout": 0.49}, "info", 0.5),
    ("dropout_high", VIT | {"model.dropout": 0.2}, VIT | {"model.dropout": 0.21}, "warning", 0.2),
    ("dropout_low", VIT | {"model.dropout": 0.1}, VIT | {"model.dropout": 0.09}, "info", 0.1),
    ("dropout_high", {"model.dropout": 0.9}, VIT | {"model.dropout": 0.9}, "warning", 0.2),
    ("filters_shrink", {"model.blocks.1.filters": 32}, {"model.blocks.1.filters": 31}, "info", 32),
    ("batch_large", {"batch_size": 255}, {"batch_size": 256}, "info", 128),
    ("batch_small", {"batch_size": 8}, {"batch_size": 7}, "info", 8),
    ("not_normalised", {}, {"data.normalise": False}, "warning", True),
    (
        "frozen_untrained",
        TRANSFER | {"model.mode": "full", "model.weights": "none"},
        TRANSFER | {"model.weights": "none"},
        "warning",
        "full",
    ),
]


@pytest.mark.parametrize(("rule", "inside", "outside", "severity", "recommended"), CASES)
def test_a_hint_fires_at_its_boundary(
    rule: str, inside: dict[str, Any], outside: dict[str, Any], severity: str, recommended: Any
) -> None:
    assert rule not in found(inside)
    hint = found(outside)[rule]
    value = hint.patch[hint.key] if hint.patch else None
    assert (hint.severity, value) == (severity, recommended)


@pytest.mark.parametrize(
    ("ratio", "loss", "severity", "recommended"),
    [
        (1.0, "None", None, None),
        (2.0, "None", None, None),
        (2.0, "Auto Class Weights", "info", "None"),
        (2.0, "Focal Loss", "info", "None"),
        (2.01, "None", None, None),
        (5.0, "Auto Class Weights", None, None),
        (5.0, "Focal Loss", "info", "Auto Class Weights"),
        (5.01, "None", "warning", "Auto Class Weights"),
        (10.0, "Auto Class Weights", None, None),
        (10.0, "Focal Loss", "info", "Auto Class Weights"),
        (10.01, "None", "warning", "Focal Loss"),
        (10.01, "Auto Class Weights", "info", "Focal Loss"),
        (100.0, "Focal Loss", None, None),
        (None, "None", None, None),
    ],
)
def test_the_loss_follows_the_class_ratio(
    ratio: float | None, loss: str, severity: str | None, recommended: str | None
) -> None:
    hint = found({"class_weights": loss}, Facts(class_ratio=ratio)).get("loss_for_ratio")
    assert (hint.severity if hint else None, hint.recommended if hint else None) == (severity, recommended)


@pytest.mark.parametrize(
    ("rule", "patch", "images", "fires"),
    [
        ("sgd_small_data", SGD, 4999, True),
        ("sgd_small_data", SGD, 5000, False),
        ("sgd_small_data", SGD | TRANSFER, 100, False),
        ("decay_high_for_data", {"l2_lambda": 1e-3}, 1000, True),
        ("decay_high_for_data", {"l2_lambda": 1e-3}, 999, False),
        ("decay_high_for_data", {"l2_lambda": 1e-4}, 1000, False),
    ],
)
def test_the_size_of_the_data_counts(rule: str, patch: dict[str, Any], images: int, fires: bool) -> None:
    assert (rule in found(patch, Facts(n_train=images * 10, classes=10))) is fires
    assert rule not in found(patch)


@pytest.mark.parametrize("patch", [{"l2_decay": False}, {"l2_decay": True, "l2_lambda": 0.0}])
def test_adamw_without_a_strength_runs_at_its_own_and_draws_no_warning(patch: dict[str, Any]) -> None:
    assert not [hint for hint in found({"optimizer": "AdamW"} | patch).values() if hint.key == "l2_lambda"]


def test_a_decay_below_a_hundredth_for_adamw_names_the_range() -> None:
    hint = found({"optimizer": "AdamW", "l2_lambda": 0.001})["adamw_decay_low"]
    assert (hint.key, hint.range_text, hint.guide) == ("l2_lambda", "0.01 to 0.1", "5")


@pytest.mark.parametrize("model", [{"model.kind": "vit"}, FINE | {"model.backbone": "vit_b_16"}])
def test_sgd_on_a_transformer_is_answered_with_everything_that_adamw_needs(model: dict[str, Any]) -> None:
    hint = found(model | SGD)["sgd_transformer"]
    assert (hint.severity, hint.recommended) == ("warning", None)
    assert hint.patch["optimizer"] == "AdamW"
    assert hint.patch["learning_rate"] <= 3e-4
    assert hint.patch["l2_lambda"] == 0.01


def test_sgd_on_a_frozen_transformer_is_fine() -> None:
    assert "sgd_transformer" not in found(TRANSFER | SGD | {"model.backbone": "vit_b_16"})


@pytest.mark.parametrize(
    ("name", "rules"), [("balanced", []), ("imbalanced", []), ("small", ["plateau_patience_never"])]
)
def test_the_presets_draw_the_hints_that_the_guide_says(name: str, rules: list[str]) -> None:
    assert [hint.rule for hint in hints(preset(name).config)] == rules


def test_a_silenced_rule_is_not_shown_unless_asked_for() -> None:
    config = apply(PRESETS[2].config, {"advice.silenced": ["plateau_patience_never"]})
    assert hints(config) == []
    assert [hint.rule for hint in hints(config, include_silenced=True)] == ["plateau_patience_never"]


def test_warnings_come_first_then_the_order_of_the_file() -> None:
    patch = {"data.normalise": False, "learning_rate": 1.0, "early_stopping": False, "batch_size": 4}
    shown = hints(apply(TrainingConfig(), QUIET | patch))
    assert [hint.key for hint in shown] == ["learning_rate", "data.normalise", "batch_size", "early_stopping"]


def test_every_hint_is_a_sentence_with_its_reason_and_place_in_the_guide() -> None:
    facts = Facts(class_ratio=50.0, n_train=1000, classes=10)
    for _, _, outside, _, _ in CASES:
        for hint in found(outside, facts).values():
            assert hint.message.endswith(".")
            assert hint.reason.endswith(".")
            assert hint.guide in {"2", "3", "4", "5", "6", "7", "8", "11"}


def test_every_hint_has_the_id_of_a_rule() -> None:
    assert {rule for rule, *_ in CASES} <= set(IDS)
    assert len(set(IDS)) == len(IDS)


def test_a_silenced_id_that_no_hint_has_is_named_with_the_nearest() -> None:
    hint = found({"advice.silenced": ["decay_high", "learning_rate_hihg"]})["unknown_silenced"]
    assert (hint.key, hint.severity) == ("advice.silenced", "info")
    assert "learning_rate_hihg" in hint.message
    assert "Did you mean learning_rate_high?" in hint.reason
    assert hint.recommended == ("decay_high", "learning_rate_high")


def test_a_silenced_id_like_no_other_goes_when_the_hint_is_taken() -> None:
    hint = found({"advice.silenced": ["xyzzy", "decay_high"]})["unknown_silenced"]
    assert hint.recommended == ("decay_high",)
