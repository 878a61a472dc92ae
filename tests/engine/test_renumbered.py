"""Weights of a parent fit a child whose layers without weights are others, as the fix for overfitting makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from training.config.patch import apply
from training.config.presets import preset
from training.diagnosis.facts import read_facts
from training.diagnosis.fixes import fixes_for
from training.diagnosis.history import History
from training.diagnosis.rules import RULES
from training.diagnosis.rules.rule import Evidence
from training.diagnosis.settings import read_settings
from training.engine.checkpoint import put_weights
from training.engine.models.build import build_model
from training.errors import TraindeckError

PLAIN = apply(preset("balanced").config, {"model.dense_layers": [{"units": 16, "dropout": 0.0}] * 2})
SHAPE = (1, 8, 8)


def test_dropout_that_was_off_shifts_no_weight() -> None:
    theirs = build_model(PLAIN, SHAPE, 10).eval()
    dropped = {"model.dense_layers.0.dropout": 0.5, "model.dense_layers.1.dropout": 0.5}
    ours = build_model(apply(PLAIN, dropped), SHAPE, 10).eval()
    assert theirs.state_dict().keys() != ours.state_dict().keys()
    put_weights(ours, theirs.state_dict(), Path("best.pt"))
    images = torch.randn(4, *SHAPE)
    assert torch.equal(ours(images), theirs(images))


def test_weights_of_another_shape_are_refused_as_before() -> None:
    wider = build_model(apply(PLAIN, {"model.dense_layers.1.units": 17}), SHAPE, 10)
    model = build_model(PLAIN, SHAPE, 10)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    with pytest.raises(TraindeckError, match="holds another model's weights"):
        put_weights(model, wider.state_dict(), Path("best.pt"))
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


KINDS: dict[str, dict[str, Any]] = {
    "custom_cnn": {"model.dense_layers": [{"units": 16, "dropout": 0.0}]},
    "vit": {"model.kind": "vit", "model.dropout": 0.0},
    "frozen": {"model.kind": "transfer", "model.backbone": "resnet18", "model.mode": "frozen"},
    "full": {"model.kind": "transfer", "model.backbone": "resnet18", "model.mode": "full"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_fix_that_starts_from_a_checkpoint_can_load_it(kind: str) -> None:
    config = apply(preset("balanced").config, KINDS[kind])
    history = History(read_settings(config), read_facts({"classes": 10, "n_train": 1000, "n_val": 200}, None))
    shape = (3, 32, 32) if kind in ("frozen", "full") else SHAPE
    parent = build_model(config, shape, 10, pretrained=False).state_dict()
    tried = 0
    for rule in RULES:
        for fix in fixes_for(rule.label, Evidence(1, "", 1.0, ()), history.settings, history):
            if fix.patch and fix.start_from != "scratch":
                child = build_model(apply(config, fix.patch), shape, 10, pretrained=False)
                put_weights(child, parent, Path("best.pt"))
                tried += 1
    assert tried > 3
