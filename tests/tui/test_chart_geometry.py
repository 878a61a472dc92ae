"""Axes, ticks and labels: pure numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.geometry import (
    Axis,
    linear_axis,
    log_axis,
    prefers_log,
    short,
    tick_labels,
    ticks,
    value_axis,
    x_limit,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=1e-300, max_value=1e300)


@given(numbers, numbers, st.integers(2, 12))
def test_a_linear_axis_holds_the_data_between_finite_ends(a: float, b: float, parts: int) -> None:
    axis = linear_axis(min(a, b), max(a, b), parts)
    low, high = sorted(min(1e300, max(-1e300, value)) for value in (a, b))
    slack = 1e-6 * (axis.high - axis.low)
    assert axis.low < axis.high
    assert math.isfinite(axis.high - axis.low)
    assert axis.low - slack <= low <= high <= axis.high + slack


@given(positive, positive)
def test_a_log_axis_holds_the_data_between_positive_ends(a: float, b: float) -> None:
    axis = log_axis(min(a, b), max(a, b))
    assert 0 < axis.low < axis.high < math.inf
    assert axis.low <= min(a, b) * (1 + 1e-6)
    assert axis.high >= max(a, b) * (1 - 1e-6)


@given(numbers, numbers, st.booleans(), numbers)
def test_a_position_lies_between_the_ends_of_the_axis(a: float, b: float, log: bool, value: float) -> None:
    axis = value_axis(min(a, b), max(a, b), log=log)
    assert 0.0 <= axis.position(value) <= 1.0


@given(numbers, numbers, st.integers(2, 12), st.booleans())
def test_ticks_ascend_and_are_not_many_more_than_asked_for(a: float, b: float, count: int, log: bool) -> None:
    values = ticks(value_axis(min(a, b), max(a, b), log=log), count)
    assert values == sorted(set(values))
    assert len(values) <= count + 3


@given(st.floats(min_value=1e-12, max_value=1e12), st.floats(min_value=1.01, max_value=1e6), st.booleans())
def test_tick_labels_fit_the_gutter(low: float, factor: float, log: bool) -> None:
    axis = value_axis(low, low * factor, log=log)
    labels = tick_labels(ticks(axis, 5), log=log)
    assert all(len(label) <= 6 for label in labels)


@given(st.floats(min_value=0, max_value=1e9), st.integers(0, 1000))
def test_the_x_axis_shows_what_was_reached_and_no_more_than_was_planned(reached: float, planned: int) -> None:
    limit = x_limit(reached, planned)
    assert limit >= reached * (1 - 1e-9)
    if planned and reached <= planned:
        assert limit <= planned


def test_the_x_axis_grows_in_few_jumps() -> None:
    assert len({x_limit(step) for step in range(1, 100_000)}) <= 16


def test_the_x_axis_ends_at_the_planned_epochs() -> None:
    assert [x_limit(reached, 30) for reached in (0.1, 1, 4, 12, 21, 30, 31)] == [1, 1, 5, 20, 30, 30, 50]
    assert x_limit(60.00000000000001, 60) == 60


@pytest.mark.parametrize("constant", [0.0, 5e-324, 0.001, -3.0, 1e30])
def test_a_constant_gets_room_around_it(constant: float) -> None:
    axis = linear_axis(constant, constant)
    assert axis.low <= constant <= axis.high
    assert axis.low < axis.high


def test_values_of_1e30_have_an_axis_and_short_labels() -> None:
    axis = value_axis(1.0, 1e30, log=True)
    assert axis.low <= 1.0
    assert axis.high >= 1e30
    assert tick_labels(ticks(axis, 4), log=True)[-1].startswith("1e")


def test_a_spike_makes_the_axis_logarithmic_and_a_falling_loss_does_not() -> None:
    assert prefers_log([2.3, 2.1, 2.0, 5e6])
    assert not prefers_log([2.3, 1.2, 0.5, 0.2, 0.1])
    assert not prefers_log([0.0, 1.0, 500.0])


def test_a_log_axis_is_not_used_for_values_that_are_not_positive() -> None:
    assert not value_axis(0.0, 1e9, log=True).log


def test_an_axis_is_kept_while_it_holds_the_data() -> None:
    assert Axis(0, 2.5).holds(0.1, 2.4)
    assert not Axis(0, 2.5).holds(0.1, 2.6)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.001, "0.001"),
        (0.123456, "0.1235"),
        (3e-5, "3e-5"),
        (1e30, "1e30"),
        (2.345e8, "2.3e8"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


def test_shares_are_labelled_in_percent() -> None:
    assert tick_labels([0.0, 0.5, 1.0], percent=True) == ["0%", "50%", "100%"]
