"""Numbers and times as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.figures import duration, loss, percent


@given(st.just(0.0) | st.floats(1e-90, 1e90) | st.sampled_from([math.inf, math.nan]))
def test_a_loss_never_outgrows_its_column_and_stays_true(value: float) -> None:
    shown = loss(value)
    assert len(shown) <= 7
    assert float(shown) == pytest.approx(value, rel=0.06, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0.0, "0"),
        (2.3026, "2.303"),
        (0.009081, "0.00908"),
        (8.4e-5, "8.4e-05"),
        ("nan", "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_losses_as_they_are_read(value: float | str | None, shown: str) -> None:
    assert loss(value) == shown


def test_shares_and_times_as_they_are_read() -> None:
    assert [percent(value) for value in (None, 1.0, 0.1025, "nan")] == ["", "100.0 %", "10.2 %", "nan"]
    assert [duration(value) for value in (-1, 59.9, 61, 3661, 90000)] == ["0 s", "59 s", "1:01", "1:01:01", "1 d 1 h"]
