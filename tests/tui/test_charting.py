"""The keys and the mouse on the charts of the monitor."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from textual.events import MouseDown, MouseEvent, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp

from tests.tui.fakes import STEPS_PER_EPOCH, FakeRun, learning_run
from tests.tui.monitoring import MonitorPilot, Repaints, monitor
from training.runs.events import Epoch
from tui.monitor.lens import Lens, Looks
from tui.settings import recall
from tui.widgets.chart import GUTTER, Chart
from tui.widgets.spells import PAUSE, SECONDS, Spells


@pytest.fixture
def run(runs_dir: Path) -> FakeRun:
    return learning_run(runs_dir)


async def ready(screen: MonitorPilot, epochs: int = 12) -> list[Chart]:
    """The charts once the run is read and painted."""
    await screen.until(lambda: screen.screen.run.curves.epoch >= epochs)
    screen.screen.paint()
    await screen.pilot.pause()
    return screen.screen.charts


def heading(screen: MonitorPilot, chart: int = 0) -> str:
    return screen.text(f"chart{chart}").split("\n")[0]


async def test_zooming_in_and_out_goes_around_the_newest_value_and_is_said(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        first, second, _ = await ready(screen)
        assert first.limit == 20.0
        await screen.press("plus")
        low, high = screen.screen.lens.window or (0.0, 0.0)
        assert (low, high) == (3.25, 13.25)
        assert "epochs 3.2–13.2" in heading(screen)
        assert (first.limit, second.limit) == (high, high)
        await screen.press("equals_sign")
        assert screen.screen.lens.window == (7.625, 12.625)
        await screen.press("minus", "minus")
        assert screen.screen.lens.window is None
        assert "epochs" not in heading(screen)


async def test_zooming_ends_where_hardly_a_value_would_be_left_and_0_shows_the_whole_run(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        first, *_ = await ready(screen)
        await screen.press(*["plus"] * 40)
        low, high = screen.screen.lens.window or (0.0, 0.0)
        assert len(first.spec.curves[0].within(low, high)) >= 3  # type: ignore[union-attr]
        assert high - low < 8 / STEPS_PER_EPOCH
        assert "•" in screen.text("chart0")
        await screen.press("0")
        assert screen.screen.lens.window is None


async def test_a_zoomed_view_pans_and_stays_on_the_axis(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.press("L")
        assert screen.screen.lens.window is None
        await screen.press("plus", "plus", "H")
        assert screen.screen.lens.window == (6.375, 11.375)
        await screen.press("shift+left")
        assert screen.screen.lens.window == (5.125, 10.125)
        await screen.press(*["L"] * 20)
        assert screen.screen.lens.window == (15.0, 20.0)
        await screen.press(*["H"] * 40)
        assert screen.screen.lens.window == (0.0, 5.0)


async def test_a_window_at_the_newest_value_of_a_live_run_follows_it(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.press("plus", "plus", "plus")
        before = screen.screen.lens.window
        run.learn(5)
        await ready(screen, 17)
        low, high = screen.screen.lens.window or (0.0, 0.0)
        assert low <= 17.0 <= high
        assert before is not None
        assert high - low == pytest.approx(before[1] - before[0])


async def test_a_window_around_the_crosshair_stays_while_a_live_run_goes_on(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.press("x", "plus", "plus", "plus")
        lens = screen.screen.lens
        run.learn(5)
        await ready(screen, 17)
        assert screen.screen.lens == lens
        assert lens.cursor == 12.0
        await screen.press("x")
        low, high = screen.screen.lens.window or (0.0, 0.0)
        assert low <= 17.0 <= high  # it showed the newest value, and goes on doing so


async def test_window_and_crosshair_stay_at_their_place_of_the_run_when_the_axis_counts_something_else(
    run: FakeRun,
) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.press("plus", "plus", "H", "x", "left", "left", "left")
        before, values = screen.screen.lens, heading(screen).split("loss", 1)[-1]
        assert before.cursor is not None
        assert before.window is not None
        for unit in ("step", "time", "epoch"):
            await screen.press("t")
            lens = screen.screen.lens
            assert lens.unit == unit
            assert lens.cursor is not None
            assert lens.window is not None
            assert lens.window[0] < lens.cursor < lens.window[1]
        assert screen.screen.lens.cursor == pytest.approx(before.cursor)
        assert screen.screen.lens.window == pytest.approx(before.window, abs=0.1)
        assert heading(screen).split("loss", 1)[-1] == values


async def test_the_axes_go_through_epochs_steps_and_time(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        first, *_ = await ready(screen)
        seen = []
        for _ in range(3):
            await screen.press("t")
            seen.append((first.spec.x_name if first.spec else "", screen.text("chart0").split("\n")[-1].split()[0]))
        assert seen == [("step", "step"), ("time", "time"), ("epoch", "epoch")]
        await screen.press("t", "t")
        assert re.search(r"\d min", screen.text("chart0").split("\n")[-1])


async def test_a_unit_that_the_log_does_not_tell_is_passed_over_and_said(runs_dir: Path) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    for epoch in range(1, 5):
        run.write(Epoch(epoch=epoch, step=0, metrics={"train_loss": 1.0, "val_loss": 1.0}))
    async with monitor(run.folder) as screen:
        await ready(screen, 4)
        await screen.press("t")
        assert screen.screen.lens.unit == "epoch"
        assert "steps" in " ".join(note.message for note in screen.app._notifications)


async def test_smoothing_goes_up_and_down_between_none_and_most(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.press("right_square_bracket")
        assert "smoothed 0.6" in heading(screen)
        await screen.press(*["right_square_bracket"] * 9)
        assert screen.screen.lens.smoothing == 0.99
        await screen.press(*["left_square_bracket"] * 9)
        assert screen.screen.lens.smoothing == 0.0
        assert "smoothed" not in heading(screen)


async def test_markers_go_through_braille_blocks_and_ascii(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        assert re.search("[⠀-⣿]", screen.text("chart0"))
        await screen.press("M")
        assert re.search("[▖-▟▀▄█]", screen.text("chart0"))
        await screen.press("M")
        assert screen.text("chart0").isascii()
        await screen.press("M")
        assert screen.screen.lens.marker == "braille"


async def test_the_crosshair_tells_the_values_as_they_were_logged(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        first, *_ = await ready(screen)
        await screen.press("x")
        curves = screen.screen.run.curves
        steps, train, val = (
            curves.steps["train_loss"].y[-1], curves.epochs["train_loss"].y[-1], curves.epochs["val_loss"].y[-1]
        )  # fmt: skip
        shown = " ".join(screen.text("chart0").split())
        assert f"epoch 12 · step 539 ⣿ steps {steps:.6g} ⣿ train {train:.6g} ⣿ val {val:.6g}" in shown
        assert f"epoch 12 ⣿ train {100 * curves.epochs['train_acc'].y[-1]:.6g}%" in " ".join(
            screen.text("chart1").split()
        )
        assert sum(line[7:].count("│") for line in screen.text("chart0").split("\n")) >= 3
        frame = first.painter.frame
        assert frame is not None
        await screen.press("left")
        assert screen.screen.lens.cursor == pytest.approx(12 - (frame.high - frame.low) / frame.across, abs=0.03)
        await screen.press("l", "escape")
        assert screen.screen.lens.cursor is None
        assert screen.screen.is_current


async def test_zoomed_in_the_crosshair_moves_value_by_value_and_takes_the_window_along(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.press(*["plus"] * 7, "x")
        here = screen.screen.lens.cursor
        await screen.press("h")
        assert screen.screen.lens.cursor == pytest.approx((here or 0.0) - 1 / STEPS_PER_EPOCH)
        await screen.press("H")
        assert screen.screen.lens.cursor == pytest.approx((here or 0.0) - 11 / STEPS_PER_EPOCH)
        low, high = screen.screen.lens.window or (0.0, 0.0)
        assert low <= (screen.screen.lens.cursor or 0.0) <= high


async def test_values_that_are_no_numbers_are_spelled(runs_dir: Path) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.train_epoch(1.0, 1.0, 0.5, 0.5, 1e-3)
    run.train_epoch(float("nan"), float("inf"), 0.5, 0.5, 1e-3)
    async with monitor(run.folder) as screen:
        await ready(screen, 2)
        await screen.press("x")
        assert "train NaN" in screen.text("chart0")
        assert "val inf" in screen.text("chart0")


async def test_a_large_chart_stands_alone_until_tab_brings_the_panels_back(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.press("z")
        assert screen.panels == {"status", "chart0"}
        assert screen.screen.charts[0].size.width == 120
        await screen.press("right")
        assert heading(screen).startswith("Accuracy")
        await screen.press("tab")
        assert {"chart0", "chart1", "chart2", "diagnosis"} <= screen.panels
        await screen.press("z", "z")
        assert {"chart0", "chart1", "chart2", "diagnosis"} <= screen.panels


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_z_brings_a_chart_up_at_every_size(run: FakeRun, size: tuple[int, int]) -> None:
    async with monitor(run.folder, size) as screen:
        await ready(screen)
        await screen.press("tab", "z")
        assert "chart0" in screen.panels
        assert screen.screen.charts[0].size.width == size[0]


async def test_how_charts_are_looked_at_is_remembered_and_where_is_not(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.press("t", "right_square_bracket", "y", "M", "z", "plus", "x")
    assert recall("looks", Looks, Looks()) == Looks("step", 0.6, True, "block", True)
    async with monitor(run.folder) as screen:
        await ready(screen)
        assert screen.screen.lens == Lens("step", None, 0.6, True, "block", None)
        assert screen.screen.large
        assert screen.screen.charts[0].limit == 1000.0


@pytest.mark.parametrize("settings", [b'{"looks": 3}', b'{"looks": {"unit": "mile"}}', b'{"looks": {"smoothing": 7}}'])
async def test_looks_that_make_no_sense_cost_the_memory_alone(run: FakeRun, settings: bytes, tmp_path: Path) -> None:
    path = tmp_path / "state" / "traindeck" / "settings.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(settings)
    async with monitor(run.folder) as screen:
        assert screen.screen.lens == Lens()


def mouse(kind: type[MouseEvent], chart: Chart, column: int, *, button: int = 0, shift: bool = False) -> MouseEvent:
    """A mouse event at a column of the canvas."""
    at = (GUTTER + column, 3)
    return kind(chart, *at, 0, 0, button, shift, False, False, chart.region.x + at[0], chart.region.y + at[1])


async def test_the_wheel_zooms_around_the_pointer(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        first, *_ = await ready(screen)
        at = first.place_of(GUTTER + 20)
        first.post_message(mouse(MouseScrollUp, first, 20))
        await screen.until(lambda: screen.screen.lens.window is not None)
        await screen.pilot.pause()
        assert first.place_of(GUTTER + 20) == pytest.approx(at, abs=0.1)
        low, high = screen.screen.lens.window or (0.0, 0.0)
        assert high - low == pytest.approx(20 / 1.25)
        first.post_message(mouse(MouseScrollDown, first, 20))
        await screen.until(lambda: screen.screen.lens.window is None)


async def test_dragging_and_the_shifted_wheel_pan(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        first, *_ = await ready(screen)
        await screen.press("plus", "plus")
        window = screen.screen.lens.window
        assert window is not None
        first.post_message(mouse(MouseScrollUp, first, 20, shift=True))
        await screen.until(lambda: screen.screen.lens.window != window)
        assert (screen.screen.lens.window or (0.0,))[0] < window[0]
        await screen.press("0", "plus", "plus")
        frame = first.painter.frame
        assert frame is not None
        for kind, column in ((MouseDown, 30), (MouseMove, 35), (MouseMove, 40), (MouseUp, 40)):
            first.post_message(mouse(kind, first, column, button=1))
        moved = window[0] - 10 * (frame.high - frame.low) / frame.across
        await screen.until(lambda: (screen.screen.lens.window or (0.0,))[0] == pytest.approx(moved))
        assert screen.screen.lens.cursor is None


async def test_a_click_places_the_crosshair_and_the_mouse_then_moves_it(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        first, second, _ = await ready(screen)
        second.post_message(mouse(MouseMove, second, 10))
        await screen.pilot.pause()
        assert screen.screen.lens.cursor is None
        for kind in (MouseDown, MouseUp):
            second.post_message(mouse(kind, second, 10, button=1))
        await screen.until(lambda: screen.screen.lens.cursor is not None)
        assert screen.screen.lens.cursor == 3.0
        first.post_message(mouse(MouseMove, first, 20))
        await screen.until(lambda: screen.screen.lens.cursor != 3.0)
        assert screen.screen.lens.cursor == pytest.approx(first.place_of(GUTTER + 20), abs=1 / STEPS_PER_EPOCH)


async def test_the_footer_offers_what_can_be_done(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        await ready(screen)
        possible = {
            name: screen.screen.check_action(name, parameters)
            for name, parameters in (("whole", ()), ("pan", (1,)), ("across", (1,)), ("zoom", (1,)))
        }
        assert possible == {"whole": False, "pan": False, "across": True, "zoom": True}
        assert not screen.screen.check_action("zoom", (-1,))
        assert not screen.screen.check_action("smooth", (-1,))
        await screen.press("plus")
        assert screen.screen.check_action("whole", ())
        assert screen.screen.check_action("pan", (1,))


async def test_a_key_that_changes_nothing_repaints_nothing(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        charts = await ready(screen)
        await screen.press("plus")
        repaints = Repaints(charts)
        screen.screen.paint()
        await screen.pilot.pause()
        assert repaints.regions == []


async def test_moving_the_crosshair_repaints_its_columns_and_the_values(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        charts = await ready(screen)
        await screen.press("x", "left")
        repaints = Repaints(charts)
        await screen.press("left")
        rows = sum(chart.size.height for chart in charts)
        assert 0 < repaints.cells <= 4 * rows + 3 * 60


async def test_a_long_curve_is_smoothed_between_keys(run: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.widgets.chart.PART", 100)
    monkeypatch.setattr("tui.widgets.chart_spec.PART", 100)
    async with monitor(run.folder) as screen:
        first, *_ = await ready(screen)
        await screen.press("right_square_bracket")
        await screen.until(lambda: not first.painter.pending)
        assert first.spec is not None
        smooth = first.spec.curves[0].smooth
        assert smooth is not None
        assert len(smooth.y) == 12 * STEPS_PER_EPOCH


async def test_charts_smooth_one_at_a_time_with_room_for_keys_between(
    run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.widgets.chart.PART", 10)
    monkeypatch.setattr("tui.widgets.chart_spec.PART", 10)
    begun: list[float] = []

    class Noted(Spells):
        def begin(self) -> float:
            assert self.wait == 0
            begun.append(time.monotonic())
            return super().begin() - SECONDS + 5e-5  # enough for a part of one curve

    monkeypatch.setattr("tui.widgets.chart.SPELLS", Noted())
    async with monitor(run.folder) as screen:
        charts = await ready(screen)
        await screen.press("right_square_bracket")
        await screen.until(lambda: not any(chart.painter.pending for chart in charts))
    assert len(begun) >= 2
    assert all(b - a >= SECONDS + PAUSE for a, b in pairwise(begun))


async def test_marks_stand_under_the_charts_and_are_named_in_the_first(run: FakeRun) -> None:
    run.checkpoint("best")
    async with monitor(run.folder) as screen:
        await ready(screen)
        await screen.until(lambda: screen.screen.run.curves.checkpoints)
        screen.screen.paint()
        assert "★ best 12" in heading(screen)
        assert "★" not in heading(screen, 1)
        row = screen.text("chart1").split("\n")[-2]
        frame = screen.screen.charts[1].painter.frame
        assert frame is not None
        assert row.index("★") == GUTTER + frame.column(12.0)


async def test_a_chart_that_is_out_of_sight_does_not_go_on_smoothing(run: FakeRun) -> None:
    async with monitor(run.folder) as screen:
        first, *_ = await ready(screen)
        first.painter.pending = True
        first.display = False
        await screen.pilot.pause()
        called: list[int] = []
        original = first.update_rows
        first.update_rows = lambda: (called.append(1), original())[1]  # type: ignore[method-assign, func-returns-value]
        first.update_rows()
        for _ in range(3):
            await screen.pilot.pause()
        assert len(called) == 1
