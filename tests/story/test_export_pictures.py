"""Charts as SVG and PNG: what is drawn is what was measured."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.story.reading_svg import ReadSvg
from training.story.export.figure import Figure, FigureCurve, FigureMark, smooth
from training.story.export.layout import compose
from training.story.export.png import png
from training.story.export.scene import GROUND, SERIES, SHADE, Area, Stroke
from training.story.export.svg import svg

EPOCHS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
TRAIN = FigureCurve("train", EPOCHS, [2.0, 1.5, 1.2, 0.9, 0.7, 0.6], 2)
VAL = FigureCurve("val", EPOCHS, [2.1, 1.7, 1.1, 1.0, 1.1, 1.3], 3)
LOSS = Figure("Loss", (TRAIN, VAL), runs="digits")
ODD = [float("nan"), float("inf"), float("-inf"), 0.0, -1.0, 1.0, 1e30, -1e308, 1e308, 5e-324, 1e-300]
values = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from(ODD)


def drawn(figure: Figure, width: int = 1200, height: int = 700) -> ReadSvg:
    return ReadSvg.of(svg(compose([figure], width, height)))


# SVG


def test_the_points_of_a_curve_lie_where_the_axes_say() -> None:
    picture = drawn(LOSS)
    across, down = picture.axes()
    for curve in (TRAIN, VAL):
        _, line = picture.lines(SERIES[curve.series])
        assert [across(x) for x, _ in line] == pytest.approx(curve.x, abs=0.01)
        assert [down(y) for _, y in line] == pytest.approx(curve.y, abs=0.005)


def test_on_a_logarithmic_axis_they_lie_where_its_ticks_say_too() -> None:
    curve = replace(TRAIN, y=[1000.0, 100.0, 10.0, 1.0, 0.1, 0.02])
    picture = drawn(replace(LOSS, curves=(curve,), log_scale=True))
    assert "log scale" in picture.texts
    _, down = picture.axes(math.log10)
    _, line = picture.lines(SERIES[2])
    assert [down(y) for _, y in line] == pytest.approx([math.log10(y) for y in curve.y], abs=0.02)


def test_steps_lie_among_epochs_where_they_were_done() -> None:
    steps = FigureCurve(
        "steps", range(600), [3 - index / 300 for index in range(600)], 1, lambda step: (step + 1) / 100
    )
    picture = drawn(replace(LOSS, curves=(steps, TRAIN)))
    across, down = picture.axes()
    line = picture.lines(SERIES[1])[1]
    assert len(line) == 600
    assert (across(line[299][0]), down(line[299][1])) == pytest.approx((3.0, 3 - 299 / 300), abs=0.01)


def test_a_long_curve_is_drawn_by_the_extremes_of_each_column() -> None:
    length = 200_000
    noisy = [1.0 + 0.1 * math.sin(index) for index in range(length)]
    noisy[123_456] = 9.0
    noisy[50] = -4.0
    picture = drawn(Figure("Loss", (FigureCurve("loss", range(length), noisy, 2),), x_name="step"))
    across, down = picture.axes()
    line = picture.lines(SERIES[2])[1]
    assert len(line) <= 2 * 1200
    highest = min(line, key=lambda spot: spot[1])
    lowest = max(line, key=lambda spot: spot[1])
    assert (across(highest[0]), down(highest[1])) == pytest.approx((123_456, 9.0), rel=0.01)
    assert down(lowest[1]) == pytest.approx(-4.0, abs=0.02)


def test_a_value_that_is_not_finite_breaks_the_line_and_is_named() -> None:
    curve = replace(TRAIN, y=[2.0, 1.5, math.nan, 0.9, 0.7, math.inf])
    picture = drawn(replace(LOSS, curves=(curve,)))
    assert [len(line) for line in picture.lines(SERIES[2])[1:]] == [2, 2]
    assert "! train: NaN at epoch 3" in picture.texts


def test_marks_stand_at_their_place_with_their_names() -> None:
    marks = (FigureMark(4, "best", "best, epoch 4"), FigureMark(2, "resumed", "resumed at epoch 2"))
    scene = compose([replace(LOSS, marks=marks, stretch=(4, 6), stretch_label="epochs 5–6")], 1200, 700)
    picture = ReadSvg.of(svg(scene))
    across, _ = picture.axes()
    assert {"best, epoch 4", "resumed at epoch 2", "epochs 5–6"} <= set(picture.texts)
    upright = [shape.points for shape in scene.shapes if isinstance(shape, Stroke) and shape.dash]
    assert [across(points[0][0]) for points in upright] == pytest.approx([2, 4], abs=0.02)
    shade = [shape for shape in scene.shapes if isinstance(shape, Area) and shape.colour == SHADE][-1]
    assert [across(x) for x, _ in shade.points[:2]] == pytest.approx([4, 6], abs=0.02)


def test_the_names_of_marks_that_would_touch_are_left_out_but_not_their_lines() -> None:
    marks = tuple(FigureMark(3 + index / 50, "override", f"learning rate {index}") for index in range(8))
    scene = compose([replace(LOSS, marks=marks)], 1200, 700)
    assert sum("learning rate" in text for text in ReadSvg.of(svg(scene)).texts) == 1
    assert sum(isinstance(shape, Stroke) and shape.dash is not None for shape in scene.shapes) == 8


def test_names_from_outside_are_text_and_nothing_else() -> None:
    name = '<script>alert("&")</script>\x1b[31m\x00\u202e'
    figure = replace(LOSS, runs=name, curves=(replace(TRAIN, name=name), VAL))
    data = svg(compose([figure], 1200, 700))
    assert b"<script" not in data
    assert '<script>alert("&")</script>' in ReadSvg.of(data).texts
    assert {element.tag.rpartition("}")[2] for element in ReadSvg.of(data).root.iter()} <= {
        "svg", "title", "polyline", "polygon", "text",
    }  # fmt: skip


def test_a_band_lies_between_its_edges() -> None:
    curve = replace(TRAIN, low=[y - 0.5 for y in TRAIN.y], high=[y + 0.5 for y in TRAIN.y])
    scene = compose([replace(LOSS, curves=(curve,))], 1200, 700)
    _, down = ReadSvg.of(svg(scene)).axes()
    band = next(shape for shape in scene.shapes if isinstance(shape, Area) and shape.opacity < 1)
    assert [down(y) for _, y in band.points[:6]] == pytest.approx(curve.high, abs=0.01)
    assert [down(y) for _, y in band.points[6:]] == pytest.approx(list(reversed(curve.low)), abs=0.01)


def test_smoothing_begins_at_the_first_value_and_leaves_what_was_measured_behind() -> None:
    figure = smooth(replace(LOSS, curves=(replace(TRAIN, y=[4.0, 2.0, math.nan, 2.0, 2.0, 2.0]),)), 0.5)
    measured, smoothed = figure.curves
    assert list(measured.y[:2]) == [4.0, 2.0]
    assert measured.series == 1
    assert smoothed.y[0] == 4.0
    assert smoothed.y[1] == pytest.approx((4 * 0.25 + 2 * 0.5) / 0.75)
    assert math.isnan(smoothed.y[2])
    assert smoothed.y[3] == pytest.approx((4 * 0.125 + 2 * 0.25 + 2 * 0.5) / 0.875)
    assert "smoothed, weight 0.5" in drawn(figure).texts


def test_what_is_set_is_not_smoothed() -> None:
    figure = replace(LOSS, smooths=False)
    assert smooth(figure, 0.9) is figure


def test_a_window_shows_its_stretch_alone() -> None:
    picture = drawn(replace(LOSS, window=(2.0, 4.0)))
    across, _ = picture.axes()
    assert [across(x) for x, _ in picture.lines(SERIES[2])[1]] == pytest.approx([2, 3, 4], abs=0.01)


def test_in_a_window_between_two_points_the_line_between_them_passes() -> None:
    picture = drawn(replace(LOSS, curves=(TRAIN,), window=(2.25, 2.75)))
    across, down = picture.axes()
    line = [(across(x), down(y)) for x, y in picture.lines(SERIES[2])[1]]
    assert line == [pytest.approx((2.25, 1.425), abs=0.01), pytest.approx((2.75, 1.275), abs=0.01)]


def test_an_axis_that_cannot_be_logarithmic_says_so() -> None:
    texts = drawn(replace(LOSS, curves=(replace(TRAIN, y=[1, 2, 0, 3, 4, 5]),), log_scale=True)).texts
    assert "not logarithmic: a value is not positive" in texts


@pytest.mark.parametrize(
    ("curves", "words"), [((), "no values yet"), ((replace(VAL, y=[math.nan] * 6),), "no finite value")]
)
def test_a_chart_without_a_value_says_so(curves: tuple[FigureCurve, ...], words: str) -> None:
    assert words in drawn(replace(LOSS, curves=curves)).texts


@given(
    st.lists(values, max_size=30),
    st.booleans(),
    st.sampled_from([None, True, False]),
    st.sampled_from([(120, 120), (400, 300), (1200, 700)]),
)
def test_whatever_was_logged_every_shape_lies_in_the_picture(
    ys: list[float], percent: bool, log: bool | None, size: tuple[int, int]
) -> None:
    curve = FigureCurve("loss", range(len(ys)), ys, 2)
    figure = Figure("Loss", (curve,), percent=percent, log_scale=log, may_log=True, x_name="step")
    scene = compose([figure, smooth(figure, 0.9)], *size)
    for shape in scene.shapes:
        for x, y in shape.points if isinstance(shape, Stroke | Area) else [shape.at]:
            assert math.isfinite(x)
            assert math.isfinite(y)
            assert -size[0] * 0.02 <= x <= size[0] * 1.02
    ReadSvg.of(svg(scene))


# PNG


def opened(figure: Figure, width: int = 1200, height: int = 700) -> Image.Image:
    image = Image.open(io.BytesIO(png(compose([figure], width, height))))
    image.load()
    return image


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def near(pixel: Any, colour: str) -> bool:
    return all(abs(a - b) <= 12 for a, b in zip(pixel, rgb(colour), strict=True))


def test_a_png_shows_each_series_in_its_colour_where_its_points_are() -> None:
    image = opened(LOSS)
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (1200, 700))
    assert near(image.getpixel((2, 2)), GROUND)
    scene = compose([LOSS], 1200, 700)
    for series in (2, 3):
        lines = [shape for shape in scene.shapes if isinstance(shape, Stroke) and shape.colour == SERIES[series]]
        first = lines[1].points[0]
        assert near(image.getpixel((round(first[0]), round(first[1]))), SERIES[series])
        # Below the second point there is neither curve nor marker.
        x, y = lines[1].points[1]
        below = [image.getpixel((round(x), round(y) + down)) for down in (60, 65)]
        assert not any(near(pixel, SERIES[series]) for pixel in below)


def test_a_png_holds_the_words_of_the_heading_as_ink() -> None:
    with_title, without = (opened(replace(LOSS, title=title, runs="")) for title in ("Loss", ""))
    heading = (0, 0, 300, 34)
    assert with_title.crop(heading).getcolors() != without.crop(heading).getcolors()
    assert without.crop(heading).getcolors() == [(300 * 34, rgb(GROUND))]


def test_letters_that_no_font_has_do_not_stop_a_png() -> None:
    assert opened(replace(LOSS, runs="中文 \ud800 🚀 \x00"), 400, 300).size == (400, 300)


def test_without_fonts_of_the_system_pillows_own_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    from training.story.export import png as module

    monkeypatch.setattr(module, "FONTS", {False: "no-such-font.ttf", True: "no-such-font.ttf"})
    module._font.cache_clear()
    try:
        colours = opened(LOSS).crop((0, 0, 300, 34)).getcolors(100_000)
    finally:
        module._font.cache_clear()
    assert colours is not None
    assert len(colours) > 5
