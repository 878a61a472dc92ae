"""Patches told to a person, and spelled as YAML."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from training.config.fields import value
from training.config.files import read_text
from training.config.model import Block, DenseLayer, Model
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.story.changes import ChangeLine, patch_lines, patch_yaml

CONFIG = TrainingConfig(learning_rate=1.0)
BLOCKS = [msgspec.to_builtins(block) for block in (*CONFIG.model.blocks, Block(filters=128, pooling="none"))]
VIT = TrainingConfig(model=Model(kind="vit"))
TRANSFER = TrainingConfig(model=Model(kind="transfer", mode="partial"))


def texts(patch: dict[str, Any], config: Any = CONFIG) -> list[str]:
    return [line.text for line in patch_lines(patch, config)]


def test_a_value_is_told_with_what_it_was() -> None:
    assert texts({"learning_rate": 0.001}) == ["learning_rate: 1.0 → 0.001"]
    assert texts({"model.dense_layers.0.dropout": 0.7}) == ["model.dense_layers.0.dropout: 0.5 → 0.7"]


def test_a_longer_list_of_blocks_is_told_by_the_block_that_is_added() -> None:
    assert texts({"model.blocks": BLOCKS}) == ["model.blocks.2: added: filters 128, pooling none"]


def test_a_shorter_list_is_told_by_what_goes_and_what_differs() -> None:
    blocks = [msgspec.to_builtins(Block(filters=16))]
    assert texts({"model.blocks": blocks}) == [
        "model.blocks.0: filters 32, dropout 0.25 → filters 16",
        "model.blocks.1: removed: filters 64, dropout 0.25",
    ]


def test_what_changes_nothing_is_not_told() -> None:
    assert texts({"learning_rate": 1.0, "batch_size": 64}) == ["batch_size: 32 → 64"]


def test_without_a_config_only_the_new_values_are_known() -> None:
    assert patch_lines({"learning_rate": 0.001}, None) == [ChangeLine("learning_rate", None, "0.001")]
    assert texts({"model.blocks": BLOCKS[2:]}, None)[0].startswith("model.blocks.0: filters 128, kernel_size 3,")


def test_of_a_foreign_config_the_known_keys_are_told_with_their_old_values() -> None:
    assert texts({"learning_rate": 0.001, "epochs": 9}, {"learning_rate": 0.1}) == [
        "learning_rate: 0.1 → 0.001",
        "epochs: 9",
    ]


def test_a_patch_that_does_not_fit_the_config_is_told_as_it_is() -> None:
    assert texts({"model.blocks.7.filters": 8}) == ["model.blocks.7.filters: 8"]


@pytest.mark.parametrize(
    ("config", "patch"),
    [
        (CONFIG, {"learning_rate": 0.001, "optimization.grad_clip": 1.0}),
        (CONFIG, {"model.blocks": BLOCKS}),
        (CONFIG, {"model.blocks.0.filters": 64, "model.dense_layers.0.units": 256}),
        (CONFIG, {"data.augmentation": "light", "l2_decay": True, "l2_lambda": 0.0001}),
        (VIT, {"model.dropout": 0.2, "model.depth": 8}),
        (TRANSFER, {"model.mode": "full", "model.backbone_lr": 0.1}),
        (
            TrainingConfig(model=Model(dense_layers=())),
            {"model.dense_layers": [msgspec.to_builtins(DenseLayer(units=64))]},
        ),
    ],
)
def test_the_yaml_of_a_patch_put_into_the_config_makes_the_patched_config(
    config: TrainingConfig, patch: dict[str, Any]
) -> None:
    wanted = apply(config, patch)
    fragment, problems = read_text("\n".join(patch_yaml(patch, config)))
    assert not problems
    assert fragment is not None
    keys = {".".join(key.split(".")[:2]) for key in patch}
    assert {key: value(fragment, key) for key in keys} == {key: value(wanted, key) for key in keys}


def test_without_a_whole_config_a_key_inside_a_list_is_said_in_a_comment() -> None:
    assert patch_yaml({"learning_rate": 0.01, "model.blocks.0.filters": 64}, {"learning_rate": 1.0}) == [
        "learning_rate: 0.01",
        "model:",
        "  # model.blocks.0.filters=64",
    ]
