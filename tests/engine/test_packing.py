"""Small weights as one tensor: nothing but the speed changes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from tests.engine.conftest import SMALL, MakeRun
from training.config.schema import TrainingConfig
from training.engine import packing
from training.engine.packing import Pack, packed
from training.engine.update import Update
from training.optimizers import create_optimizer
from training.runs.events import Epoch, Step

CPU = torch.device("cpu")


def net() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))


def test_the_model_does_not_notice() -> None:
    model = net()
    before = copy.deepcopy(model.state_dict())
    (pack,) = packed(list(model.parameters()), CPU)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    with torch.no_grad():
        pack.whole.fill_(2.0)
    assert all((tensor == 2).all() for tensor in model.state_dict().values())
    model.load_state_dict(before)
    assert torch.equal(pack.whole[:20].view(4, 5), before["0.weight"])


def test_gradients_are_collected_in_their_order_and_a_missing_one_is_zero() -> None:
    model = net()
    parameters = list(model.parameters())
    pack = Pack.of(parameters)
    model(torch.ones(2, 5)).sum().backward()
    parameters[1].grad = None
    pack.collect()
    assert pack.whole.grad is not None
    expected = [torch.zeros(4) if p.grad is None else p.grad.flatten() for p in parameters]
    assert torch.equal(pack.whole.grad, torch.cat(expected))
    for parameter, flat in zip(parameters, expected, strict=True):
        found = pack.gradient_of(parameter)
        assert found is not None
        assert torch.equal(found, flat)
    pack.drop_gradients()
    assert all(parameter.grad is None for parameter in (*parameters, pack.whole))


@pytest.mark.parametrize("optimizer", ["Adam", "AdamW", "SGD with Momentum", "RMSprop"])
def test_the_state_that_is_saved_is_that_of_weights_stepped_on_one_by_one(
    monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    config = TrainingConfig(optimizer=optimizer)  # type: ignore[arg-type]

    def state() -> dict[str, Any]:
        model = net()
        update = Update(model, config, CPU)
        for _ in range(3):
            update.begin()
            loss = model(torch.ones(2, 5)).pow(2).sum()
            update.backward(loss)
            update.step(loss.detach())
        # torch's own optimizer takes it as it is.
        create_optimizer(model, config).load_state_dict(update.state())
        return update.state()

    one = state()
    monkeypatch.setattr(packing, "MEAN_VALUES", 0)
    other = state()
    assert one["param_groups"] == other["param_groups"]
    assert one["state"].keys() == other["state"].keys() == {0, 1, 2, 3}
    for place, entry in one["state"].items():
        assert entry.keys() == other["state"][place].keys()
        for name, value in entry.items():
            torch.testing.assert_close(value, other["state"][place][name])


def test_large_weights_and_those_of_a_gpu_stay_as_they_are() -> None:
    large = [nn.Parameter(torch.zeros(packing.MEAN_VALUES)), nn.Parameter(torch.zeros(packing.MEAN_VALUES))]
    assert [pack.whole for pack in packed(large, CPU)] == large
    small = list(net().parameters())
    assert len(packed(small, torch.device("cuda"))) == len(small)
    mixed = [nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2, dtype=torch.float64))]
    assert len(packed(mixed, CPU)) == 2


@pytest.mark.parametrize("optimizer", ["AdamW", "SGD with Momentum", "RMSprop"])
def test_a_run_learns_the_same_with_weights_packed_or_not(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    text = SMALL + f"optimizer: {optimizer}\noptimization: {{grad_clip: 1.0}}\n"
    one, other = make_run(text, "packed"), make_run(text, "one by one")
    assert one.train() == 0
    monkeypatch.setattr(packing, "MEAN_VALUES", 0)
    assert other.train() == 0
    for kind, name in ((Step, "train_loss"), (Step, "grad_norm"), (Epoch, "val_loss"), (Epoch, "grad_norm_first")):
        assert one.metric(kind, name) == pytest.approx(other.metric(kind, name), rel=1e-4), name
