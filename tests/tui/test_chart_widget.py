"""Charts on a screen: what they draw, and how little they repaint."""

from __future__ import annotations

import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.events import Resize
from textual.pilot import Pilot

from tests.tui.driving import until
from tests.tui.monitoring import ChartScreen, Repaints, Stage, series, spec_of
from tui.widgets.chart import Chart, ChartSpec
from tui.widgets.frames import SpanUpdate
from tui.widgets.spans import update_all


@asynccontextmanager
async def charts(
    *specs: ChartSpec, size: tuple[int, int] = (60, 12), no_color: bool = False
) -> AsyncIterator[tuple[Pilot[None], list[Chart]]]:
    screen = ChartScreen(*specs)
    async with Stage(screen, no_color).run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, screen.charts


def drawn(chart: Chart) -> str:
    """The cells of the canvas that hold ink."""
    body = chart.text.split("\n")[1:-1]
    return "".join(line[7:] for line in body).replace(" ", "")


def noisy(count: int) -> list[float]:
    rng = random.Random(1)
    return [2.0 * math.exp(-4 * x / count) + 0.1 * rng.random() for x in range(count)]


@pytest.mark.parametrize("count", [200, 20_000])
async def test_what_is_handed_to_plotext_depends_on_the_width_only(count: int) -> None:
    async with charts(spec_of(series(noisy(count)))) as (_, [chart]):
        width = chart.size.width
        assert 0 < chart.canvas.plotted <= 4 * width


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([], "no values yet"),
        ([math.nan] * 5, "no finite value"),
        ([0.5], "•"),
        ([0.001] * 50, "0.0010┤⣀⣀"),
        ([1.0, 1e30, 1e29, 1e30], "1e30"),
        ([-1e30, 1e30, -1e30], "1e30"),
        ([1e308, -1e308, 1.0], "1e300"),
        ([0.0] * 10, "0.0"),
    ],
)
async def test_odd_curves_are_drawn_sensibly(values: list[float], says: str) -> None:
    async with charts(spec_of(series(values), may_log=True)) as (_, [chart]):
        assert says in chart.text


async def test_a_nan_is_a_gap_in_the_line_and_named_with_its_step() -> None:
    values = [1.0] * 20 + [math.nan] * 20 + [1.0] * 20
    async with charts(spec_of(series(values), x_name="step", planned=59)) as (_, [chart]):
        assert "curve0 NaN at step 20" in chart.text
        line = next(line for line in chart.text.split("\n") if "⣀" in line or "⠤" in line or "⠒" in line)
        assert "    " in line[7:].rstrip()


async def test_an_exploding_loss_gets_a_log_axis_that_says_so() -> None:
    values = [2.3 + 0.01 * x for x in range(60)] + [10.0**x for x in range(20)]
    async with charts(spec_of(series(values), may_log=True)) as (_, [chart]):
        assert chart.axis is not None
        assert chart.axis.log
        assert "log" in chart.text.split("\n")[0]


async def test_the_scale_can_be_chosen() -> None:
    async with charts(spec_of(series([1.0, 10.0, 100.0]))) as (_, [chart]):
        chart.log_scale = True
        chart.update_rows()
        assert chart.axis is not None
        assert chart.axis.log


async def test_nothing_is_repainted_where_nothing_changed() -> None:
    async with charts(spec_of(series(noisy(500)))) as (pilot, [chart]):
        repaints = Repaints([chart])
        chart.update_rows()
        await pilot.pause()
        assert repaints.regions == []


async def test_a_new_point_repaints_a_few_cells_and_keeps_the_axes() -> None:
    points = series(noisy(400))
    async with charts(spec_of(points, x_name="step", planned=1000)) as (_, [chart]):
        repaints = Repaints([chart])
        axis = chart.axis
        points.append(400, 0.3)
        chart.update_rows()
        assert 0 < repaints.cells <= 6
        assert chart.axis is axis


async def test_a_chart_that_is_not_shown_is_not_drawn() -> None:
    points = series(noisy(100))
    async with charts(spec_of(points), spec_of(points)) as (pilot, [shown, hidden]):
        hidden.display = False
        await pilot.pause()
        points.append(100, 0.5)
        repaints = Repaints([hidden])
        update_all([shown, hidden])
        assert repaints.regions == []
        assert shown.canvas.plotted > 0


async def test_a_partial_update_sends_the_changed_cells_and_no_more() -> None:
    points = series(noisy(400))
    async with charts(spec_of(points, x_name="step", planned=1000), size=(140, 40)) as (pilot, [chart]):
        points.append(400, 0.3)
        chart.update_rows()
        compositor = chart.screen._compositor
        compositor.update_widgets({chart})
        update = compositor.render_partial_update()
        assert isinstance(update, SpanUpdate)
        assert 0 < len(update.render_segments(pilot.app.console).encode()) < 150


async def test_without_colours_the_legend_tells_the_series_by_their_markers() -> None:
    spec = spec_of(series([2.0, 1.9]), series([1.0, 0.9]), series([0.5, 0.6]))
    async with charts(spec, no_color=True) as (_, [chart]):
        assert "⣿ curve0  • curve1  x curve2" in chart.text
        assert {"•", "x"} <= set(drawn(chart))


async def test_charts_of_a_run_share_their_x_axis() -> None:
    long, short = spec_of(series([1.0] * 50)), spec_of(series([1.0] * 3))
    for spec in (long, short):
        spec.reached = 49
    async with charts(long, short) as (_, [first, second]):
        assert first.limit == second.limit == 50


async def test_after_a_resize_nothing_of_the_old_picture_is_left() -> None:
    spec = spec_of(series([]), empty="a message that stands in the middle of the chart")
    async with charts(spec) as (pilot, [chart]):
        await pilot.resize_terminal(60, 9)
        await until(pilot, lambda: chart.size.height == 9)
        shown = ["".join(text for text, *_ in strip) for strip in chart.screen._compositor.render_strips()]
        assert "\n".join(line.rstrip() for line in shown).rstrip() == chart.text.rstrip()


async def test_a_size_that_leaves_no_room_shows_the_title() -> None:
    async with charts(spec_of(series([1.0, 2.0])), size=(9, 2)) as (_, [chart]):
        assert "Loss" in chart.text


async def test_another_theme_recolours_the_chart() -> None:
    async with charts(spec_of(series([1.0, 2.0]))) as (pilot, [chart]):
        before = chart.render_line(0)
        pilot.app.theme = "traindeck-light"
        await pilot.pause()
        assert chart.render_line(0) != before
        assert chart.render_line(0).text == before.text


async def test_news_that_draw_a_chart_before_it_hears_of_its_size_do_not_leave_it_empty() -> None:
    async with charts(spec_of(series(noisy(200)))) as (_, [chart]):
        drawn = chart.text
        assert drawn
        chart.on_resize(Resize(chart.size, chart.size))
        assert chart.text == drawn


def shaded(chart: Chart) -> list[tuple[int, int]]:
    """Of each canvas row, the first and the last column that are shaded."""
    found = []
    for row in chart._rows[1:-1]:
        styles = [style for text, style in row for _ in text][7:]
        columns = [at for at, style in enumerate(styles) if style.startswith("band-")]
        found.append((columns[0], columns[-1]) if columns else (-1, -1))
    return found


@pytest.mark.parametrize("no_color", [False, True])
async def test_a_band_is_shaded_behind_the_curves_and_bracketed_on_the_axis(no_color: bool) -> None:
    spec = spec_of(series(noisy(101)), planned=100, band=(40.0, 60.0), band_label="epochs 41–60")
    async with charts(spec, size=(107, 12), no_color=no_color) as (_, [chart]):
        assert set(shaded(chart)) == {(40, 60)}
        axis = chart.text.split("\n")[-1]
        assert (axis.index("┝"), axis.index("┥")) == (7 + 40, 7 + 60)
        assert "50" in axis[47:67]
        assert "━ epochs 41–60" in chart.text.split("\n")[0]


async def test_a_band_of_one_column_and_one_beyond_the_axis_are_marked_too() -> None:
    spec = spec_of(series(noisy(101)), planned=100, band=(40.0, 40.2))
    async with charts(spec, size=(107, 12)) as (_, [chart]):
        assert set(shaded(chart)) == {(40, 40)}
        assert chart.text.split("\n")[-1][47] == "▲"
        spec.band = (90.0, 1e9)
        chart.update_rows()
        assert set(shaded(chart)) == {(90, 99)}
        assert chart.text.split("\n")[-1].rstrip().endswith("┥")


async def test_no_label_of_the_axis_stands_on_a_bracket() -> None:
    for first in range(0, 100, 7):
        spec = spec_of(series(noisy(101)), planned=100, band=(float(first), first + 9.0))
        async with charts(spec, size=(67, 8)) as (_, [chart]):
            axis = chart.text.split("\n")[-1]
            assert axis.count("┝") == axis.count("┥") == 1


async def test_another_band_repaints_the_columns_that_it_leaves_and_takes() -> None:
    points = series(noisy(20_000))
    spec = spec_of(points, planned=20_000, band=(8000.0, 12000.0))
    async with charts(spec, size=(107, 12)) as (_, [chart]):
        plotted = chart.canvas.plotted
        repaints = Repaints([chart])
        chart.update_rows()
        assert repaints.regions == []
        spec.band = (8000.0, 12400.0)
        chart.update_rows()
        assert 0 < repaints.cells <= 2 * chart.size.height + 40
        assert chart.canvas.plotted <= plotted


async def test_without_a_band_nothing_is_shaded() -> None:
    async with charts(spec_of(series(noisy(100)))) as (_, [chart]):
        assert set(shaded(chart)) == {(-1, -1)}
        assert "┝" not in chart.text


async def test_what_a_terminal_would_obey_never_leaves_a_row() -> None:
    spec = spec_of(series([0.1, 0.2]))
    spec.title = "a\x1b]0;owned\x07\x9b31m\nb\u202e"
    async with charts(spec) as (_, [chart]):
        painted = "".join(segment.text for segment in chart.render_line(0))
        assert painted.startswith("a]0;owned31mb ")
        assert len(painted) == chart.size.width
