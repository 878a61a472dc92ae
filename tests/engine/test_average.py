"""The moving average of the weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.engine.conftest import SMALL, MakeRun
from training.config import files as config_files
from training.engine import checkpoint
from training.engine.average import WeightAverage
from training.engine.models.cnn import build_cnn
from training.runs.events import Epoch


def test_the_average_follows_its_formula() -> None:
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, 0.0)
    average = WeightAverage(net, 0.5)
    expected = 0.0
    for step in range(1, 8):
        nn.init.constant_(net.weight, float(step))
        average.update(step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
    assert average.state()["weight"].item() == pytest.approx(expected)
    assert net.weight.item() == 7.0


def test_the_model_has_the_average_only_while_the_block_lasts() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = WeightAverage(net, 0.9)
    before = {name: tensor.clone() for name, tensor in average.state().items()}
    net(torch.randn(8, 2))
    for parameter in net.parameters():
        nn.init.constant_(parameter, 3.0)
    trained = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    with average.in_place():
        inside = net.state_dict()
        assert all(torch.equal(inside[name], tensor) for name, tensor in before.items())
    assert all(torch.equal(net.state_dict()[name], tensor) for name, tensor in trained.items())


def test_what_is_saved_while_the_average_is_in_place_are_the_trained_weights() -> None:
    net = nn.Linear(2, 2)
    average = WeightAverage(net, 0.9)
    nn.init.constant_(net.weight, 3.0)
    assert average.trained() == {}
    with average.in_place():
        assert (average.trained()["weight"] == 3).all()
        assert not (net.weight == 3).any()
    assert average.trained() == {}


def test_a_buffer_that_a_model_does_not_save_is_not_averaged() -> None:
    net = nn.Linear(2, 2)
    net.register_buffer("table", torch.ones(3), persistent=False)
    assert WeightAverage(net, 0.9).state().keys() == {"weight", "bias"}


def test_frozen_weights_need_no_average() -> None:
    net = nn.Linear(2, 2)
    net.weight.requires_grad_(False)
    assert WeightAverage(net, 0.9).state().keys() == {"bias"}


def test_a_run_validates_and_keeps_the_average(make_run: MakeRun) -> None:
    plain, averaged = make_run(SMALL, "plain"), make_run(SMALL + "optimization: {ema: 0.9}\n", "averaged")
    assert plain.train() == averaged.train() == 0
    assert plain.metric(Epoch, "train_loss") == averaged.metric(Epoch, "train_loss")
    assert plain.metric(Epoch, "val_loss") != averaged.metric(Epoch, "val_loss")
    kept = averaged.checkpoint("last")
    same = plain.checkpoint("last")["model"]
    assert all(torch.equal(kept["model"][name], same[name]) for name in same)
    net = build_cnn(config_files.load(averaged.folder.config).model, (1, 8, 8), 10)
    checkpoint.load_weights(net, averaged.folder.checkpoints / "last.pt")
    loaded = net.state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in kept["average"].items())
    assert any(not torch.equal(loaded[name], kept["model"][name]) for name in kept["average"])
