"""A run that was interrupted and went on: one history in the monitor, with the seam marked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.builders import add_process, beat
from tests.tui.fakes import STEPS_PER_EPOCH, FakeRun, learning_run
from tests.tui.monitoring import SIZES, ChartScreen, Repaints, Stage, monitor, series, spec_of
from tests.tui.panels import text, words
from tests.tui.test_chart_widget import noisy
from tests.tui.test_monitor_model import monitored
from training.runs.events import Attempt
from tui.monitor.book import ChartBook
from tui.monitor.eventlog import log_rows
from tui.monitor.status import status_rows
from tui.widgets.chart import SEAM


def resumed_run(runs_dir: Path, down: float = 723.0) -> FakeRun:
    """Killed in its sixth epoch, resumed from the checkpoint of its third, and again in its sixth epoch."""
    run = FakeRun(runs_dir, live=True)
    run.begin()
    run.learn(3)
    checkpoint = run.checkpoint("last")
    run.learn(2)
    for _ in range(14):
        run.train_step(train_loss=9.0, lr=1e-3)
    run.go_on(checkpoint, down)
    run.learn(2)
    return run


def test_the_history_is_one_without_gap_or_duplicate(tmp_path: Path) -> None:
    run = monitored(resumed_run(tmp_path))
    losses = run.curves.steps["train_loss"]
    assert list(losses.x) == list(range(5 * STEPS_PER_EPOCH))
    assert 9.0 not in losses.y
    assert list(run.curves.epochs["val_loss"].x) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_status_names_the_attempt(tmp_path: Path, width: int) -> None:
    assert "digits-adam-0.001  attempt 2" in text(status_rows(monitored(resumed_run(tmp_path)), width, 5)[:1])


def test_a_run_that_was_never_interrupted_names_no_attempt(tmp_path: Path) -> None:
    run = monitored(learning_run(tmp_path))
    assert "attempt" not in text(status_rows(run, 120, 5))
    assert "attempt" not in text(log_rows(run, 80, 40))
    assert all(spec.seams == () for spec in ChartBook(run.curves).specs())


def test_the_event_log_says_what_happened_and_for_how_long_the_run_was_down(tmp_path: Path) -> None:
    shown = words(log_rows(monitored(resumed_run(tmp_path)), 60, 30))
    assert "attempt 2 went on from epoch 3, step 135; 104 steps done again." in shown
    assert "12:03 earlier: crashed: killed by signal 9" in shown
    assert shown.count("last checkpoint: epoch 3") == 0


def test_an_attempt_that_failed_before_it_went_on_leaves_the_history_and_no_seam(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(2)
    run.attempt += 1
    run.write(Attempt(run=run.folder.id, epochs=30, from_seq=run.seq, from_step=80, why="crashed: killed by signal 9"))
    run.finish("the data are gone", state="failed")
    seen = monitored(run)
    assert (seen.curves.step, seen.curves.epoch) == (2 * STEPS_PER_EPOCH, 2)
    assert ChartBook(seen.curves).specs()[0].seams == ()
    shown = words(log_rows(seen, 80, 30))
    assert "attempt 2 began, but did not come to go on" in shown
    assert "failed after epoch 2: the data are gone" in shown


def test_the_time_that_the_run_was_down_is_no_part_of_its_pace(tmp_path: Path) -> None:
    run = monitored(resumed_run(tmp_path, down=30.0))
    assert run.pace.steps_per_second() == pytest.approx(STEPS_PER_EPOCH / 9.0, rel=0.02)


def test_every_chart_marks_where_the_run_went_on(tmp_path: Path) -> None:
    specs = ChartBook(monitored(resumed_run(tmp_path)).curves).specs()
    assert [(spec.seams, spec.seam_label) for spec in specs] == [((3.0,), "resumed at epoch 3")] * len(specs)


def test_several_interruptions_are_counted_and_those_that_a_later_one_went_back_behind_are_not(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, live=True)
    run.begin()
    run.learn(2)
    first = run.checkpoint("last")
    run.learn(2)
    second = run.checkpoint("last")
    run.go_on(second)
    run.go_on(first)
    run.learn(3)
    third = run.checkpoint("last")
    run.go_on(third)
    spec = ChartBook(monitored(run).curves).specs()[0]
    assert spec.seams == (2.0, 5.0)
    assert spec.seam_label == "resumed 2×, last at epoch 5"


async def test_the_mark_stands_at_its_place_behind_the_curve() -> None:
    spec = spec_of(series([1.0] * 101), x_name="step", planned=100)
    spec.seams, spec.seam_label = (50.0,), "resumed at epoch 3"
    screen = ChartScreen(spec)
    async with Stage(screen).run_test(size=(87, 12)) as pilot:
        await pilot.pause()
        rows = screen.charts[0].text.split("\n")
    columns = {row.index(SEAM[0]) for row in rows[1:-1] if SEAM[0] in row}
    assert columns == {7 + 40}
    assert sum(SEAM[0] in row for row in rows[1:-1]) == len(rows) - 3  # all but the row of the curve
    assert f"{SEAM[0]} resumed at epoch 3" in rows[0]


async def test_a_legend_without_room_still_says_what_the_mark_is() -> None:
    spec = spec_of(series([1.0, 2.0]), series([1.0, 2.0]))
    spec.seams, spec.seam_label = (1.0,), "resumed at epoch 3"
    screen = ChartScreen(spec)
    async with Stage(screen).run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        assert screen.charts[0].text.split("\n")[0].endswith(f"{SEAM[0]} resumed")


async def test_a_mark_costs_no_repaint_of_a_growing_curve() -> None:
    points = series(noisy(400))
    spec = spec_of(points, x_name="step", planned=1000)
    spec.seams, spec.seam_label = (100.0, 300.0), "resumed 2×"
    screen = ChartScreen(spec)
    async with Stage(screen).run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        [chart] = screen.charts
        repaints = Repaints([chart])
        chart.update_rows()
        assert repaints.regions == []
        points.append(400, 0.3)
        chart.update_rows()
        assert 0 < repaints.cells <= 6


@pytest.mark.parametrize("size", SIZES)
async def test_a_dead_run_that_goes_on_is_live_in_the_same_monitor(runs_dir: Path, size: tuple[int, int]) -> None:
    run = FakeRun(runs_dir, live=True)
    run.begin()
    run.learn(2)
    checkpoint = run.checkpoint("last")
    run.learn(1)
    run.crash(signal=9)
    async with monitor(run.folder, size) as screen:
        await screen.shows("† crashed", "status")
        add_process(run.folder)
        beat(run.folder, 0.0)
        run.go_on(checkpoint)
        run.learn(2)
        await screen.shows("▶ running", "status")
        await screen.shows("epoch 4/30", "status")
        assert "attempt 2" in screen.text("status")
        assert screen.panels >= {"chart0"}
