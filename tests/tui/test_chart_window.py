"""Zooming, panning, following a live run, and where the crosshair goes: numbers only."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.curve import Series
from tui.monitor.crosshair import moved, nearest, newest
from tui.monitor.window import Window, following, holding, inside, panned, zoomed
from tui.widgets.chart_spec import Curve

WHOLE = 100.0
ends = st.tuples(st.floats(0, 99), st.floats(0.01, 99)).map(lambda each: inside((each[0], each[0] + each[1]), WHOLE))
windows = st.none() | ends


@given(windows, st.floats(0.01, 50), st.floats(-10, 110))
def test_a_zoomed_window_lies_on_the_axis_with_the_place_in_sight(
    window: Window | None, factor: float, around: float
) -> None:
    low, high = window or (0.0, WHOLE)
    new = zoomed(window, WHOLE, factor, around)
    if new is None:
        assert (high - low) / factor >= WHOLE * (1 - 1e-6)
        return
    assert -1e-9 <= new[0] < new[1] <= WHOLE + 1e-9
    assert new[1] - new[0] == pytest.approx((high - low) / factor)
    if factor > 1:
        assert new[0] - 1e-9 <= min(high, max(low, around)) <= new[1] + 1e-9


def test_what_lies_under_the_pointer_stays_there() -> None:
    low, high = zoomed((20.0, 60.0), WHOLE, 2.0, 30.0) or (0.0, 0.0)
    assert (30.0 - low) / (high - low) == pytest.approx((30.0 - 20.0) / 40.0)


def test_zooming_out_again_ends_at_the_whole() -> None:
    assert zoomed((25.0, 75.0), WHOLE, 0.5, 50.0) is None
    assert zoomed(None, WHOLE, 0.5, 50.0) is None


@given(windows, st.floats(-300, 300))
def test_panning_keeps_the_width_and_the_axis(window: Window | None, by: float) -> None:
    new = panned(window, WHOLE, by)
    if window is None:
        assert new is None
        return
    assert new is not None
    assert new[1] - new[0] == pytest.approx(window[1] - window[0])
    assert new[0] >= -1e-9
    assert new[1] <= WHOLE + 1e-9


def test_a_window_that_showed_the_newest_value_follows_it_in_jumps() -> None:
    window: Window | None = (80.0, 100.0)
    moves = 0
    for reached in range(100, 200):
        new = following(window, reached - 1.0, float(reached))
        moves += new != window
        window = new
        assert window is not None
        assert window[0] < reached <= window[1]
        assert window[1] - window[0] == 20.0
    assert moves <= 100 / (20.0 / 8) + 1


def test_a_window_on_the_past_stays_where_it_is() -> None:
    assert following((10.0, 20.0), 50.0, 51.0) == (10.0, 20.0)
    assert following(None, 50.0, 51.0) is None


@given(ends, st.floats(0, 100))
def test_a_window_moves_as_far_as_a_place_takes(window: Window | None, at: float) -> None:
    new = holding(window, WHOLE, at)
    if window is not None and new is not None:
        assert new[0] - 1e-6 <= at <= new[1] + 1e-6
        if window[0] <= at <= window[1]:
            assert new == window


STEPS = Curve("steps", Series(array("d", range(1000)), array("d", range(1000))), 1, 0.1, 0.1)
EPOCHS = Curve("val", Series(array("d", [10, 20, 30]), array("d", [1, 2, 3])), 3)


def test_the_crosshair_moves_by_one_value_where_these_are_wider_than_a_column() -> None:
    assert moved([EPOCHS], 0, 100, 20.0, 1, column=1.0) == 30.0
    assert moved([EPOCHS], 0, 100, 20.0, -1, column=1.0) == 10.0
    assert moved([STEPS, EPOCHS], 20, 21, 20.5, 1, column=0.01) == pytest.approx(20.6)
    assert moved([STEPS, EPOCHS], 20, 21, 20.5, -10, column=0.01) == pytest.approx(19.5)


def test_it_moves_by_one_column_where_values_are_closer() -> None:
    assert moved([STEPS], 0, 100, 20.0, 1, column=1.25) == pytest.approx(21.3)
    assert moved([STEPS], 0, 100, 20.0, -1, column=1.25) == pytest.approx(18.7)
    assert moved([STEPS], 0, 100, 20.0, 10, column=1.25) == pytest.approx(32.5)


def test_it_never_leaves_the_values() -> None:
    assert moved([STEPS], 0, 100, 99.9, 10, column=1.0) == pytest.approx(100.0)
    assert moved([STEPS], 0, 100, 0.2, -10, column=1.0) == pytest.approx(0.1)
    assert moved([EPOCHS], 0, 100, 30.0, 1, column=1.0) == 30.0
    assert moved([], 0, 100, 30.0, 1, column=1.0) == 30.0


def test_between_two_values_it_moves_to_the_next_on_that_side() -> None:
    assert moved([EPOCHS], 0, 100, 14.0, 1, column=0.1) == 20.0
    assert moved([EPOCHS], 0, 100, 14.0, -1, column=0.1) == 10.0


@given(st.floats(0.2, 99.8), st.sampled_from([1, 10]), st.floats(0.001, 5))
def test_it_always_gets_on_and_back(at: float, by: int, column: float) -> None:
    on = moved([STEPS], 0, 100, at, by, column)
    back = moved([STEPS], 0, 100, at, -by, column)
    assert on > at
    assert back < at


def test_it_begins_at_the_newest_value_in_sight_and_goes_to_the_nearest_one() -> None:
    assert newest([STEPS, EPOCHS], 0, 50) == pytest.approx(50.0)
    assert newest([EPOCHS], 0, 25) == 20.0
    assert newest([EPOCHS], 21, 25) is None
    assert nearest([EPOCHS], 0, 100, 26.0) == 30.0
    assert nearest([EPOCHS], 0, 100, 24.0) == 20.0
    assert nearest([STEPS, EPOCHS], 0, 100, 24.04) == pytest.approx(24.0)
    assert nearest([], 0, 100, 24.0) is None
