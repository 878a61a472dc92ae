"""The arrow keys on a number: the steps that a person would take, never out of bounds, never the wrong way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.config.fields import FIELDS, Field, field
from training.config.leaf import check
from tui.editor.stepping import stepped

NUMBERS = [
    entry
    for top in FIELDS
    for entry in (top, *(field(f"{top.key}.0.{item.name}") for item in top.items))
    if entry.kind in ("int", "float")
]


@pytest.mark.parametrize(
    ("key", "now", "up", "down", "leap_up", "leap_down"),
    [
        ("learning_rate", 1e-3, 2e-3, 5e-4, 1e-2, 1e-4),
        ("learning_rate", 3e-4, 5e-4, 2e-4, 3e-3, 3e-5),
        ("learning_rate", 1e-6, 2e-6, 5e-7, 1e-5, 1e-7),
        ("l2_lambda", 0.0, 1e-6, 0.0, 1e-6, 0.0),
        ("l2_lambda", 1e-6, 2e-6, 0.0, 1e-5, 0.0),
        ("batch_size", 32, 64, 16, 64, 16),
        ("batch_size", 48, 64, 32, 64, 32),
        ("batch_size", "auto", 32, 32, 32, 32),
        ("epochs", 19, 20, 18, 20, 10),
        ("epochs", 100, 110, 95, 200, 50),
        ("data.subset", 100.0, 100.0, 95.0, 100.0, 90.0),
        ("data.val_fraction", 0.2, 0.25, 0.15, 0.3, 0.1),
        ("optimization.ema", None, 0.999, 0.999, 0.999, 0.999),
        ("optimization.ema", 0.999, 0.9995, 0.995, 0.9995, 0.995),
        ("optimization.focal_gamma", 2.0, 2.5, 1.5, 3.0, 1.0),
        ("model.blocks.0.filters", 33, 64, 32, 64, 32),
        ("model.blocks.0.dropout", 0.25, 0.3, 0.2, 0.3, 0.2),
    ],
)
def test_a_number_steps_as_its_kind_does(key: str, now: Any, up: Any, down: Any, leap_up: Any, leap_down: Any) -> None:
    entry = field(key)
    assert stepped(entry, now, 1) == up
    assert stepped(entry, now, -1) == down
    assert stepped(entry, now, 1, leap=True) == leap_up
    assert stepped(entry, now, -1, leap=True) == leap_down


@given(st.sampled_from(NUMBERS), st.floats(0, 1), st.sampled_from([1, -1]), st.booleans())
def test_a_step_is_a_valid_value_and_never_goes_the_wrong_way(entry: Field, place: float, by: int, leap: bool) -> None:
    low = entry.minimum or 0.0
    high = entry.maximum if entry.maximum is not None else 1000.0
    now: Any = low + place * (high - low)
    now = round(now) if entry.kind == "int" else now
    try:
        now = check(entry, now)
    except ValueError:
        return  # an end that is open
    new = stepped(entry, now, by, leap=leap)
    assert check(entry, new) == new
    assert type(new) is type(now)
    if low + 0.05 < now < high - 0.05:
        assert (new - now) * by > 0
