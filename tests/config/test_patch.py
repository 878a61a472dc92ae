"""Changes by dotted key: what a fix, the command line and a diff are made of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from tests.config.strategies import configs
from training.config.model import Block, DenseLayer
from training.config.patch import Change, apply, diff, parse_overrides, replaced
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.errors import InvalidInput


def test_a_patch_sets_flat_nested_and_listed_keys() -> None:
    config = apply(
        TrainingConfig(),
        {"optimizer": "sgd", "optimization.grad_clip": 1, "model.dense_layers.0.dropout": 0.6, "data.path": "x"},
    )
    assert config.optimizer == "SGD with Momentum"
    assert config.optimization.grad_clip == 1.0
    assert config.model.dense_layers == (DenseLayer(units=128, dropout=0.6),)
    assert config.data.path == "x"


def test_a_patch_takes_structs_as_well_as_plain_values() -> None:
    config = apply(TrainingConfig(), {"model.blocks": (Block(filters=8),), "data.classes": ("a",)})
    assert (config.model.blocks, config.data.classes) == ((Block(filters=8),), ("a",))


def test_the_original_stays_as_it_was() -> None:
    config = TrainingConfig()
    apply(config, {"model.blocks.0.filters": 8})
    assert config == TrainingConfig()


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ({"learning_rate": 0}, "learning_rate: 0.0 is out of range"),
        ({"learning_rate": "fast"}, "not a number"),
        ({"lr": 0.1}, "Did you mean learning_rate?"),
        ({"model.blocks.2.filters": 8}, "There is no item 2; the list has 2"),
        ({"model.kind": "vit", "model.heads": 3}, "multiple of the 3 heads"),
        ({"data.source": "folder"}, "needs a path"),
        ({"model": {"kind": "vit"}}, "not known"),
    ],
)
def test_a_patch_that_makes_no_config_is_refused(patch: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        apply(TrainingConfig(), patch)
    assert words in str(caught.value)


def test_all_unknown_keys_of_a_patch_are_named() -> None:
    with pytest.raises(ConfigError) as caught:
        apply(TrainingConfig(), {"lr": 1, "optimiser": "Adam"})
    assert [problem.key for problem in caught.value.problems] == ["lr", "optimiser"]


def test_a_difference_is_named_by_its_leaf() -> None:
    old = TrainingConfig()
    new = apply(old, {"epochs": 5, "model.blocks.1.dropout": 0.3, "optimization.grad_clip": 1.0})
    assert diff(old, new) == [
        Change("epochs", 100, 5),
        Change("model.blocks.1.dropout", 0.25, 0.3),
        Change("optimization.grad_clip", None, 1.0),
    ]


def test_a_list_of_another_length_is_one_difference() -> None:
    old = TrainingConfig()
    new = apply(old, {"model.dense_layers": []})
    assert diff(old, new) == [Change("model.dense_layers", old.model.dense_layers, ())]


@settings(max_examples=60, deadline=None)
@given(configs(), configs())
def test_applying_a_difference_makes_the_other_config(old: TrainingConfig, new: TrainingConfig) -> None:
    changes = {change.key: change.new for change in diff(old, new)}
    assert apply(old, changes) == new
    stepwise = old
    for key, value in changes.items():
        stepwise = replaced(stepwise, key, value)
    assert stepwise == new


def test_overrides_follow_the_rules_of_the_file() -> None:
    assert parse_overrides(["optimizer=adamw", "learning_rate=1e-3", "data.path=a=b", "l2_decay = true"]) == {
        "optimizer": "AdamW",
        "learning_rate": 0.001,
        "data.path": "a=b",
        "l2_decay": True,
    }


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("learning_rate", "not of the form key=value. Write learning_rate=VALUE."),
        ("=1", "not a key"),
        ("", "not of the form"),
        ("lerning_rate=1", "Did you mean learning_rate?"),
        ("learning_rate=fast", 'learning_rate: "fast" is not a number'),
        ("l2_decay=off", "Write false"),
        ("\x1b[31m=1", "not a key"),
    ],
)
def test_an_override_that_does_not_fit_is_refused(argument: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_overrides([argument])
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
