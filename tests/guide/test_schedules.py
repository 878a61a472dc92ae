"""The torch-free schedules are torch's own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, get_args

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LRScheduler, StepLR

from training.config.schema import Optimization, Strategy, TrainingConfig
from training.guide import schedule_preview
from training.guide.schedule_preview import MOST_POINTS, preview
from training.guide.schedules import learning_rate_at, learning_rates, plateau_rates, scheduled


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


STRATEGIES = get_args(Strategy)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("warmup", [0, 1, 5, 2**62])
@pytest.mark.parametrize("epochs", [1, 6, 100, 137, 138, 139, 1_000_000])
def test_a_preview_has_few_points_from_the_start_to_the_end_however_long_the_run(
    strategy: Strategy, warmup: int, epochs: int
) -> None:
    for start in (1e-300, 1e-3, 1e308):
        config = TrainingConfig(
            lr_strategy=strategy,
            epochs=epochs,
            learning_rate=start,
            optimization=Optimization(warmup_epochs=warmup),
        )
        shown = preview(config)
        for points in (shown.points, shown.stalled or shown.points):
            assert len(points) <= MOST_POINTS
            assert (points[0][0], points[-1][0]) == (0, epochs)
            assert all(a[0] <= b[0] for a, b in pairwise(points))
            assert all(0 <= rate <= max(start, 1e-6) for _, rate in points)
        assert shown.warmup == min(warmup, epochs)
        assert shown.last == learning_rate_at(config, epochs)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_million_epochs_are_previewed_from_a_few_of_them(strategy: Strategy, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counting(config: TrainingConfig, epoch: int) -> float:
        asked.append(epoch)
        return scheduled(config, epoch)

    monkeypatch.setattr(schedule_preview, "scheduled", counting)
    schedule_preview.preview(TrainingConfig(lr_strategy=strategy, epochs=1_000_000))
    assert 0 < len(asked) <= MOST_POINTS


@pytest.mark.parametrize("strategy", ["Cosine Annealing", "Exponential Decay"])
def test_a_smooth_schedule_of_few_epochs_is_drawn_as_the_stairs_that_it_is(strategy: Strategy) -> None:
    config = TrainingConfig(lr_strategy=strategy, epochs=4)
    stairs = [(x, scheduled(config, epoch)) for epoch in range(1, 5) for x in (epoch - 1, epoch)]
    assert list(preview(config).points) == stairs


def test_the_warm_up_rises_within_its_epochs_from_nothing() -> None:
    shown = preview(TrainingConfig(epochs=10, optimization=Optimization(warmup_epochs=2)))
    rising = [point for point in shown.points if point[0] <= 2]
    assert len(rising) > 10
    assert [rate for _, rate in rising] == pytest.approx([1e-3 * x / 2 for x, _ in rising])
    assert {rate for x, rate in shown.points if x >= 2} == {1e-3}
    assert (shown.first, shown.highest, shown.last) == (1e-3, 1e-3, 1e-3)


def test_a_warm_up_over_a_falling_schedule_never_reaches_the_start_value() -> None:
    shown = preview(
        TrainingConfig(lr_strategy="Cosine Annealing", epochs=10, optimization=Optimization(warmup_epochs=5))
    )
    assert shown.highest == max(rate for _, rate in shown.points) < shown.first


@pytest.mark.parametrize(
    ("patience", "epochs", "stop"), [(1, 100, 2), (10, 100, 11), (98, 100, 99), (99, 100, None), (5, 1, None)]
)
def test_the_earliest_stop_is_the_patience_after_the_first_epoch(patience: int, epochs: int, stop: int | None) -> None:
    config = TrainingConfig(epochs=epochs, early_stopping=True, es_patience=patience)
    assert preview(config).earliest_stop == stop
    assert preview(TrainingConfig(epochs=epochs, es_patience=patience)).earliest_stop is None


def test_a_plateau_is_drawn_as_long_as_the_loss_improves_and_at_the_soonest() -> None:
    shown = preview(TrainingConfig(lr_strategy="ReduceLROnPlateau", epochs=20))
    assert shown.points == ((0, 1e-3), (20, 1e-3))
    assert shown.drops == (8, 14, 20)
    assert shown.stalled[:3] == ((0, 1e-3), (7, 1e-3), (7, 5e-4))
    assert shown.last_stalled == 1.25e-4


@pytest.mark.parametrize(("epochs", "warmup", "drops"), [(7, 0, ()), (8, 0, (8,)), (16, 10, ()), (17, 10, (17,))])
def test_a_run_too_short_for_a_plateau_has_no_second_curve(epochs: int, warmup: int, drops: tuple[int, ...]) -> None:
    config = TrainingConfig(
        lr_strategy="ReduceLROnPlateau", epochs=epochs, optimization=Optimization(warmup_epochs=warmup)
    )
    shown = preview(config)
    assert shown.drops == drops
    assert bool(shown.stalled) == bool(drops)


@pytest.mark.parametrize(
    ("start", "rates"),
    [(1e-3, 11), (2e-6, 2), (1.5e-6, 2), (1.005e-6, 1), (1e-6, 1), (1e-9, 1)],
)
def test_a_plateau_stops_falling_at_its_floor_or_where_the_next_fall_would_be_too_small(
    start: float, rates: int
) -> None:
    assert len(plateau_rates(start)) == rates
    assert plateau_rates(start)[-1] == (1e-6 if rates > 1 else start)
