"""Divergence within an epoch, at the steps."""

from __future__ import annotations

import math

import pytest

from tests.diagnosis.curves import TEN_CLASSES
from training.diagnosis.engine import Diagnosis
from training.diagnosis.findings import Finding
from training.diagnosis.steps import BLOCK


def _feed(losses: list[float], facts: dict[str, object] | None = None) -> tuple[list[tuple[int, Finding]], Diagnosis]:
    diagnosis = Diagnosis(None, TEN_CLASSES if facts is None else facts)
    opened = []
    for step, loss in enumerate(losses):
        opened += [(step, change.finding) for change in diagnosis.step(step, 1, {"train_loss": loss})]
    return opened, diagnosis


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_is_told_at_its_step(value: float) -> None:
    opened, _ = _feed([2.3, 2.2, value, value, 2.1])
    assert [(step, finding.label, finding.severity) for step, finding in opened] == [(2, "nan", "critical")]
    assert opened[0][1].since_step == 2


def test_an_explosion_is_told_before_the_epoch_ends() -> None:
    opened, _ = _feed([2.3] + [300.0] * 200)
    assert [(step, finding.label) for step, finding in opened] == [(BLOCK - 1, "divergence")]


def test_one_spike_is_no_explosion() -> None:
    opened, _ = _feed([2.3] * 50 + [1e6] + [2.2] * 100)
    assert opened == []


def test_a_fall_from_a_high_start_is_no_explosion() -> None:
    opened, _ = _feed([60.0 * 0.97**step for step in range(300)])
    assert opened == []


def test_a_collapse_to_chance_in_a_long_epoch_is_told_with_its_best() -> None:
    opened, _ = _feed([0.2] * 100 + [2.4] * 50)
    assert [finding.label for _, finding in opened] == ["divergence"]
    assert "its best, 0.200" in opened[0][1].evidence


def test_without_a_chance_level_the_first_loss_stands_for_it() -> None:
    opened, _ = _feed([2.3] * 30 + [50.0] * 60, facts={})
    assert [finding.label for _, finding in opened] == ["divergence"]


def test_a_not_finite_loss_takes_over_from_the_divergence() -> None:
    opened, diagnosis = _feed([2.3] + [300.0] * 40 + [math.nan])
    assert [finding.label for finding in diagnosis.open] == ["nan"]
    assert [finding.label for _, finding in opened] == ["divergence", "divergence", "nan"]


def test_a_step_without_a_loss_says_nothing() -> None:
    assert Diagnosis(None, None).step(0, 1, {"lr": 0.1}) == []


def test_the_watch_keeps_no_history_of_steps() -> None:
    _, diagnosis = _feed([2.3] * 1000)
    held = [value for value in vars(diagnosis._steps).values() if not isinstance(value, int | float)]
    assert held == []


def test_an_explosion_that_is_over_by_the_end_of_the_epoch_is_resolved_with_it() -> None:
    _, diagnosis = _feed([2.3] + [300.0] * 60)
    changes = diagnosis.epoch(1, {"train_loss": 40.0, "val_loss": 0.7})
    assert [(change.change, change.finding.label) for change in changes] == [("resolved", "divergence")]
