"""Each of the guide's hints fires at its boundary, and not a step before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.guide.cases import CASES, FINE, GRAVE, QUIET, SGD, TRANSFER, WITH_FACTS, Side
from training.config.patch import apply
from training.config.presets import PRESETS, preset
from training.config.schema import TrainingConfig
from training.guide.hints import IDS, Facts, Hint, hints
from training.guide.sections import TITLES

# A line that fits beside a field at 120 columns.
LONGEST = 100


def found(patch: dict[str, Any], facts: Facts | None = None) -> dict[str, Hint]:
    return {hint.rule: hint for hint in hints(apply(TrainingConfig(), QUIET | patch), facts)}


def test_a_sound_config_draws_no_hint() -> None:
    assert found({}) == {}


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


@pytest.mark.parametrize(("rule", "inside", "outside", "severity", "recommended"), WITH_FACTS)
def test_a_hint_of_what_is_known_fires_at_its_boundary(
    rule: str, inside: Side, outside: Side, severity: str, recommended: Any
) -> None:
    assert rule not in found(*inside)
    hint = found(*outside)[rule]
    value = hint.patch[hint.key] if hint.patch else None
    assert (hint.severity, value) == (severity, recommended)


@pytest.mark.parametrize(("rule", "mild", "grave"), GRAVE)
def test_a_hint_is_a_warning_from_where_it_hurts(rule: str, mild: Side, grave: Side) -> None:
    assert (found(*mild)[rule].severity, found(*grave)[rule].severity) == ("info", "warning")


@pytest.mark.parametrize("side", [side for _, *sides, _, _ in WITH_FACTS for side in sides])
def test_what_is_not_known_draws_no_hint(side: Side) -> None:
    patch, _ = side
    needing = {rule for rule, *_ in WITH_FACTS}
    assert not needing & set(found(patch))


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
    outside = [(patch, facts) for _, _, patch, _, _ in CASES] + [side for _, _, side, _, _ in WITH_FACTS]
    for side in outside:
        for hint in found(*side).values():
            assert len(hint.message) <= LONGEST
            assert ". " not in hint.message
            assert hint.message.endswith(".")
            assert hint.reason.endswith((".", "?"))
            assert set(hint.guide.split(", ")) <= set(TITLES)


def test_every_rule_is_tried_on_both_sides_of_its_boundary() -> None:
    assert {rule for rule, *_ in (*CASES, *WITH_FACTS)} == set(IDS)
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
