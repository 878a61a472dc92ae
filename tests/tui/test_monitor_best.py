"""The best value of a metric is what a look at all of them finds, however it came about."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from training.curve import Series
from tui.monitor.best import Best

values = st.one_of(st.sampled_from([0.5, 0.25, 1.0, math.nan, math.inf, -math.inf]), st.floats(-5, 5))


def among_all(series: Series, *, highest: bool) -> tuple[float, int] | None:
    sign = -1.0 if highest else 1.0
    found = [(sign * y, x) for x, y in zip(series.x, series.y, strict=True) if x >= 1 and math.isfinite(y)]
    if not found:
        return None
    value, epoch = min(found)
    return sign * value, int(epoch)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.lists(values, max_size=5)), max_size=8), st.booleans())
def test_only_what_is_new_is_looked_at_and_nothing_is_missed(
    parts: list[tuple[int, list[float]]], highest: bool
) -> None:
    series, best = Series(), Best(highest)
    for first, new in parts:
        for epoch, value in enumerate(new, first):
            series.append(epoch, value)
        assert best.of(series) == among_all(series, highest=highest)
