"""Step metrics between the device and the log."""

from __future__ import annotations

import math

import pytest
import torch

from training.engine.meter import Meter
from training.engine.progress import Stopwatch, TrainState


def meter_with(losses: list[float]) -> Meter:
    watch = Stopwatch()
    watch.go()
    meter = Meter(watch)
    meter.begin()
    for step, loss in enumerate(losses):
        meter.add(step, 2, 0.1, torch.tensor(loss), torch.tensor(float(step)), torch.tensor(1.0))
    return meter


def test_steps_come_back_in_order_with_the_speed_on_the_last() -> None:
    fetched = meter_with([3.0, 2.0, 1.0]).fetch()
    assert [(done.step, done.metrics["train_loss"]) for done in fetched] == [(0, 3.0), (1, 2.0), (2, 1.0)]
    assert ["images_per_s" in done.metrics for done in fetched] == [False, False, True]


def test_what_was_fetched_is_not_fetched_again() -> None:
    meter = meter_with([1.0])
    meter.fetch()
    assert meter.fetch() == []


def test_an_epoch_adds_up_over_its_fetches() -> None:
    meter = meter_with([3.0, 1.0])
    meter.fetch()
    meter.add(2, 1, 0.1, torch.tensor(5.0), torch.tensor(9.0), torch.tensor(1.0))
    meter.fetch()
    metrics = meter.totals.metrics()
    assert metrics["train_loss"] == pytest.approx((3 * 2 + 1 * 2 + 5) / 5)
    assert metrics["train_acc"] == pytest.approx(3 / 5)
    assert metrics["grad_norm"] == pytest.approx(10 / 3)
    assert metrics["grad_norm_max"] == 9.0


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_nothing_after_a_step_that_is_not_finite_counts(bad: float) -> None:
    meter = meter_with([3.0, bad, 1.0])
    fetched = meter.fetch()
    assert [done.step for done in fetched] == [0, 1]
    assert fetched[-1].final
    assert meter.totals.images == 2


def test_a_halted_watch_stands_still() -> None:
    watch = Stopwatch(5.0)
    assert watch.seconds == 5.0
    watch.go()
    watch.halt()
    assert watch.seconds == watch.seconds >= 5.0


def test_a_validation_loss_that_is_not_finite_is_never_the_best() -> None:
    state = TrainState()
    assert not state.judge(math.nan)
    assert state.judge(1.0)
    assert not state.judge(math.nan)
    assert (state.best_epoch, state.bad_epochs) == (1, 1)


@pytest.mark.parametrize(
    ("monitor", "values", "kept"),
    [
        ("val_loss", [2.0, 1.0, math.nan, 1.5, 0.5], [True, True, False, False, True]),
        ("val_acc", [0.5, 0.5, 0.7, math.nan, 0.6], [True, False, True, False, False]),
        ("macro_f1", [0.0, 0.1, 0.1], [True, True, False]),
    ],
)
def test_the_best_checkpoint_is_that_of_the_monitored_metric(
    monitor: str, values: list[float], kept: list[bool]
) -> None:
    state = TrainState()
    assert [state.keep({monitor: value}, monitor) for value in values] == kept


def test_a_step_that_overflowed_under_fp16_is_counted_but_left_out_of_the_means() -> None:
    meter = meter_with([])
    meter.latch = torch.zeros(())
    for step, (loss, norm) in enumerate([(3.0, 1.0), (2.0, math.inf), (1.0, 2.0)]):
        meter.add(step, 2, 0.1, torch.tensor(loss), torch.tensor(norm), torch.tensor(1.0))
    assert [done.final for done in meter.fetch()] == [False, False, False]
    metrics = meter.totals.metrics()
    assert (metrics["train_loss"], metrics["skipped_steps"], meter.totals.images) == (2.0, 1, 4)
    meter.latch.fill_(1)
    meter.add(3, 2, 0.1, torch.tensor(1.0), torch.tensor(math.nan), torch.tensor(1.0))
    assert meter.fetch()[-1].final
