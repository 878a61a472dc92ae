"""Divergence within an epoch, at the steps."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.curves import TEN_CLASSES
from training.diagnosis.engine import Change, Diagnosis
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


levels = st.sampled_from([0.1, 1.0, 2.3, 2.3, 7.0, 30.0, 1e6, 1.7e308, math.nan, math.inf, -math.inf])
stretches = st.lists(st.tuples(levels, st.integers(1, 60)), max_size=8)


@settings(max_examples=200, deadline=None)
@given(
    stretches, st.lists(st.integers(1, 90), min_size=1, max_size=5), st.sampled_from([{}, TEN_CLASSES]), st.booleans()
)
def test_steps_that_come_in_bulk_are_told_as_they_are_one_by_one(
    stretches: list[tuple[float, int]], bulks: list[int], facts: dict[str, object], started: bool
) -> None:
    losses = [level * (1 + 0.01 * (step % 7)) for level, count in stretches for step in range(count)]
    single, bulk = Diagnosis(None, facts), Diagnosis(None, facts)
    if started:
        for diagnosis in (single, bulk):
            diagnosis.epoch(0, {"train_loss": 2.4})
    one_by_one = [(step, single.step(step, 1 + step // 50, {"train_loss": loss})) for step, loss in enumerate(losses)]
    told: list[tuple[int, list[Change]]] = []
    begin = 0
    while begin < len(losses):
        steps = range(begin, min(begin + bulks[begin % len(bulks)], len(losses)))
        found = bulk.steps(steps, [1 + step // 50 for step in steps], [losses[step] for step in steps])
        told += [(steps[place], changes) for place, changes in found]
        begin = steps.stop
    assert told == [(step, changes) for step, changes in one_by_one if changes]
    assert repr(vars(bulk._steps)) == repr(vars(single._steps))
