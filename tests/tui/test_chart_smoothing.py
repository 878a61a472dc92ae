"""The moving average: its formula, its gaps, and what a new value costs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.monitoring import series
from training.curve import Series
from tui.monitor.lens import WEIGHTS
from tui.turns import Turns
from tui.widgets.chart_spec import Curve
from tui.widgets.smoothing import MOST, Smoothed
from tui.widgets.spells import PAUSE, SECONDS, Spells

numbers = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf]), max_size=200)


def by_the_formula(values: list[float], weight: float) -> list[float]:
    """Σ w^(t-i) (1 - w) y(i) / (1 - w^t) over the finite values so far, each sum on its own."""
    found: list[float] = []
    finite: list[float] = []
    for value in values:
        if not math.isfinite(value):
            found.append(math.nan)
            continue
        finite.append(value)
        t = len(finite)
        total = math.fsum(weight ** (t - 1 - i) * (1 - weight) * y for i, y in enumerate(finite))
        found.append(total / (1 - weight**t))
    return found


@given(numbers, st.sampled_from(WEIGHTS))
def test_it_is_the_debiased_moving_average(values: list[float], weight: float) -> None:
    smoothed = Smoothed(series(values), weight)
    smoothed.follow()
    assert smoothed.y.tolist() == pytest.approx(by_the_formula(values, weight), rel=1e-9, abs=1e-6, nan_ok=True)


def test_it_begins_at_the_first_value_and_stays_at_a_constant() -> None:
    smoothed = Smoothed(series([7.0] * 5000), 0.99)
    smoothed.follow(5000)
    assert smoothed.y.tolist() == pytest.approx([7.0] * 5000)


@given(st.lists(numbers, max_size=5), st.integers(0, 300), st.integers(1, 90))
def test_one_that_grew_in_parts_is_the_one_made_at_once(parts: list[list[float]], cut: int, most: int) -> None:
    points = Series()
    grown = Smoothed(points, 0.9)
    for part in parts:
        for y in part:
            points.append(len(points), y)
        grown.follow(most)
    points.truncate(cut)
    while not grown.done:
        grown.follow(most)
    fresh = Smoothed(points, 0.9)
    fresh.follow()
    assert grown.y.tolist() == pytest.approx(fresh.y.tolist(), nan_ok=True)


def test_a_new_value_takes_one_step_and_a_long_series_several_goes() -> None:
    points = series([0.5] * (2 * MOST + 5))
    smoothed = Smoothed(points, 0.9)
    lengths = []
    while not smoothed.done:
        smoothed.follow()
        lengths.append(len(smoothed.y))
    assert lengths == [MOST, 2 * MOST, 2 * MOST + 5]
    points.append(len(points), 1.0)
    taken: list[int] = []
    smoothed._take = lambda values: taken.append(len(values))  # type: ignore[method-assign]
    smoothed.follow()
    assert taken == [1]


def test_a_curve_is_smoothed_on_until_the_time_is_over() -> None:
    curve = Curve("a", series([0.5] * (3 * MOST)), 2)
    assert curve.smooth_until(math.inf), "there is nothing to smooth"
    made = curve.smoothed(0.9)
    assert not curve.smooth_until(-math.inf)
    assert len(made.points.y) == 0
    assert curve.smooth_until(math.inf)
    assert len(made.points.y) == 3 * MOST
    assert made.pyramid._length == 3 * MOST


def test_whatever_goes_on_between_keys_shares_one_spell_and_makes_way_for_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.widgets.spells.TURNS", turns := Turns())
    spells = Spells()
    assert spells.wait == 0
    spells.begin()
    assert SECONDS < spells.wait <= SECONDS + PAUSE
    spells = Spells()
    turns.take(9.0)
    assert 8.0 < spells.wait <= 9.0


def test_a_curve_keeps_what_it_was_smoothed_to_until_the_weight_is_another() -> None:
    curve = Curve("a", series([1.0, 2.0]), 2)
    first = curve.smoothed(0.9)
    assert curve.smoothed(0.9) is first
    assert curve.smoothed(0.6) is not first
    curve.plain()
    assert curve.smooth is None
