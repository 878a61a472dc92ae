"""Labels beside and under a chart: true ticks of a logarithmic axis, durations, and windows deep in a long run."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.chart_axes import GUTTER, place_text, stretch_text, x_labels, x_ticks, y_labels
from tui.widgets.geometry import Axis, time_labels

names = st.sampled_from(["epoch", "step", "time"])


def label_at(axis: Axis, down: int, text: str) -> int:
    return next(row for row, label in enumerate(y_labels(axis, down, False)) if label.strip(" ┤") == text)


def test_the_labels_of_a_log_axis_are_one_two_and_five_times_powers_of_ten() -> None:
    labels = [label.strip(" ┤│") for label in y_labels(Axis(0.01, 10.0, log=True), 24, percent=False)]
    assert [label for label in labels if label] == ["10", "5", "2", "1", "0.5", "0.2", "0.1", "0.05", "0.02", "0.01"]


def test_equal_ratios_are_equal_distances_on_a_log_axis() -> None:
    axis = Axis(0.01, 100.0, log=True)
    rows = [label_at(axis, 29, text) for text in ("100", "10", "1", "0.1", "0.01")]
    assert {b - a for a, b in itertools.pairwise(rows)} == {7}


def test_where_a_decade_has_room_its_parts_have_ticks_without_a_label() -> None:
    labels = y_labels(Axis(1.0, 10.0, log=True), 20, percent=False)
    assert sum(label.endswith("┤") for label in labels) == 10
    assert [label.strip(" ┤") for label in labels if label.strip(" ┤│")] == ["10", "5", "2", "1"]
    crowded = y_labels(Axis(1e-6, 1e6, log=True), 8, percent=False)
    assert all(label.strip(" ┤") for label in crowded if label.endswith("┤"))


@given(names, st.floats(0, 1e9), st.floats(1e-3, 1e9), st.integers(4, 150))
def test_the_labels_under_a_chart_take_its_width_and_do_not_touch(
    name: str, low: float, width: float, across: int
) -> None:
    row = x_labels(name, low, low + width, across, range(0))
    text = "".join(part for part, _ in row)
    assert len(text) == GUTTER + across
    assert text.isprintable()


@given(names, st.floats(0, 1e7), st.floats(1e-2, 1e7), st.integers(20, 150))
def test_ticks_lie_on_the_axis_ascend_and_have_labels_that_tell_them_apart(
    name: str, low: float, width: float, across: int
) -> None:
    found = x_ticks(name, low, low + width, across)
    values = [value for value, _ in found]
    assert values == sorted(set(values))
    slack = 1e-6 * (low + width)
    assert all(low - slack <= value <= low + width + slack for value in values)
    assert len(values) <= across // 8 + 4
    if name != "time":
        assert len({label for _, label in found}) == len(found)


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        ([0, 30, 60, 90], ["0", "30 s", "60 s", "90 s"]),
        ([0, 300, 600, 900], ["0", "5 min", "10 min", "15 min"]),
        ([0, 1800, 3600, 5400, 7200], ["0", "0.5 h", "1.0 h", "1.5 h", "2.0 h"]),
        ([0, 86400 * 2, 86400 * 4], ["0", "2 d", "4 d"]),
    ],
)
def test_durations_are_in_one_unit(seconds: list[float], labels: list[str]) -> None:
    assert time_labels(seconds) == labels


def test_ticks_of_time_are_round_in_minutes_and_hours() -> None:
    assert [label for _, label in x_ticks("time", 0, 3600, 60)] == [f"{n} min" if n else "0" for n in range(0, 61, 10)]
    assert [label for _, label in x_ticks("time", 0, 6 * 3600, 60)][-1] == "6 h"


@pytest.mark.parametrize(("high", "last"), [(120, "120 s"), (7200, "120 min"), (2 * 86_400, "48 h")])
def test_ticks_of_time_a_quarter_of_a_unit_apart_are_not_rounded(high: float, last: str) -> None:
    labels = [label for _, label in x_ticks("time", 0, high, 105)]
    assert (len(labels), labels[0], labels[-1]) == (9, "0", last)
    assert all(label.split()[0].isdecimal() for label in labels)


def test_steps_deep_in_a_long_run_are_labelled_in_full() -> None:
    labels = [label for _, label in x_ticks("step", 987_650, 987_690, 60)]
    assert labels == ["987650", "987660", "987670", "987680", "987690"]


@pytest.mark.parametrize(
    ("name", "low", "high", "text"),
    [
        ("epoch", 12.0, 18.0, "epochs 12–18"),
        ("epoch", 12.25, 12.5, "epochs 12.25–12.5"),
        ("epoch", 3.5, 9.75, "epochs 3.5–9.8"),
        ("step", 1200.0, 1240.0, "steps 1200–1240"),
        ("time", 720.0, 1080.0, "12–18 min"),
        ("time", 0.0, 9000.0, "0–2.5 h"),
        ("time", 1800.0, 9000.0, "0.5–2.5 h"),
        ("time", 100.0, 130.0, "1.67–2.17 min"),
        ("time", 3.0, 3.001, "3.000–3.001 s"),
        ("time", 0.0, 0.5, "0–0.5 s"),
        ("time", 5.0, 5.0, "5–5 s"),
    ],
)
def test_a_window_is_named_in_the_unit_of_its_axis(name: str, low: float, high: float, text: str) -> None:
    assert stretch_text(name, low, high) == text


@pytest.mark.parametrize(
    ("name", "at", "text"),
    [("epoch", 12.0, "epoch 12"), ("epoch", 12.345, "epoch 12.35"), ("time", 750.0, "12.5 min"), ("time", 9.0, "9 s")],
)
def test_a_place_is_named_in_the_unit_of_its_axis(name: str, at: float, text: str) -> None:
    assert place_text(name, at) == text


def test_no_place_is_too_far_to_be_named() -> None:
    assert all(len(place_text("step", at)) < 20 for at in (1e300, math.inf, -1e13))
