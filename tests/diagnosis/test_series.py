"""A series keeps what rules need, in constant memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.diagnosis.series import KEPT, Point, Series


def filled(values: list[float]) -> Series:
    series = Series()
    for x, y in enumerate(values, 1):
        series.add(x, y)
    return series


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(0, 5))
def test_the_lowest_value_is_that_of_the_list(values: list[float], before_last: int) -> None:
    lowest = filled(values).lowest(before_last)
    rest = values[: max(0, len(values) - before_last)]
    assert (lowest is None) == (not rest)
    if lowest is not None:
        assert (lowest.y, lowest.place, lowest.x) == (min(rest), rest.index(min(rest)), rest.index(min(rest)) + 1)


def test_a_long_run_keeps_its_first_its_lowest_and_its_length_but_not_its_points() -> None:
    values = [5.0, 0.5] + [1.0 + x % 7 for x in range(10 * KEPT)]
    series = filled(values)
    assert len(series) == len(values)
    assert len(series.y) < 2 * KEPT
    assert series.first is not None
    assert series.lowest() is not None
    assert (series.first.y, series.lowest().y, series.highest()) == (5.0, 0.5, 7.0)  # type: ignore[union-attr]
    assert series.y[-3:] == values[-3:]


@given(st.lists(st.floats(0, 9), min_size=1, max_size=40), st.integers(1, 41))
def test_epochs_that_are_taken_back_leave_what_was_before(values: list[float], x: int) -> None:
    series, before = filled(values), filled(values[: x - 1])
    series.drop_from(x)
    assert (series.x, series.y, series.lowest(), series.highest(), series.first) == (
        before.x,
        before.y,
        before.lowest(),
        before.highest(),
        before.first,
    )


def test_another_unit_changes_all_values() -> None:
    series = filled([80.0, 50.0, 90.0])
    series.multiply(0.01)
    assert series.last(3) == [0.8, 0.5, 0.9]
    assert series.highest() == 0.9
    assert (series.first, series.lowest()) == (Point(1, 0.8, 0), Point(2, 0.5, 1))
