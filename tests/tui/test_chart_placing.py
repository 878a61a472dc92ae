"""Steps, epochs and seconds on one axis: there and back, and never turned round."""

from __future__ import annotations

import itertools
import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.curve import Series
from tui.widgets.chart_spec import Curve, finest
from tui.widgets.decimation import Points
from tui.widgets.placing import EpochEnds, Knots, Linear, Placing


def known(gaps: list[float]) -> Series:
    """Steps 0, 3, 6, ... and the seconds up to each, a gap after the other."""
    found = Series()
    seconds = 0.0
    for at, gap in enumerate(gaps):
        seconds += gap
        found.append(3 * at, seconds)
    return found


knots = st.lists(st.just(0.0) | st.floats(1e-6, 1e4), max_size=12).map(known).map(Knots)
placings = st.one_of(
    knots,
    st.builds(Linear, st.floats(1e-6, 1e6), st.floats(-10, 10)),
    st.builds(EpochEnds, st.integers(1, 1000)),
)


@given(placings, st.lists(st.floats(0, 1e5), min_size=2, max_size=20))
def test_what_comes_later_never_lies_further_left(placing: Placing, xs: list[float]) -> None:
    places = [placing.on_axis(x) for x in sorted(xs)]
    assert all(b >= a - 1e-9 * max(1, abs(a)) for a, b in itertools.pairwise(places))
    back = [placing.of_points(x) for x in sorted(xs)]
    assert all(b >= a - 1e-9 * max(1, abs(a)) for a, b in itertools.pairwise(back))


@given(placings, st.floats(0, 1e4))
def test_a_place_leads_back_to_what_lies_there(placing: Placing, x: float) -> None:
    place = placing.on_axis(x)
    assert placing.on_axis(placing.of_points(place)) == pytest.approx(place, rel=1e-6, abs=1e-6)


@given(st.lists(st.floats(0.1, 50), min_size=3, max_size=40), st.integers(2, 60))
def test_each_point_is_in_the_column_in_which_it_lies(gaps: list[float], count: int) -> None:
    clock = known(gaps)
    points = Series(array("d", range(3 * len(gaps))), array("d", range(3 * len(gaps))))
    curve = Curve("a", points, 1, place=Knots(clock))
    end = curve.reached * 1.01
    for column in curve.columns(0.0, end, count):
        for index in range(round(column.low), round(column.high) + 1):
            at = curve.placing.on_axis(points.x[index]) / end * count
            assert column.at - 1e-6 <= at <= column.at + 1 + 1e-6


def test_an_epoch_lies_at_its_last_step_and_the_state_before_training_at_the_first() -> None:
    placing = EpochEnds(45)
    assert [placing.on_axis(epoch) for epoch in (0, 1, 2)] == [0, 44, 89]
    assert placing.of_points(89) == 2
    assert placing.of_points(0) == 0


def test_time_that_stands_still_belongs_to_the_first_step() -> None:
    placing = Knots(Series(array("d", [0, 10, 20, 30]), array("d", [0, 5, 5, 9])))
    assert placing.of_points(5) == 10
    assert placing.on_axis(15) == 5
    assert placing.on_axis(40) == pytest.approx(9 + 10 * 9 / 30)


def test_a_clock_that_grew_has_another_version() -> None:
    clock = known([1.0, 2.0])
    placing = Knots(clock)
    before = placing.version
    clock.append(9, 8.0)
    assert placing.version != before


def curve(points: Points) -> Curve:
    return Curve("a", points, 2)


def test_a_value_is_that_of_its_place_and_holds_until_the_next() -> None:
    epochs = curve(Series(array("d", [1, 2, 3]), array("d", [0.1, 0.2, 0.3])))
    assert [epochs.at(place) for place in (0.5, 1.0, 1.9, 2.0, 3.0, 3.9)] == [None, 0, 0, 1, 2, 2]
    assert epochs.at(9.0) is None


def test_the_finest_curve_is_the_one_with_the_most_points_in_sight() -> None:
    many = curve(Series(array("d", range(100)), array("d", range(100))))
    few = curve(Series(array("d", range(0, 400, 50)), array("d", range(8))))
    assert finest([few, many], 0, 400) is many
    assert finest([few, many], 150, 400) is few
    assert finest([], 0, 1) is None
    assert finest([few], 1000, math.inf) is None
