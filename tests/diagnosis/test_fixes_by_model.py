"""Fixes that belong to a kind of model: the transformer's size, the backbone and how much of it is trained."""

from __future__ import annotations

from typing import Any

import pytest

from tests.diagnosis.test_fixes import fixes, titles
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.diagnosis.transfer_remedies import LARGER, SMALLER
from training.guide.regime import regime


def vit(**model: Any) -> TrainingConfig:
    patch = {"model.kind": "vit", "optimizer": "AdamW", "learning_rate": 3e-4}
    return apply(TrainingConfig(), patch | {f"model.{key}": value for key, value in model.items()})


def transfer(rate: float = 1e-4, **model: Any) -> TrainingConfig:
    patch = {"model.kind": "transfer", "optimizer": "AdamW", "learning_rate": rate}
    return apply(TrainingConfig(), patch | {f"model.{key}": value for key, value in model.items()})


def taken(story: str, config: TrainingConfig, word: str) -> list[str]:
    """Titles of the fixes with that word, each taken before the next is asked for."""
    found: list[str] = []
    while fix := next((fix for fix in fixes(story, config) if word in fix.title and fix.patch), None):
        found.append(fix.title)
        config = apply(config, fix.patch)
    return found


def test_a_transformer_grows_in_depth_and_then_in_width() -> None:
    assert taken("underfitting", vit(), "Raise depth") == ["Raise depth from 6 to 12 blocks"]
    assert taken("underfitting", vit(depth=12), "Raise width") == ["Raise width from 128 to 256"]
    wide = fixes("underfitting", vit(depth=12, width=192, heads=3))[0]
    assert wide.patch == {"model.width": 384, "model.heads": 6}


def test_a_transformer_shrinks_in_width_and_then_in_depth() -> None:
    assert taken("overfitting", vit(), "Lower width") == ["Lower width from 128 to 64", "Lower width from 64 to 32"]
    assert taken("overfitting", vit(width=32), "Lower depth") == ["Lower depth from 6 to 3 blocks"]
    odd = next(fix for fix in fixes("overfitting", vit(width=72, heads=8)) if "width" in fix.title)
    assert odd.patch == {"model.width": 36, "model.heads": 4}


def test_a_transformers_dropout_goes_up_to_a_fifth_and_down_to_none() -> None:
    assert fixes("overfitting", vit())[0].title == "Raise dropout of the transformer from 0.1 to 0.2"
    assert not taken("overfitting", vit(dropout=0.2), "dropout")
    down = [title.rpartition(" ")[2] for title in taken("underfitting", vit(dropout=0.2), "dropout")]
    assert down == ["0.1", "0.05", "0"]


def test_the_quick_fix_of_a_transformer_is_adamw() -> None:
    lost = apply(vit(), {"optimizer": "SGD with Momentum", "learning_rate": 1.0})
    assert "Use AdamW at a learning rate of 0.0003" in titles("lr_too_high_flat", lost)


def test_a_frozen_backbone_that_underfits_is_trained_bit_by_bit_at_a_rate_for_it() -> None:
    frozen = transfer(1e-3)
    first = fixes("underfitting", frozen)[0]
    assert first.title == "Train the last 2 stages of resnet18 too, at a learning rate of 0.0001"
    assert first.patch == {"model.mode": "partial", "model.unfrozen_stages": 2, "learning_rate": 1e-4}
    assert first.start_from == "best"
    partly = apply(frozen, first.patch)
    second = fixes("underfitting", partly)[0]
    assert (second.title, second.patch) == ("Train all of resnet18", {"model.mode": "full"})
    assert "Train" not in titles("underfitting", apply(partly, second.patch))[0]


def test_a_backbone_that_overfits_is_frozen_bit_by_bit_at_a_rate_for_it() -> None:
    found = taken("overfitting", transfer(1e-5, mode="full"), "stages") + taken(
        "overfitting", transfer(1e-5, mode="partial"), "Freeze"
    )
    assert found == [
        "Train only the last 2 stages of resnet18",
        "Freeze all of resnet18, at a learning rate of 0.001",
    ]
    assert all(
        fix.start_from == "scratch" for fix in fixes("overfitting", transfer(mode="full")) if "mode" in fix.patch
    )


def test_a_backbone_without_weights_is_trained_whole_or_not_at_all() -> None:
    random = transfer(weights="none")
    assert fixes("underfitting", random)[0].patch["model.mode"] == "full"
    assert not any(
        "mode" in key for fix in fixes("overfitting", transfer(weights="none", mode="full")) for key in fix.patch
    )


def test_another_backbone_is_of_the_same_kind() -> None:
    for order in (LARGER, SMALLER):
        for one, other in order.items():
            assert regime(transfer(backbone=one, mode="full")) == regime(transfer(backbone=other, mode="full"))
            seen = [one]
            while seen[-1] in order:
                seen.append(order[seen[-1]])
                assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("weights", ["default", "none"])
def test_a_larger_backbone_has_its_own_weights(weights: str) -> None:
    fix = next(fix for fix in fixes("underfitting", transfer(weights=weights)) if "model.backbone" in fix.patch)
    assert (fix.title, fix.start_from) == ("Use the larger backbone resnet50", "scratch")


def test_a_backbone_that_nobody_listed_or_with_weights_of_the_users_own_is_left_to_the_user() -> None:
    for config, name in (
        (transfer(backbone="timm/resnet26"), "timm/resnet26"),
        (transfer(weights="my.pt"), "resnet18"),
    ):
        fix = next(fix for fix in fixes("underfitting", config) if "backbone" in fix.title)
        assert (fix.title, fix.patch) == (f"Use a larger backbone than {name}", {})
    assert not any("backbone" in title for title in titles("underfitting", transfer(backbone="resnet101")))


def test_dead_blocks_get_batch_norm_and_then_a_leak() -> None:
    found = [fix.patch for fix in fixes("vanishing_gradients", TrainingConfig())]
    assert {"model.blocks.0.activation": "leaky_relu", "model.blocks.1.activation": "leaky_relu"} in found
