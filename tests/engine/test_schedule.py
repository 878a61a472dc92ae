"""The learning rate in force: schedule, warm-up and the factor of a command."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from tests.engine.conftest import SMALL, MakeRun
from training.config import files as config_files
from training.config.schema import Optimization, TrainingConfig
from training.engine.schedule import Schedule
from training.guide.schedules import learning_rates
from training.optimizers import create_optimizer, create_scheduler
from training.runs.events import Epoch, Step


def schedule(warmup_steps: int, **settings: object) -> Schedule:
    config = TrainingConfig(learning_rate=0.1, **settings)  # type: ignore[arg-type]
    optimizer = create_optimizer(nn.Linear(1, 1), config)
    optimizer.step()
    return Schedule(optimizer, create_scheduler(optimizer, config, 4), warmup_steps)


def test_the_rate_rises_step_by_step_to_the_scheduled_one() -> None:
    rising = schedule(4)
    rates = []
    for _ in range(6):
        rates.append(rising.lr)
        rising.count_step()
    assert rates == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1])


def test_a_command_scales_the_warm_up_too() -> None:
    rising = schedule(4)
    rising.scale(2)
    rising.count_step()
    assert rising.lr == pytest.approx(0.1)


def test_a_plateau_is_not_looked_for_while_warming_up() -> None:
    rising = schedule(4 * 8, lr_strategy="ReduceLROnPlateau")
    for _ in range(8):
        for _ in range(4):
            rising.count_step()
        rising.step(1.0)
    assert rising.lr == pytest.approx(0.1)
    for _ in range(7):
        rising.step(1.0)
    assert rising.lr == pytest.approx(0.05)


def test_a_run_logs_its_warm_up_times_its_schedule(make_run: MakeRun) -> None:
    run = make_run(SMALL.replace("epochs: 2", "epochs: 3\nlr_strategy: Exponential Decay") + WARM)
    assert run.train() == 0
    rates = run.metric(Step, "lr")
    expected = [0.001 * 0.95 ** (step // 12) * min(1, (step + 1) / 24) for step in range(36)]
    assert rates == pytest.approx(expected)
    assert run.metric(Epoch, "lr") == pytest.approx(learning_rates(config_files.load(run.folder.config)))
    assert run.checkpoint("last")["schedule"]["step"] == 36


WARM = "optimization: {warmup_epochs: 2}\n"


def test_a_lower_backbone_rate_keeps_its_share_all_along() -> None:
    first, second = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
    groups: list[dict[str, Any]] = [{"params": [first]}, {"params": [second], "lr": 0.01}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    config = TrainingConfig(lr_strategy="Cosine Annealing", epochs=10, optimization=Optimization(warmup_epochs=1))
    rising = Schedule(optimizer, create_scheduler(optimizer, config, 2), 2)
    for _ in range(3):
        head, backbone = (group["lr"] for group in optimizer.param_groups)
        assert backbone == pytest.approx(head / 10, rel=1e-4)
        rising.count_step()
        optimizer.step()
        rising.step(1.0)
