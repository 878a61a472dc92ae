"""Steps by torch's function are those of torch's optimizer, to the last bit."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from training.engine.fused import FusedStep

KINDS: list[tuple[Any, dict[str, Any]]] = [
    (torch.optim.Adam, {"weight_decay": 0.01}),
    (torch.optim.AdamW, {"weight_decay": 0.01}),
    (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.01}),
]


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.first, self.last = nn.Linear(4, 3), nn.Linear(3, 2)

    def forward(self, values: Tensor) -> Tensor:
        found: Tensor = self.last(self.first(values).tanh())
        return found


def made(kind: Any, settings: dict[str, Any], model: Net) -> torch.optim.Optimizer:
    groups = [{"params": model.first.parameters()}, {"params": model.last.parameters(), "lr": 0.02}]
    optimizer: torch.optim.Optimizer = kind(groups, lr=0.1, fused=True, **settings)
    return optimizer


def backward(model: nn.Module, step: int) -> None:
    model.zero_grad()
    model(torch.linspace(-1, step, 20).view(5, 4)).pow(2).mean().backward()


@pytest.mark.parametrize(("kind", "settings"), KINDS, ids=lambda value: getattr(value, "__name__", ""))
def test_steps_rates_and_refusals_are_those_of_the_optimizer(kind: Any, settings: dict[str, Any]) -> None:
    ours, theirs = Net(), Net()
    optimizer, plain = made(kind, settings, ours), made(kind, settings, theirs)
    refused = torch.zeros(())
    plain.found_inf = refused  # type: ignore[attr-defined]
    step = FusedStep(optimizer, refused)
    for number in range(12):
        refused.fill_(number in (4, 5))
        for one in (optimizer, plain):
            one.param_groups[0]["lr"] = 0.1 / (1 + number)
        backward(ours, number)
        backward(theirs, number)
        if number == 8:  # a checkpoint is loaded: the states are other tensors now
            optimizer.load_state_dict(copy.deepcopy(plain.state_dict()))
            optimizer.param_groups[0]["lr"] = plain.param_groups[0]["lr"]
        step()
        plain.step()
    pairs = zip(ours.parameters(), theirs.parameters(), strict=True)
    assert all(torch.equal(stepped, expected) for stepped, expected in pairs)


def test_a_weight_without_a_gradient_is_left_alone() -> None:
    model = Net()
    optimizer = made(torch.optim.Adam, {}, model)
    step = FusedStep(optimizer, torch.zeros(()))
    for number in range(3):
        backward(model, number)
        step()
    before = model.first.weight.detach().clone()
    backward(model, 3)
    model.first.weight.grad = None
    step()
    assert torch.equal(before, model.first.weight)
    assert not torch.equal(model.last.weight, Net().last.weight)
