"""Layers are judged one at a time, so that a list of hundreds costs little: and no hint is missed by it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.config.strategies import configs
from tests.guide.test_taking_hints import FACTS
from training.config.model import Block, Model
from training.config.patch import replaced
from training.config.schema import TrainingConfig
from training.guide import hints as advice
from training.guide.hint import Facts, Hint
from training.guide.hints import LAYER_RULES, RULES, hints
from training.guide.layers import Layer, layers, layers_anew

FILTERS = st.sampled_from([8, 16, 31, 32, 64])
DROPOUT = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.6, 0.9])
BLOCKS = st.lists(st.builds(Block, filters=FILTERS, dropout=DROPOUT), min_size=1, max_size=6)


def said(seen: list[Layer]) -> list[Hint]:
    return [hint for rule in LAYER_RULES for layer in seen for hint in rule(layer)]


def of_all(model: Model) -> list[Hint]:
    return said(layers(model))


@given(BLOCKS, st.data())
def test_no_hint_of_a_changed_block_is_missed_and_few_layers_are_looked_at(
    blocks: list[Block], data: st.DataObject
) -> None:
    before = Model(blocks=tuple(blocks))
    at = data.draw(st.integers(0, len(blocks) - 1))
    key, new = data.draw(st.tuples(st.just("filters"), FILTERS) | st.tuples(st.just("dropout"), DROPOUT))
    block = msgspec.structs.replace(blocks[at], **{key: new})
    after = Model(blocks=(*blocks[:at], block, *blocks[at + 1 :]))
    anew = layers_anew(after, before)
    assert [hint for hint in of_all(after) if hint not in of_all(before)] == [
        hint for hint in said(anew) if hint not in of_all(before)
    ]
    kept = {layer.key for layer in layers(after)} - {layer.key for layer in anew}
    assert [hint for hint in of_all(before) if hint.key.rpartition(".")[0] in kept] == [
        hint for hint in of_all(after) if hint.key.rpartition(".")[0] in kept
    ]
    if key == "dropout":
        assert [layer.key for layer in anew] == [f"model.blocks.{at}"]


@given(BLOCKS, BLOCKS)
def test_another_number_of_blocks_is_looked_at_whole(some: list[Block], others: list[Block]) -> None:
    assume(len(some) != len(others))
    after = Model(blocks=tuple(others))
    assert layers_anew(after, Model(blocks=tuple(some))) == layers(after)


@pytest.mark.parametrize("kind", ["vit", "transfer"])
def test_another_model_is_looked_at_whole(kind: str) -> None:
    after = msgspec.structs.replace(Model(), kind=kind)
    assert layers_anew(after, Model()) == layers(after)


@given(configs(), FACTS, st.integers(1, 4096), DROPOUT)
def test_rules_of_the_whole_config_do_not_look_into_layers(
    config: TrainingConfig, facts: Facts, filters: int, dropout: float
) -> None:
    changed = config
    for index in range(len(config.model.blocks)):
        changed = replaced(changed, f"model.blocks.{index}", Block(filters=filters, dropout=dropout))
    for index in range(len(config.model.dense_layers)):
        changed = replaced(changed, f"model.dense_layers.{index}.dropout", dropout)
    for rule in RULES:
        assert [*rule(config, facts)] == [*rule(changed, facts)]


def test_the_rules_of_the_whole_config_run_no_more_often_for_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = 0

    def counted(_config: TrainingConfig, _facts: Facts) -> list[Hint]:
        nonlocal runs
        runs += 1
        return []

    monkeypatch.setattr(advice, "RULES", (*RULES, counted))

    def runs_for(blocks: int) -> int:
        nonlocal runs
        runs = 0
        many = tuple(Block(filters=32 if index else 64, dropout=0.6) for index in range(blocks))
        found = hints(replaced(TrainingConfig(), "model.blocks", many))
        assert sum(bool(hint.patch) for hint in found) >= 2 * blocks - 1
        return runs

    assert runs_for(200) == runs_for(5)
