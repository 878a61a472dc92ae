"""The picture of a chart in every unit, on every scale, with every marker, at any zoom: whatever was logged."""

from __future__ import annotations

import math
import random
from array import array
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui.monitoring import series, spec_of
from training.curve import Series
from tui.monitor.lens import WEIGHTS, Lens, MarkerKind, Unit
from tui.widgets import chart_plot
from tui.widgets.chart_painter import ChartPainter
from tui.widgets.chart_signs import Signs
from tui.widgets.chart_spec import ChartSpec, Curve, Mark
from tui.widgets.placing import Knots
from tui.widgets.rows import Row, width_of

ODD = (0.0, -0.0, 1.0, -1.0, 1e-30, 1e30, -1e30, 5e-324, 1.7e308, -1.7e308, math.nan, math.inf, -math.inf)
values = st.one_of(
    st.lists(st.sampled_from(ODD) | st.floats(), max_size=60),
    st.builds(lambda n, seed: [random.Random(seed).gauss(0, 1) for _ in range(n)], st.integers(0, 4000), st.integers()),
    st.builds(lambda value, n: [value] * n, st.sampled_from(ODD), st.integers(1, 400)),
)
places = st.floats(-2.0, 5000.0)
windows = st.none() | st.tuples(places, st.floats(1e-6, 4000.0)).map(lambda each: (each[0], each[0] + each[1]))
lenses = st.builds(
    Lens,
    unit=st.sampled_from(get_args(Unit)),
    window=windows,
    smoothing=st.sampled_from(WEIGHTS),
    log_scale=st.sampled_from([None, True, False]),
    marker=st.sampled_from(get_args(MarkerKind)),
    cursor=st.none() | places,
)
kinds = st.sampled_from(["best", "checkpoint", "lr", "override", "finding"])
marks = st.lists(st.builds(Mark, places, kinds, st.sampled_from(["", "lr 3e-4", "best 9"]), st.none() | places))


def clock(count: int) -> Knots:
    """Seconds of steps that take longer and longer, thinned."""
    steps = array("d", range(0, max(2, count), 7))
    return Knots(Series(steps, array("d", (0.01 * step**1.3 for step in steps))))


def lines(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def painted(spec: ChartSpec, lens: Lens, width: int = 80, height: int = 14) -> list[str]:
    painter = ChartPainter()
    rows = painter.rows(spec, lens, width, height)
    while painter.pending:
        rows = painter.rows(spec, lens, width, height)
    return lines(rows)


@settings(max_examples=300)
@given(
    st.lists(values, min_size=1, max_size=4),
    lenses,
    marks.map(tuple),
    st.booleans(),
    st.integers(1, 130),
    st.integers(1, 30),
    st.booleans(),
)
def test_whatever_is_logged_and_however_it_is_looked_at_the_picture_fits(
    found: list[list[float]],
    lens: Lens,
    marked: tuple[Mark, ...],
    percent: bool,
    width: int,
    height: int,
    no_color: bool,
) -> None:
    curves = [series(each) for each in found]
    spec = spec_of(*curves, x_name=lens.unit, marks=marked, percent=percent, may_log=True, band=(3.0, 9.0))
    spec.curves[-1].low = spec.curves[-1].high = curves[0]
    if lens.unit == "time":
        for curve in spec.curves:
            curve.place = clock(len(curve.points.y))
    painter = ChartPainter()
    signs = Signs(lens.marker, no_color)
    for size in ((width, height), (width, height), (width + 3, height)):
        rows = painter.rows(spec, lens, *size, signs)
        assert len(rows) <= size[1]
        assert all(width_of(row) <= max(size[0], 9) for row in rows)
        assert painter.canvas.plotted <= width * height + 3 * height
        if lens.marker == "ascii":
            assert "".join(lines(rows)).isascii()


@pytest.mark.parametrize("marker", get_args(MarkerKind))
@pytest.mark.parametrize("window", [None, (100.0, 900.0), (500.0, 506.0)])
def test_a_picture_costs_what_its_width_costs(
    marker: MarkerKind, window: tuple[float, float] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []

    def count(self: Curve, low: float, high: float, columns: int, *, positive: bool = False) -> list[object]:
        found = original(self, low, high, columns, positive=positive)
        counted.append(len(found))
        return list(found)

    original = Curve.columns
    monkeypatch.setattr(Curve, "columns", count)
    points = series([math.sin(x) for x in range(50_000)])
    lens = Lens("step", window, smoothing=0.9, marker=marker)
    painter = ChartPainter()
    painter.rows(spec_of(points, x_name="step"), lens, 107, 14)
    assert counted
    assert max(counted) <= 200
    assert painter.canvas.plotted <= 100 * 12


parts = st.lists(st.floats(-1.0, 1.0) | st.sampled_from([math.nan, 5.0, 1e3]), max_size=40)
looks = st.tuples(
    st.sampled_from([None, (0.0, 30.0), (10.0, 60.0)]),
    st.sampled_from([0.0, 0.9]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, 7.0, 20.0]),
    st.sampled_from([40, 90]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(parts, looks, st.integers(0, 99)), min_size=2, max_size=8))
def test_of_what_it_drew_before_a_painter_keeps_only_what_is_still_so(
    changes: list[tuple[list[float], tuple[tuple[float, float] | None, float, bool | None, float | None, int], int]],
) -> None:
    growing, still = Series(), series([0.5, 0.2, 3.0])
    spec = spec_of(growing, still, may_log=True, seams=(5.0,))
    painter = ChartPainter()
    for more, (window, smoothing, log_scale, cursor, width), cut in changes:
        if cut < 20:
            growing.truncate(cut)
        for value in more:
            growing.append(len(growing), value)
        lens = Lens(window=window, smoothing=smoothing, log_scale=log_scale, cursor=cursor)
        rows = painter.rows(spec, lens, width, 14)
        anew = ChartPainter()
        fresh = spec_of(growing, still, may_log=True, seams=(5.0,))
        fresh.serial = spec.serial
        anew.axis, anew._axis_key = painter.axis, painter._axis_key
        assert rows == anew.rows(fresh, lens, width, 14)


def test_where_only_the_crosshair_moves_no_curve_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def noted(function: Any) -> Any:
        def call(*args: Any) -> Any:
            made.append(args)
            return function(*args)

        return call

    for name in ("polylines", "_strokes"):
        monkeypatch.setattr(chart_plot, name, noted(getattr(chart_plot, name)))
    painter, points = ChartPainter(), series([math.sin(x) for x in range(900)])
    spec = spec_of(points, series([0.5, 0.2, 3.0]))
    painter.rows(spec, Lens(cursor=7.0), 90, 14)
    assert made
    made.clear()
    painter.rows(spec, Lens(cursor=9.0), 90, 14)
    assert made == []
    points.append(900, 9.0)
    painter.rows(spec, Lens(cursor=9.0), 90, 14)
    assert made


def test_a_log_axis_leaves_out_what_is_not_positive_and_counts_it() -> None:
    values = [10.0 ** (x / 10) for x in range(-20, 20)]
    values[5] = values[6] = 0.0
    values[30] = -4.0
    shown = painted(spec_of(series(values)), Lens(log_scale=True))
    assert "log · 3 values ≤ 0 not drawn" in shown[0]
    assert any(line.startswith("  0.01") for line in shown)


def test_where_no_value_is_positive_the_axis_stays_linear_and_says_so() -> None:
    assert "linear: no value > 0" in painted(spec_of(series([-1.0, 0.0, -3.0])), Lens(log_scale=True))[0]


def test_values_that_cannot_be_drawn_on_a_log_axis_are_counted_in_the_window_alone() -> None:
    values = [0.0 if x % 100 == 0 else 1.0 + x for x in range(10_000)]
    spec = spec_of(series(values), x_name="step")
    assert "100 values ≤ 0 not drawn" in painted(spec, Lens("step", log_scale=True))[0]
    assert "1 value ≤ 0 not drawn" in painted(spec, Lens("step", (150.0, 250.0), log_scale=True))[0]
    zeros = spec_of(series([0.0 if x % 2 else 1.0 for x in range(10_000)]), x_name="step")
    assert "1000+ values ≤ 0 not drawn" in painted(zeros, Lens("step", log_scale=True))[0]


def test_a_long_curve_with_zeros_is_drawn_by_its_positive_values_on_a_log_axis() -> None:
    values = [0.0 if x % 2 else 5.0 for x in range(20_000)]
    shown = painted(spec_of(series(values), x_name="step"), Lens("step", log_scale=True, marker="ascii"))
    inked = [line for line in shown[1:-1] if "." in line[7:]]
    assert len(inked) == 1
    assert inked[0].startswith("     5")


def test_a_window_shows_its_stretch_and_says_so() -> None:
    spec = spec_of(series([float(x) for x in range(31)]), planned=30)
    shown = painted(spec, Lens(window=(12.0, 18.0)))
    assert shown[0].rstrip().endswith("epochs 12–18")
    assert shown[-1].split()[1:] == ["12", "13", "14", "15", "16", "17", "18"]
    assert shown[1].lstrip().startswith("18")


def test_few_points_are_drawn_as_points_with_the_lines_that_lead_in_and_out() -> None:
    spec = spec_of(series([0.0, 10.0, 0.0, 10.0, 0.0]), x_name="step")
    shown = painted(spec, Lens("step", (0.5, 2.5)))
    assert "".join(shown).count("•") == 2
    body = [line[7:].ljust(73) for line in shown[1:-1]]
    assert any(line[0] != " " for line in body)
    assert any(line[-1] != " " for line in body)


def test_a_window_between_two_points_shows_the_line_that_joins_them() -> None:
    spec = spec_of(series([0.0, 1.0]), x_name="step")
    shown = painted(spec, Lens("step", (0.25, 0.75)))
    assert sum(line[7:].strip() != "" for line in shown[1:-1]) >= 5


def test_a_window_on_a_million_steps_labels_them_in_full() -> None:
    steps = array("d", range(1_000_000))
    spec = ChartSpec("Loss", [Curve("a", Series(steps, array("d", (x % 7 for x in range(1_000_000)))), 2)], "step")
    shown = painted(spec, Lens("step", (512_000.0, 512_040.0)))
    assert "steps 512000–512040" in shown[0]
    assert "512010" in shown[-1]
    assert shown[1].strip().startswith("6")


def test_a_window_in_another_unit_says_nothing() -> None:
    spec = spec_of(series([1.0] * 100), x_name="step")
    assert painted(spec, Lens("epoch", (1.0, 2.0), cursor=1.5)) == painted(spec, Lens("epoch"))


def test_the_smoothed_curve_lies_before_what_was_measured() -> None:
    rng = random.Random(1)
    points = series([rng.choice([0.0, 1.0]) for _ in range(500)])
    spec = ChartSpec("Loss", [Curve("train", points, 2)], "step")
    painter = ChartPainter()
    rows = painter.rows(spec, Lens("step", smoothing=0.97), 100, 14)
    assert "smoothed 0.97" in lines(rows)[0]
    styles = {style for row in rows[1:-1] for text, style in row if text.strip() and style.startswith("series")}
    assert styles == {"series1", "series2"}
    smooth = [y for y, row in enumerate(rows[1:-1]) for _, style in row if style == "series2"]
    assert max(smooth) - min(smooth) < 8


def test_a_learning_rate_is_never_smoothed() -> None:
    spec = spec_of(series([1.0] * 50 + [0.1] * 50), smooths=False)
    assert painted(spec, Lens(smoothing=0.9)) == painted(spec, Lens())


def test_a_band_around_a_curve_is_filled_between_its_edges() -> None:
    spec = spec_of(series([5.0] * 11), series([0.0, 10.0]), planned=10)
    spec.curves[0].low, spec.curves[0].high = series([3.0] * 11), series([7.0] * 11)
    shown = painted(spec, Lens(), 67, 12)
    filled = [line for line in shown if "░" in line]
    assert 3 <= len(filled) <= 8
    assert filled[0].count("░") >= 58
    lowest = ChartPainter()
    lowest.rows(spec, Lens(), 67, 12)
    assert lowest.axis is not None
    assert lowest.axis.low <= 3.0
    assert lowest.axis.high >= 7.0


def test_an_ascii_chart_is_ascii_in_all_its_parts() -> None:
    spec = spec_of(
        series([1.0, 0.0, 3.0]),
        series([2.0, math.nan, 1.0]),
        band=(0.5, 1.5),
        band_label="epochs 1–2",
        seams=(1.0,),
        seam_label="resumed 2×, last at epoch 1",
        marks=tuple(Mark(1.0, kind, "é") for kind in ("best", "lr", "override")),
    )
    spec.title = "Verlust größer"
    shown = painted(spec, Lens(marker="ascii", log_scale=True, cursor=1.0), 110, 16)
    assert "".join(shown).isascii()
    assert "Verlust gr??er" in shown[0]


def test_nine_series_are_told_apart_without_colours() -> None:
    for kind in get_args(MarkerKind):
        signs = Signs(kind, no_color=True)
        markers = [signs.marker(number) for number in range(2, 10)]
        assert len(set(markers)) == 8


@pytest.mark.parametrize(
    ("values", "says"),
    [([], "no values yet"), ([math.nan] * 4, "no finite value"), ([math.inf], "no finite value")],
)
@pytest.mark.parametrize("log", [None, True])
def test_without_anything_to_draw_the_chart_says_why(values: list[float], says: str, log: bool | None) -> None:
    assert says in "".join(painted(spec_of(series(values)), Lens(log_scale=log)))


def test_a_window_without_values_says_so() -> None:
    spec = spec_of(series([1.0] * 5), planned=100)
    assert "no values here" in "".join(painted(spec, Lens(window=(50.0, 60.0))))
