"""What the preview shows before a run is what the engine then does: every step's LR, over a grid of schedules."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import get_args

import pytest
from torch import nn

from tests.engine.conftest import SMALL, MakeRun
from training.config import files as config_files
from training.config.schema import Optimization, Strategy, TrainingConfig
from training.engine.schedule import Schedule
from training.guide.schedule_preview import Point, preview
from training.guide.schedules import learning_rate_at, learning_rate_of_step, stalled
from training.optimizers import create_optimizer, create_scheduler
from training.runs.events import Epoch, Step

STEPS = 3
EPOCHS = (1, 2, 3, 4, 5, 7, 8, 13, 30, 100, 500)
STARTS = (1e-7, 1.5e-6, 1e-4, 1e-3, 0.1, 10.0)
WARMUPS = (0, 1, 3, 10, 200)


@dataclass(frozen=True)
class Trained:
    """The rates that the engine trains at."""

    steps: list[float]
    """Of every step of the run."""

    def epoch(self, epoch: int) -> float:
        """Of the last step of that epoch (from 1)."""
        return self.steps[epoch * STEPS - 1]


def config_of(strategy: Strategy, epochs: int, start: float, warmup: int) -> TrainingConfig:
    return TrainingConfig(
        lr_strategy=strategy,
        epochs=epochs,
        learning_rate=start,
        optimization=Optimization(warmup_epochs=warmup),
    )


def trained(config: TrainingConfig, *, improving: bool) -> Trained:
    """The engine's own schedule, stepped as the loop steps it."""
    optimizer = create_optimizer(nn.Linear(1, 1), config)
    warm = config.optimization.warmup_epochs * STEPS
    schedule = Schedule(optimizer, create_scheduler(optimizer, config, STEPS), warm)
    rates = []
    for epoch in range(config.epochs):
        for _ in range(STEPS):
            rates.append(schedule.lr)
            optimizer.step()
            schedule.count_step()
        schedule.step(1 / (epoch + 1) if improving else 1.0)
    return Trained(rates)


def assert_along(points: tuple[Point, ...], ran: Trained, warmup: int) -> None:
    """Every point of the curve at the end of a step is that step's LR, or the LR that the next step has before warm-up.

    Where the warm-up is over, a point at the start of an epoch is its first step's.
    """
    for x, rate in points:
        done = round(x * STEPS)
        if abs(x * STEPS - done) > 1e-9:
            continue
        at = []
        if done:
            at.append(ran.steps[done - 1])
        if done < len(ran.steps):
            # The next epoch's LR at this place of the warm-up.
            warm = min(1.0, x / warmup) if warmup else 1.0
            next_warm = min(1.0, (done + 1) / (warmup * STEPS)) if warmup else 1.0
            at.append(ran.steps[done] / next_warm * warm)
        assert any(rate == pytest.approx(value, rel=1e-9, abs=0) for value in at), (x, rate, at)


@pytest.mark.parametrize("warmup", WARMUPS)
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("strategy", get_args(Strategy))
def test_every_step_and_every_epoch_runs_at_the_rate_that_was_shown(
    strategy: Strategy, start: float, warmup: int
) -> None:
    for epochs in EPOCHS:
        config = config_of(strategy, epochs, start, warmup)
        ran = trained(config, improving=True)
        steps = [learning_rate_of_step(config, step, STEPS) for step in range(epochs * STEPS)]
        assert steps == pytest.approx(ran.steps, rel=1e-9, abs=0)
        of_epochs = [learning_rate_at(config, epoch) for epoch in range(1, epochs + 1)]
        assert of_epochs == pytest.approx([ran.epoch(epoch) for epoch in range(1, epochs + 1)], rel=1e-9, abs=0)
        shown = preview(config)
        assert_along(shown.points, ran, warmup)
        assert shown.last == pytest.approx(ran.steps[-1], rel=1e-9, abs=0)


@pytest.mark.parametrize("warmup", WARMUPS)
@pytest.mark.parametrize("start", STARTS)
def test_a_loss_that_never_improves_gets_the_soonest_fall_that_was_shown(start: float, warmup: int) -> None:
    for epochs in EPOCHS:
        config = config_of("ReduceLROnPlateau", epochs, start, warmup)
        ran = trained(config, improving=False)
        warm = [min(1.0, epoch / warmup) if warmup else 1.0 for epoch in range(1, epochs + 1)]
        of_epochs = [stalled(config, epoch) * share for epoch, share in enumerate(warm, 1)]
        assert of_epochs == pytest.approx([ran.epoch(epoch) for epoch in range(1, epochs + 1)], rel=1e-9, abs=0)
        shown = preview(config)
        lower = [epoch for epoch in range(2, epochs + 1) if epoch > warmup and ran.epoch(epoch) < ran.epoch(epoch - 1)]
        assert list(shown.drops) == lower
        assert bool(shown.stalled) == bool(lower)
        if lower:
            assert_along(shown.stalled, ran, warmup)
            assert shown.last_stalled == pytest.approx(ran.steps[-1], rel=1e-9, abs=0)


@pytest.mark.parametrize("epochs", EPOCHS)
def test_step_decay_drops_in_the_epochs_that_were_shown(epochs: int) -> None:
    config = config_of("Step Decay", epochs, 0.1, 0)
    ran = trained(config, improving=True)
    lower = [epoch for epoch in range(2, epochs + 1) if ran.epoch(epoch) < ran.epoch(epoch - 1)]
    assert list(preview(config).drops) == lower


def test_a_run_whose_first_epoch_is_its_best_stops_and_warms_up_as_was_shown(make_run: MakeRun) -> None:
    """At an LR of next to nothing only the batch norm's statistics move, away from what the weights started with."""
    text = SMALL.replace("epochs: 2", "epochs: 9\nlearning_rate: 1e-12\nearly_stopping: true\nes_patience: 2")
    run = make_run(text + "optimization: {warmup_epochs: 1}\ndata: {subset: 20}\n")
    assert run.train() == 0
    shown = preview(config_files.load(run.folder.config))
    losses = run.metric(Epoch, "val_loss")
    assert min(losses) == losses[0]
    assert len(losses) == shown.earliest_stop == 3
    rates = run.metric(Step, "lr")
    per_epoch = len(rates) // len(losses)
    xs = [point[0] for point in shown.points]
    for step, rate in enumerate(rates[:per_epoch], 1):
        x = step / per_epoch
        at = bisect_left(xs, x - 1e-12)
        (x0, y0), (x1, y1) = shown.points[at - 1], shown.points[at]
        assert rate == pytest.approx(y0 + (y1 - y0) * (x - x0) / (x1 - x0), rel=1e-9, abs=0)
