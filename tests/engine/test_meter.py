"""Step metrics between the device and the log."""

from __future__ import annotations

import math

import pytest
import torch

from training.engine.evaluation import macro_f1
from training.engine.meter import Meter
from training.engine.progress import Stopwatch, TrainState


def meter_with(losses: list[float]) -> Meter:
    watch = Stopwatch()
    watch.go()
    meter = Meter(watch)
    meter.begin()
    logits = torch.tensor([[2.0, 1.0], [2.0, 1.0]])
    for step, loss in enumerate(losses):
        meter.add(step, 0.1, logits, torch.tensor([0, 1]), torch.tensor(loss), torch.tensor(float(step)))
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
    meter.add(2, 0.1, torch.tensor([[0.0, 1.0]]), torch.tensor([1]), torch.tensor(5.0), torch.tensor(9.0))
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
    assert not fetched[-1].finite
    assert meter.totals.images == 2


def test_a_halted_watch_stands_still() -> None:
    watch = Stopwatch(5.0)
    assert watch.seconds == 5.0
    watch.go()
    watch.halt()
    assert watch.seconds == watch.seconds >= 5.0


def test_macro_f1_is_the_mean_over_the_classes_that_occur() -> None:
    targets, said = torch.tensor([0, 0, 0, 1, 1, 3]), torch.tensor([0, 0, 1, 1, 2, 0])
    # class 0: 2·2/(3+3), class 1: 2·1/(2+2), class 3: 0; class 2 never occurs
    assert macro_f1(targets, said) == pytest.approx((4 / 6 + 2 / 4 + 0) / 3)


def test_a_validation_loss_that_is_not_finite_is_never_the_best() -> None:
    state = TrainState()
    assert not state.judge(math.nan)
    assert state.judge(1.0)
    assert not state.judge(math.nan)
    assert (state.best_epoch, state.bad_epochs) == (1, 1)
