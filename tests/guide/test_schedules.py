"""The torch-free schedules are torch's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LRScheduler, StepLR

from training.config.schema import Strategy, TrainingConfig
from training.guide.schedules import learning_rate_at, learning_rates


def torch_rates(strategy: Strategy, start: float, epochs: int) -> list[float]:
    """The LR of each epoch by torch's scheduler, set up as the guide says."""
    torch.set_num_threads(1)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=start)
    settings: dict[Strategy, tuple[type[LRScheduler], dict[str, Any]]] = {
        "Cosine Annealing": (CosineAnnealingLR, {"T_max": epochs, "eta_min": 1e-6}),
        "Step Decay": (StepLR, {"step_size": max(1, epochs // 3), "gamma": 0.1}),
        "Exponential Decay": (ExponentialLR, {"gamma": 0.95}),
    }
    kind, arguments = settings[strategy]
    scheduler = kind(optimizer, **arguments)
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("strategy", ["Cosine Annealing", "Step Decay", "Exponential Decay"])
@pytest.mark.parametrize("start", [1e-4, 1e-3, 0.1])
@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 5, 7, 30, 100])
def test_every_epoch_runs_at_torchs_learning_rate(strategy: Strategy, start: float, epochs: int) -> None:
    config = TrainingConfig(lr_strategy=strategy, learning_rate=start, epochs=epochs)
    assert learning_rates(config) == pytest.approx(torch_rates(strategy, start, epochs), rel=1e-9)


@pytest.mark.parametrize("strategy", ["Constant", "ReduceLROnPlateau"])
def test_without_a_plan_the_start_value_holds(strategy: Strategy) -> None:
    assert learning_rates(TrainingConfig(lr_strategy=strategy, epochs=3)) == [1e-3] * 3


def test_one_epoch_is_asked_for_without_the_others() -> None:
    assert learning_rate_at(TrainingConfig(lr_strategy="Step Decay", epochs=1_000_000), 400_000) == pytest.approx(1e-4)
