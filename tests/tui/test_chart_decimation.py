"""What a column of a chart shows of the points in it."""

from __future__ import annotations

import bisect
import math
import random
from array import array
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.curve import Series
from tui.widgets.chart import Curve
from tui.widgets.decimation import (
    FANOUT,
    LEAST,
    LEAST_BLOCKS,
    Column,
    Pyramid,
    columns,
    first_after,
    first_from,
    polylines,
)


def noise(length: int, seed: int) -> list[float]:
    """So many values, some of which are not finite; long enough for several levels of a pyramid."""
    rng = random.Random(seed)
    odd = (math.nan, math.inf, -math.inf, 1e308, -1e308, 0.0)
    return [rng.choice(odd) if rng.random() < 0.05 else rng.gauss(0, 1) for _ in range(length)]


values = st.builds(noise, st.integers(0, 3000), st.integers(0, 2**32))


def series(ys: list[float]) -> Series:
    made = Series()
    for x, y in enumerate(ys):
        made.append(x, y)
    return made


def brute_force(ys: list[float]) -> tuple[float, float]:
    finite = [y for y in ys if math.isfinite(y)]
    return min(finite, default=math.inf), max(finite, default=-math.inf)


@settings(deadline=None, max_examples=60)
@given(values, st.data())
def test_the_pyramid_answers_as_looking_at_every_value_would(ys: list[float], data: st.DataObject) -> None:
    points = series(ys)
    pyramid = Pyramid()
    pyramid.follow(points)
    start = data.draw(st.integers(0, len(ys)))
    end = data.draw(st.integers(start, len(ys)))
    assert pyramid.between(points.y, start, end) == brute_force(ys[start:end])
    assert pyramid.column(points.y, start, end) == brute_force(ys[start:end])
    start, end = start - start % 64, end - end % 64
    assert pyramid.column(points.y, start, end) == brute_force(ys[start:end])


@given(st.integers(0, 50), st.integers(1, 9), st.integers(0, 60), st.integers(-20, 2000))
def test_columns_of_evenly_spaced_points_begin_where_those_of_any_other_would(
    first: int, step: int, count: int, quarters: int
) -> None:
    even = range(first, first + step * count, step)
    edges = [0.25 * quarters, 0.25 * quarters + 0.7 * step, math.inf]
    ys = array("d", range(count))
    found = [columns(Series(x, ys), Pyramid(), edges) for x in (even, array("d", even))]
    assert found[0] == found[1]
    for place in edges:
        assert first_from(even, place, 0, count) == bisect.bisect_left(even, place)
        assert first_after(even, place, 0, count) == bisect.bisect_right(even, place)


@settings(deadline=None, max_examples=60)
@given(st.lists(values, max_size=6), st.integers(0, 4000))
def test_a_pyramid_that_grew_with_its_series_is_the_one_built_at_once(parts: list[list[float]], cut: int) -> None:
    points, grown = Series(), Pyramid()
    for part in parts:
        for y in part:
            points.append(len(points), y)
        grown.follow(points)
    points.truncate(cut)
    grown.follow(points)
    fresh = Pyramid()
    fresh.follow(points)
    assert [list(level) for level in grown.lows] == [list(level) for level in fresh.lows]
    assert [list(level) for level in grown.highs] == [list(level) for level in fresh.highs]
    assert grown.first_bad == fresh.first_bad


@settings(deadline=None, max_examples=60)
@given(values, st.integers(1, 200))
def test_every_point_is_in_one_column(ys: list[float], count: int) -> None:
    points = series(ys)
    edges = [index * max(1, len(ys)) / count for index in range(count)]
    found = columns(points, Pyramid(), [*edges, math.inf])
    assert len(found) <= count
    finite = [column for column in found if not math.isnan(column.low)]
    low = min((column.low for column in finite), default=math.inf)
    high = max((column.high for column in finite), default=-math.inf)
    assert (low, high) == brute_force(ys)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=8), st.integers(1, 100), st.integers(0, 2**32))
def test_the_columns_of_a_curve_that_grew_are_those_of_the_whole_curve(parts: list[int], count: int, seed: int) -> None:
    points = Series()
    grown = Curve("loss", points, 1, scale=0.1, offset=0.1)
    for length in parts:
        for y in noise(length, seed):
            points.append(len(points), y)
        if length % 7 == 0:
            points.truncate(len(points) // 2)
        whole = Curve("loss", points, 1, scale=0.1, offset=0.1)
        assert repr(grown.columns(0.0, 250.0, count)) == repr(whole.columns(0.0, 250.0, count))


def test_a_tail_that_was_replaced_by_as_long_a_one_is_seen() -> None:
    points, pyramid = series([5.0] * 100), Pyramid()
    pyramid.follow(points)
    points.truncate(50)
    for x in range(50, 100):
        points.append(x, 1.0)
    pyramid.follow(points)
    assert pyramid.between(points.y, 0, 100) == (1.0, 5.0)
    assert pyramid.between(points.y, 50, 100) == (1.0, 1.0)


def test_a_column_without_a_finite_value_breaks_the_line() -> None:
    found = [Column(0, 1.0, 1.0), Column(1, math.nan, math.nan), Column(2, 2.0, 2.0), Column(5, 3.0, 3.0)]
    assert polylines(found) == [[(0, 1.0)], [(2, 2.0), (5, 3.0)]]


def test_a_column_of_many_values_shows_its_lowest_and_highest_from_where_the_line_comes() -> None:
    assert polylines([Column(0, 4.0, 4.0), Column(1, 1.0, 3.0)]) == [[(0, 4.0), (1, 3.0), (1, 1.0)]]


def test_the_cost_of_a_drawing_is_bounded_by_its_columns_not_by_the_points() -> None:
    class Counting(list[float]):
        """Counts the values that are looked at."""

        seen = 0

        def __getitem__(self, key: Any) -> Any:
            part: Any = super().__getitem__(key)
            Counting.seen += len(part) if isinstance(key, slice) else 1
            return part

    def looked_at(length: int) -> int:
        ys = [math.sin(x) for x in range(length)]
        points, pyramid = series(ys), Pyramid()
        pyramid.follow(points)
        counted = Counting(ys)
        Counting.seen = 0
        for column in range(100):
            pyramid.between(counted, column * length // 100, (column + 1) * length // 100)
        return Counting.seen

    assert looked_at(200_000) <= 100 * 2 * 2 * 32
    assert looked_at(1_000) <= 1_000 * 2


@pytest.mark.parametrize("length", [1_000, 30_000, 1_000_000])
def test_a_column_of_a_run_of_any_length_is_made_of_a_few_blocks(length: int) -> None:
    class Counted(array):  # type: ignore[type-arg]
        """Counts the values that are looked at; a part of one does, too."""

        seen = 0

        def __getitem__(self, key: Any) -> Any:
            part: Any = super().__getitem__(key)
            Counted.seen += len(part) if isinstance(key, slice) else 1
            return part

    points, pyramid = Series(range(length), array("d", bytes(8 * length))), Pyramid()
    pyramid.follow(points)
    points.y = Counted("d", points.y)
    pyramid.lows = [Counted("d", level) for level in pyramid.lows]
    pyramid.highs = [Counted("d", level) for level in pyramid.highs]
    count = 266
    found = columns(points, pyramid, [*(length * index / count for index in range(count)), math.inf])
    assert len(found) == count
    most = max(LEAST_BLOCKS * LEAST, 2 * LEAST_BLOCKS * FANOUT)
    assert Counted.seen <= count * most + 2 * (LEAST + FANOUT * 10) + most


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_the_first_value_that_is_not_finite_is_remembered(bad: float) -> None:
    pyramid = Pyramid()
    pyramid.follow(series([1.0, 2.0, bad, 3.0, math.nan]))
    assert pyramid.first_bad == 2
