"""A series keeps its x as a range as long as it can: no reader sees that it is not an array."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.curve import Series


@dataclass
class Plain:
    """The same series over two arrays."""

    x: array[float] = field(default_factory=lambda: array("d"))
    y: array[float] = field(default_factory=lambda: array("d"))
    rewinds: int = 0

    def append(self, x: float, y: float) -> None:
        if self.x and x <= self.x[-1]:
            self.truncate(x)
        self.x.append(x)
        self.y.append(y)

    def truncate(self, x: float) -> None:
        end = bisect_left(self.x, x)
        self.rewinds += end < len(self.x)
        del self.x[end:], self.y[end:]


whole = st.integers(0, 40)
places = st.one_of(whole, whole.map(float), st.floats(0, 40), st.just(1e300), st.just(float("inf")))
to_the_right = st.one_of(
    st.builds(lambda first, count, by: range(first, first + count * by, by), whole, whole, st.integers(1, 5)),
    st.builds(
        lambda first, count, by: array("d", range(first, first + count * by, by)), whole, whole, st.integers(1, 5)
    ),
    st.sets(st.one_of(whole, st.floats(0, 40)), max_size=6).map(lambda found: array("d", sorted(found))),
)
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("append"), places),
        st.tuples(st.just("extend"), to_the_right),
        st.tuples(st.just("cut"), places),
    ),
    max_size=12,
)


@settings(max_examples=400, deadline=None)
@given(deeds)
def test_whatever_is_done_to_it_x_is_what_an_array_would_be(done: list[tuple[str, object]]) -> None:
    lazy, plain = Series(), Plain()
    for place, (deed, x) in enumerate(done):
        if deed == "append":
            assert isinstance(x, int | float)
            lazy.append(x, place)
            plain.append(x, place)
        elif deed == "cut":
            assert isinstance(x, int | float)
            lazy.truncate(x)
            plain.truncate(x)
        else:
            assert isinstance(x, range | array)
            lazy.extend(x, array("d", [float(place)] * len(x)))
            for at, value in enumerate(x):  # one by one, only the first can lie left of the last
                if at == 0 or not plain.x or value > plain.x[-1]:
                    plain.append(value, place)
        assert list(lazy.x) == list(plain.x)
        assert (list(lazy.y), len(lazy), lazy.rewinds) == (list(plain.y), len(plain.y), plain.rewinds)
        assert bool(lazy.x) == bool(plain.x)
        for value in (0, 3, 7.5, 100):
            assert bisect_left(lazy.x, value) == bisect_left(plain.x, value)
            assert bisect_right(lazy.x, value) == bisect_right(plain.x, value)
        assert list(lazy.x[2:5]) == list(plain.x[2:5])
        assert list(lazy.x[-3:]) == list(plain.x[-3:])
        assert not lazy.x or lazy.x[-1] == plain.x[-1]


@pytest.mark.parametrize("by", [1, 25])
def test_steps_that_are_equally_far_apart_take_no_memory(by: int) -> None:
    series = Series()
    for step in range(0, 100 * by, by):
        series.append(step, 0.5)
    series.extend(range(100 * by, 300 * by, by), array("d", [0.5] * 200))
    series.extend(array("d", range(300 * by, 400 * by, by)), array("d", [0.5] * 100))
    series.truncate(350 * by)
    assert series.x == range(0, 350 * by, by)


def test_a_gap_ends_that() -> None:
    series = Series()
    for step in (0, 1, 2, 4, 5):
        series.append(step, 0.5)
    assert series.x == array("d", [0, 1, 2, 4, 5])
