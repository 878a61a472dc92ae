"""Optimizers and schedules as the guide's tables have them (guide, sections 2 and 4)."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, ReduceLROnPlateau, StepLR

from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.engine.update import Update
from training.optimizers import create_optimizer, create_scheduler

ALL = ["Adam", "AdamW", "SGD with Momentum", "RMSprop"]
TABLE = [
    # optimizer, l2_decay, l2_lambda, class, weight decay, fixed
    ("Adam", False, 1e-4, torch.optim.Adam, 0.0, {}),
    ("Adam", True, 1e-4, torch.optim.Adam, 1e-4, {}),
    ("AdamW", False, 1e-4, torch.optim.AdamW, 0.01, {}),
    ("AdamW", True, 0.05, torch.optim.AdamW, 0.05, {}),
    ("AdamW", True, 0.0, torch.optim.AdamW, 0.01, {}),
    ("SGD with Momentum", False, 1e-4, torch.optim.SGD, 0.0, {"momentum": 0.9, "nesterov": False}),
    ("SGD with Momentum", True, 1e-3, torch.optim.SGD, 1e-3, {"momentum": 0.9}),
    ("RMSprop", False, 1e-4, torch.optim.RMSprop, 0.0, {"momentum": 0}),
    ("RMSprop", True, 1e-3, torch.optim.RMSprop, 1e-3, {}),
]


@pytest.mark.parametrize(("optimizer", "decays", "strength", "kind", "decay", "fixed"), TABLE)
def test_an_optimizer_gets_the_arguments_of_the_guide(
    optimizer: Any, decays: bool, strength: float, kind: type, decay: float, fixed: dict[str, Any]
) -> None:
    config = TrainingConfig(optimizer=optimizer, learning_rate=0.02, l2_decay=decays, l2_lambda=strength)
    mapping = {"optimizer": optimizer, "learning_rate": 0.02, "l2_decay": decays, "l2_lambda": strength}
    model = nn.Linear(2, 2)
    for made in (
        create_optimizer(model, config),
        create_optimizer(model, mapping),
        Update(model, config, torch.device("cpu")).optimizer,
    ):
        (group,) = made.param_groups
        assert isinstance(made, kind)
        assert (group["lr"], group["weight_decay"]) == (0.02, decay)
        assert {name: group[name] for name in fixed} == fixed


def test_parameters_that_want_no_gradient_are_left_alone() -> None:
    model = nn.Linear(2, 2)
    model.bias.requires_grad = False
    assert create_optimizer(model, {}).param_groups[0]["params"] == [model.weight]


def test_an_optimizer_that_the_guide_does_not_know_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="Adagrad"):
        create_optimizer(nn.Linear(2, 2), {"optimizer": "Adagrad"})


def schedule(strategy: Any, epochs: int = 30) -> Any:
    config = TrainingConfig(lr_strategy=strategy, epochs=epochs)
    return create_scheduler(create_optimizer(nn.Linear(2, 2), config), config, steps_per_epoch=10)


def test_a_constant_learning_rate_has_no_scheduler() -> None:
    assert schedule("Constant") is None


def test_the_plateau_halves_after_five_bad_epochs_down_to_a_floor() -> None:
    made = schedule("ReduceLROnPlateau")
    assert isinstance(made, ReduceLROnPlateau)
    assert (made.mode, made.factor, made.patience, list(made.min_lrs)) == ("min", 0.5, 5, [1e-6])


def test_the_cosine_ends_at_its_floor_with_the_last_epoch() -> None:
    made = schedule("Cosine Annealing")
    assert isinstance(made, CosineAnnealingLR)
    assert (made.T_max, made.eta_min) == (30, 1e-6)


@pytest.mark.parametrize(("epochs", "step"), [(30, 10), (100, 33), (2, 1), (1, 1)])
def test_the_steps_are_a_third_of_the_run_and_never_nothing(epochs: int, step: int) -> None:
    made = schedule("Step Decay", epochs)
    assert isinstance(made, StepLR)
    assert (made.step_size, made.gamma) == (step, 0.1)


def test_the_exponential_decay_takes_five_percent_an_epoch() -> None:
    made = schedule("Exponential Decay")
    assert isinstance(made, ExponentialLR)
    assert made.gamma == 0.95
