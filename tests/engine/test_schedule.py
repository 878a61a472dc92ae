"""The learning rate in force: schedule, warm-up and the factor of a command."""

from __future__ import annotations

import math
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


def cosine(epochs: int) -> tuple[Schedule, torch.optim.Optimizer]:
    """With a head and a backbone at a tenth of its rate."""
    groups: list[dict[str, Any]] = [
        {"params": [nn.Parameter(torch.zeros(1))]},
        {"params": [nn.Parameter(torch.zeros(1))], "lr": 0.01},
    ]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    config = TrainingConfig(learning_rate=0.1, lr_strategy="Cosine Annealing", epochs=epochs)
    made = Schedule(optimizer, create_scheduler(optimizer, config, 4))
    optimizer.step()
    return made, optimizer


def rates_of(schedule: Schedule, optimizer: torch.optim.Optimizer, epochs: int) -> list[tuple[float, ...]]:
    rates = []
    for _ in range(epochs):
        rates.append(tuple(group["lr"] for group in optimizer.param_groups))
        schedule.step(1.0)
    return rates


def by_share(share: float) -> tuple[float, float]:
    """What a cosine makes of both groups at that share of its way."""
    part = (1 + math.cos(math.pi * share)) / 2
    return 1e-6 + (0.1 - 1e-6) * part, 1e-6 + (0.01 - 1e-6) * part


@pytest.mark.parametrize("done", [0, 1, 6, 9])
@pytest.mark.parametrize("left", [1, 3, 20])
def test_a_cosine_that_is_planned_anew_goes_from_where_it_is_to_its_floor(done: int, left: int) -> None:
    schedule, optimizer = cosine(10)
    rates_of(schedule, optimizer, done)
    schedule.replan(left)
    share = done / 10
    expected = [by_share(share + (1 - share) * k / left) for k in range(left)]
    assert rates_of(schedule, optimizer, left) == [pytest.approx(pair, rel=1e-9) for pair in expected]
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-6)


def test_a_cosine_planned_for_as_many_epochs_as_before_is_the_same() -> None:
    schedule, optimizer = cosine(10)
    rates_of(schedule, optimizer, 3)
    schedule.replan(4)
    schedule.replan(7)
    assert rates_of(schedule, optimizer, 7) == [pytest.approx(by_share((3 + k) / 10), rel=1e-9) for k in range(7)]


def test_a_cosine_at_its_end_stays_there_however_often_it_is_planned_anew() -> None:
    schedule, optimizer = cosine(3)
    rates_of(schedule, optimizer, 3)
    for _ in range(3):
        assert schedule.at_its_end
        schedule.replan(5)
        assert rates_of(schedule, optimizer, 2) == [pytest.approx((1e-6, 1e-6))] * 2


def test_a_plan_made_anew_is_part_of_the_state() -> None:
    first, first_optimizer = cosine(10)
    rates_of(first, first_optimizer, 3)
    first.replan(20)
    first.scale(0.3)
    rates_of(first, first_optimizer, 2)
    second, second_optimizer = cosine(10)
    second.load(first.state())
    assert rates_of(second, second_optimizer, 10) == rates_of(first, first_optimizer, 10)
    assert second.base == 0.1


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
