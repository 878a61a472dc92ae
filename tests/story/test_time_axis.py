"""Axes that count the time of training: round times, and labels in one unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.story.axes import Axis, time_labels, time_ticks


@given(st.floats(0, 1e7), st.floats(1e-3, 1e8), st.integers(2, 12))
def test_ticks_lie_on_the_axis_and_there_are_not_too_many(low: float, span: float, count: int) -> None:
    axis = Axis(low, low + span)
    found = time_ticks(axis, count)
    assert len(found) <= count + 1
    assert found == sorted(set(found))
    room = 1e-6 * (low + span)
    assert all(axis.low - room <= value <= axis.high + room for value in found)


@given(st.floats(1, 1e8), st.integers(3, 12))
def test_labels_tell_the_ticks_apart_in_one_unit(high: float, count: int) -> None:
    labels = time_labels(time_ticks(Axis(0.0, high), count))
    assert len(set(labels)) == len(labels)
    assert labels[0] == "0"
    assert len({label.partition(" ")[2] for label in labels[1:]}) <= 1


SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


def seconds_of(label: str) -> float:
    number, _, unit = label.partition(" ")
    return float(number) * SECONDS[unit] if unit else float(number)


@given(st.floats(0, 1e7), st.floats(1e-3, 1e8), st.integers(2, 14))
def test_a_label_says_exactly_where_its_tick_is(low: float, span: float, count: int) -> None:
    found = time_ticks(Axis(low, low + span), count)
    for value, label in zip(found, time_labels(found), strict=True):
        assert seconds_of(label) == pytest.approx(value, abs=1e-3 * span / count)


@pytest.mark.parametrize(("high", "unit"), [(120, "s"), (7200, "min"), (2 * 86_400, "h")])
def test_a_quarter_of_a_unit_is_said_in_the_next_smaller_one(high: float, unit: str) -> None:
    labels = time_labels(time_ticks(Axis(0.0, high), 10))
    assert [label.partition(" ")[2] for label in labels[1:]] == [unit] * 8


@pytest.mark.parametrize(
    ("high", "labels"),
    [
        (50, ["0", "10 s", "20 s", "30 s", "40 s", "50 s"]),
        (1000, ["0", "5 min", "10 min", "15 min"]),
        (9000, ["0", "0.5 h", "1.0 h", "1.5 h", "2.0 h", "2.5 h"]),
        (90_000, ["0", "6 h", "12 h", "18 h", "24 h"]),
        (1e6, ["0", "2 d", "4 d", "6 d", "8 d", "10 d"]),
    ],
)
def test_times_are_round_in_the_unit_that_people_use(high: float, labels: list[str]) -> None:
    assert time_labels(time_ticks(Axis(0.0, high), 6)) == labels


def test_a_narrow_window_late_in_a_run_is_labelled_in_seconds() -> None:
    assert time_labels(time_ticks(Axis(86_400.0, 86_410.0), 5)) == [
        "86400 s",
        "86402 s",
        "86404 s",
        "86406 s",
        "86408 s",
        "86410 s",
    ]
