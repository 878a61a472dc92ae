"""The gate: what is not finite reaches neither the weights nor the optimizer's state."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from training.config.schema import Optimization, TrainingConfig
from training.engine import packing
from training.engine.update import Update
from training.optimizers import create_optimizer

ALL = ["Adam", "AdamW", "SGD with Momentum", "RMSprop"]
CPU = torch.device("cpu")
IMAGES = torch.linspace(-1, 1, 60).view(10, 6)


@pytest.fixture(autouse=True, params=["packed", "one by one"])
def packing_of_weights(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the few weights of these tests are stepped on as one."""
    monkeypatch.setattr(packing, "MEAN_VALUES", packing.MEAN_VALUES if request.param == "packed" else 0)


def model() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))


def config(optimizer: Any, clip: float | None = None) -> TrainingConfig:
    optimization = Optimization(grad_clip=clip)
    return TrainingConfig(
        optimizer=optimizer, learning_rate=0.05, l2_decay=True, l2_lambda=0.01, optimization=optimization
    )


def loss_of(net: nn.Module, factor: float = 1.0) -> Tensor:
    loss: Tensor = (net(IMAGES) ** 2).mean() * factor
    return loss


def take(update: Update, loss: Tensor) -> Tensor:
    """A step on one batch."""
    update.begin()
    update.backward(loss)
    return update.step(loss.detach())


def state_of(net: nn.Module, update: Update) -> list[Tensor]:
    """Every tensor that a step may write, copied."""
    kept = [parameter.detach() for parameter in net.parameters()]
    for state in update.optimizer.state.values():
        kept += [value for _, value in sorted(state.items()) if isinstance(value, Tensor)]
    return copy.deepcopy(kept)


def equal(one: list[Tensor], other: list[Tensor]) -> bool:
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("optimizer", ALL)
@pytest.mark.parametrize("clip", [None, 0.5])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_step_that_is_not_finite_changes_nothing_and_neither_do_those_after_it(
    optimizer: str, clip: float | None, bad: float
) -> None:
    net = model()
    update = Update(net, config(optimizer, clip), CPU)
    for _ in range(3):
        take(update, loss_of(net))
    before = state_of(net, update)
    take(update, loss_of(net, bad))
    assert update.given_up.item() == 1
    take(update, loss_of(net))
    after = state_of(net, update)
    assert equal(before, after)


@pytest.mark.parametrize("optimizer", ALL)
def test_a_first_step_that_is_not_finite_leaves_weights_and_state_as_they_began(optimizer: str) -> None:
    net = model()
    weights = copy.deepcopy(list(net.parameters()))
    update = Update(net, config(optimizer), CPU)
    take(update, loss_of(net, math.nan))
    assert all(torch.equal(a, b) for a, b in zip(weights, net.parameters(), strict=True))
    assert all((tensor == 0).all() for tensor in state_of(net, update)[len(weights) :])


def test_a_finite_loss_with_a_gradient_that_is_not_is_refused_too() -> None:
    net = model()
    update = Update(net, config("Adam"), CPU)
    before = copy.deepcopy(list(net.parameters()))
    weight = next(net.parameters())
    # sqrt has an infinite slope at 0: the loss stays finite, its gradient does not.
    norm = take(update, loss_of(net) + (weight - weight.detach()).pow(2).sum().sqrt())
    assert not math.isfinite(norm.item())
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))


@pytest.mark.parametrize("optimizer", ALL)
def test_finite_steps_are_those_of_the_plain_optimizer(optimizer: str) -> None:
    ours, theirs = model(), model()
    update = Update(ours, config(optimizer), CPU)
    plain = create_optimizer(theirs, config(optimizer))
    for _ in range(5):
        take(update, loss_of(ours))
        plain.zero_grad()
        loss_of(theirs).backward()  # type: ignore[no-untyped-call]
        plain.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_the_norm_is_that_before_clipping_and_the_step_that_after() -> None:
    net = model()
    update = Update(net, config("SGD with Momentum", 0.1), CPU)
    norm = take(update, loss_of(net, 1e3))
    stepped_on = [p.grad for group in update.optimizer.param_groups for p in group["params"]]
    clipped = torch.stack([gradient.norm() for gradient in stepped_on]).norm()
    assert norm.item() > 1
    assert clipped.item() == pytest.approx(0.1, rel=1e-3)


class _Reads(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the times that the host waits for a number."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("optimizer", ALL)
def test_a_step_never_makes_the_host_wait_for_a_number(optimizer: str) -> None:
    net = model()
    update = Update(net, config(optimizer, 1.0), CPU)
    take(update, loss_of(net))
    with _Reads() as reads:  # type: ignore[no-untyped-call]
        take(update, loss_of(net))
    assert reads.count == 0
