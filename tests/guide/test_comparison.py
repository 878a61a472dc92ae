"""Two configs are compared by what their keys mean: what counts, blocks as items, and what taking a value over does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.strategies import configs
from training.config.fields import FIELDS, applies, value
from training.config.model import Block, DenseLayer, Model
from training.config.patch import replaced
from training.config.presets import PRESETS, preset
from training.config.schema import TrainingConfig
from training.guide.comparison import Difference, compare, without_effect


def config(**values: Any) -> TrainingConfig:
    made = TrainingConfig()
    for key, new in values.items():
        made = replaced(made, key.replace("__", "."), new)
    return made


def told(old: TrainingConfig, new: TrainingConfig) -> list[tuple[str, str, str, str]]:
    return [(one.sign, one.label, one.values, one.meaning) for one in compare(old, new)]


def taken(new: TrainingConfig, one: Difference) -> TrainingConfig:
    for key, held in one.patch.items():
        new = replaced(new, key, held)
    return new


def test_equal_configs_do_not_differ() -> None:
    assert compare(TrainingConfig(), TrainingConfig()) == []


def test_keys_come_in_the_order_of_a_file_with_what_they_mean() -> None:
    old = config(epochs=100, batch_size=32, learning_rate=1e-3)
    new = config(epochs=50, batch_size=128, learning_rate=1e-4)
    assert told(old, new) == [
        ("~", "Learning rate", "0.001 → 0.0001", "10× lower"),
        ("~", "Epochs", "100 → 50", "2× shorter"),
        ("~", "Batch size", "32 → 128", "4× larger, 4× fewer steps an epoch"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ({"optimizer": "AdamW"}, {"optimizer": "AdamW", "l2_decay": True}, "l2_lambda",
         "effective decay 0.01 → 0.0001: 100× weaker"),
        ({}, {"optimizer": "AdamW"}, "optimizer", "effective decay 0.0 → 0.01"),
        ({"optimizer": "AdamW"}, {"optimizer": "AdamW", "l2_decay": True, "l2_lambda": 0.01}, "l2_lambda",
         "effective decay stays 0.01"),
        ({"l2_decay": True}, {"l2_decay": True, "l2_lambda": 1e-3}, "l2_lambda", "10× stronger"),
        ({}, {"optimizer": "SGD with Momentum"}, "optimizer", "usual LR 0.001 → 0.01"),
        ({}, {"lr_strategy": "Step Decay"}, "lr_strategy", "ends at LR 0.001 → 1e-06"),
        ({"lr_strategy": "Step Decay"}, {"lr_strategy": "ReduceLROnPlateau"}, "lr_strategy",
         "LR follows the validation loss"),
        ({"lr_strategy": "ReduceLROnPlateau"}, {}, "lr_strategy", "ends at LR 0.001"),
        ({}, {"early_stopping": True}, "early_stopping", "may end before epoch 100"),
        ({"early_stopping": True}, {}, "early_stopping", "always trains 100 epochs"),
        ({"early_stopping": True}, {"early_stopping": True, "es_patience": 11}, "es_patience", "waits 1 epoch longer"),
        ({"early_stopping": True}, {"early_stopping": True, "es_patience": 5}, "es_patience", "waits 5 epochs less"),
        ({}, {"optimization__accumulate": 4}, "optimization.accumulate", "a step sees 32 → 128 images"),
        ({"batch_size": "auto"}, {}, "batch_size", ""),
        ({"batch_size": "auto"}, {"optimization__accumulate": 4}, "optimization.accumulate", ""),
        ({}, {"optimization__grad_clip": 1.0}, "optimization.grad_clip", ""),
        ({"data__image_size": 64}, {"data__image_size": 32}, "data.image_size", "4× fewer pixels"),
        ({}, {"runtime__seed": 3}, "runtime.seed", "another split, other weights to start from"),
    ],
)  # fmt: skip
def test_a_change_is_told_by_what_it_means(old: dict[str, Any], new: dict[str, Any], key: str, words: str) -> None:
    found = {one.key: one.meaning for one in compare(config(**old), config(**new))}
    assert found[key] == words


def test_the_decay_is_told_once() -> None:
    found = compare(config(optimizer="AdamW"), config(l2_decay=True, l2_lambda=1e-3))
    assert [one.key for one in found if "decay" in one.meaning] == ["l2_lambda"]


def test_a_key_that_counts_on_one_side_is_there_only_and_one_that_counts_nowhere_is_left_out() -> None:
    old = config(l2_lambda=0.5, model__depth=3)
    new = config(l2_decay=True, l2_lambda=0.5, model__depth=4)
    assert [(one.sign, one.key) for one in compare(old, new)] == [("~", "l2_decay"), ("+", "l2_lambda")]
    assert [(one.sign, one.key) for one in compare(new, old)] == [("~", "l2_decay"), ("−", "l2_lambda")]
    assert without_effect(old, new) == ["model.depth"]
    assert compare(config(model__depth=3), config(model__depth=4)) == []


def test_another_kind_of_model_brings_its_own_keys_and_leaves_the_others() -> None:
    found = {one.key: one.sign for one in compare(config(), config(model__kind="vit")) if one.section == "model"}
    assert found == {
        "model.kind": "~", "model.blocks": "−", "model.dense_layers": "−",
        "model.patch_size": "+", "model.depth": "+", "model.heads": "+", "model.width": "+", "model.dropout": "+",
    }  # fmt: skip


A, B, C, D = (Block(filters=filters) for filters in (16, 32, 64, 128))


def blocks(*items: Block) -> TrainingConfig:
    return TrainingConfig(model=Model(blocks=items))


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ((A, B), (A, B, C), [("+", "Block 3", "filters 64", "")]),
        ((A, B), (C, A, B), [("+", "Block 1", "filters 64", "")]),
        ((A, B, C), (A, C), [("−", "Block 2", "filters 32", "")]),
        ((A, B, C), (C, A, B), [("↕", "Block 1", "place 3 → place 1", "")]),
        ((A, B), (A, Block(filters=32, dropout=0.3)), [("~", "Block 2: dropout", "0.0 → 0.3", "")]),
        ((A, B), (A, Block(filters=64)), [("~", "Block 2: filters", "32 → 64", "2× wider")]),
        ((A, B, C), (A, D, B, C), [("+", "Block 2", "filters 128", "")]),
        ((A, B, C, D), (B, C, Block(filters=128, dropout=0.25)),
         [("−", "Block 1", "filters 16", ""), ("~", "Block 3: dropout", "0.0 → 0.25", "")]),
    ],
)  # fmt: skip
def test_blocks_are_matched_as_items(old: Any, new: Any, lines: list[Any]) -> None:
    assert told(blocks(*old), blocks(*new)) == lines


def test_taking_an_item_over_puts_it_where_it_was() -> None:
    old, new = blocks(A, B, C), blocks(A, C)
    (one,) = compare(old, new)
    assert taken(new, one) == old


def test_what_counts_only_here_goes_with_its_switch_and_what_counts_only_there_comes_with_it() -> None:
    old, new = config(l2_decay=True, l2_lambda=0.5), config(l2_lambda=0.3)
    there = next(one for one in compare(old, new) if one.sign == "−")
    assert there.patch == {"l2_decay": True, "l2_lambda": 0.5}
    here = next(one for one in compare(new, old) if one.sign == "+")
    assert here.patch == {"l2_decay": False}


def test_a_switch_brings_what_hangs_on_it() -> None:
    old = config(data__source="folder", data__path="images")
    switch = next(one for one in compare(old, config()) if one.key == "data.source")
    assert switch.patch == {"data.source": "folder", "data.path": "images"}
    old = preset("transfer-partial").config
    old = replaced(old, "model.unfrozen_stages", 3)
    switch = next(one for one in compare(old, config()) if one.key == "model.kind")
    assert switch.patch == {"model.kind": "transfer", "model.mode": "partial", "model.unfrozen_stages": 3}


def test_a_list_of_layers_of_which_none_is_left_is_taken_over_whole() -> None:
    old, new = config(), config(model__dense_layers=())
    (one,) = compare(old, new)
    assert (one.sign, one.values) == ("−", "units 128, dropout 0.5")
    assert taken(new, one).model.dense_layers == (DenseLayer(units=128, dropout=0.5),)


def _same_where_it_counts(a: TrainingConfig, b: TrainingConfig) -> bool:
    return all(value(a, entry.key) == value(b, entry.key) for entry in FIELDS if applies(entry, a) or applies(entry, b))


any_config = configs() | st.sampled_from([entry.config for entry in PRESETS])


@given(any_config, any_config)
@settings(max_examples=80, deadline=None)
def test_no_difference_means_the_same_training(a: TrainingConfig, b: TrainingConfig) -> None:
    assert (not compare(a, b)) == _same_where_it_counts(a, b)
    assert compare(a, a) == []


@given(any_config, any_config, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_taking_everything_over_in_any_order_ends_with_no_difference(
    other: TrainingConfig, here: TrainingConfig, chance: Any
) -> None:
    for _ in range(200):
        found = compare(other, here)
        if not found:
            break
        one = chance.choice([one for one in found if one.patch])
        changed = taken(here, one)
        assert changed != here
        here = changed
    assert _same_where_it_counts(other, here)
