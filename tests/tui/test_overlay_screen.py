"""The overlay: several runs over each other."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tui.fakes import FakeRun
from tests.tui.monitoring import Repaints
from tests.tui.overlaying import overlay, run_of, seeds_of
from training.config.schema import TrainingConfig
from training.story.versus import aligned as tables
from training.story.versus import verdict
from tui.app import TraindeckApp
from tui.overlay import judging, news, reading
from tui.screens import overlay_following
from tui.screens.copy_text import CopyScreen
from tui.screens.monitor import MonitorScreen
from tui.screens.overlay import OverlayScreen
from tui.widgets.spans import SpanView

SIZES = [(120, 40), (80, 24), (40, 12)]


def pair(runs_dir: Path) -> list[FakeRun]:
    return [run_of(runs_dir, "parent", level=1.5, learning_rate=0.1), run_of(runs_dir, "child", level=0.2)]


async def test_curves_list_and_verdict_of_two_runs(runs_dir: Path) -> None:
    async with overlay(pair(runs_dir)) as app:
        await app.shows("2 runs against parent")
        await app.shows("better: val_loss")
        assert app.drawn == ["parent", "child"]
        assert app.titles[:2] == ["Validation loss", "Validation accuracy"]
        assert "= base" in app.text("overlay-runs")
        assert "↑" in app.text("overlay-runs")


@pytest.mark.parametrize("size", SIZES)
async def test_tab_goes_through_everything_at_every_size(runs_dir: Path, size: tuple[int, int]) -> None:
    wanted = {"Verdict against parent", "Settings that differ", "Metrics at equal epochs", "Runs 2"}
    async with overlay(pair(runs_dir), size) as app:
        seen = ""
        for _ in range(5):
            await app.pilot.pause()
            seen += f" {' '.join(app.text().split())}"
            await app.press("tab")
        assert all(words in seen for words in wanted)
        await app.press("shift+tab")


async def test_another_baseline_turns_the_verdict_round(runs_dir: Path) -> None:
    async with overlay(pair(runs_dir)) as app:
        await app.shows("better: val_loss")
        await app.press("b")
        await app.shows("against child")
        await app.shows("worse: val_loss")
        assert app.screen.check_action("baseline", ()) is False


async def test_a_run_can_be_hidden_and_shown_again(runs_dir: Path) -> None:
    async with overlay(pair(runs_dir)) as app:
        await app.until(lambda: app.drawn == ["parent", "child"])
        await app.press("space")
        assert app.drawn == ["parent"]
        assert "○" in app.text("overlay-runs")
        await app.press("up", "space")
        assert "All runs are hidden" in app.text()
        await app.press("space")
        assert app.drawn == ["parent"]


async def test_seeds_are_one_curve_with_a_band_until_g_shows_each(runs_dir: Path) -> None:
    async with overlay([run_of(runs_dir, "a", learning_rate=0.1), *seeds_of(runs_dir, "b", 3, 0.2)]) as app:
        await app.until(lambda: app.drawn == ["a", "b ×3"])
        spec = app.screen.charts[0].spec
        assert spec is not None
        assert spec.curves[1].low is not None
        assert "± " in app.text("overlay-runs")
        await app.press("g")
        assert app.drawn == ["a", "b-seed-0", "b-seed-1", "b-seed-2"]
        await app.press("G")
        assert len(app.drawn) == 4


async def test_without_seeds_there_is_nothing_to_group(runs_dir: Path) -> None:
    async with overlay(pair(runs_dir)) as app:
        assert app.screen.check_action("group", ()) is False


async def test_a_live_run_is_followed(runs_dir: Path) -> None:
    live = run_of(runs_dir, "live", epochs=3, live=True)
    async with overlay([run_of(runs_dir, "a", learning_rate=0.1), live]) as app:
        await app.shows("all have epoch 3")
        live.train_epoch(0.2, 0.3, 0.9, 0.9, 1e-3)
        await app.shows("all have epoch 4")
        live.finish()
        await app.until(lambda: app.screen.overlaid.runs[1].state == "finished")


async def test_a_run_that_disappears_says_so_and_the_others_stay(runs_dir: Path) -> None:
    runs = pair(runs_dir)
    async with overlay(runs) as app:
        await app.shows("better: val_loss")
        shutil.rmtree(runs[1].folder.path)
        await app.shows("✗ gone")
        assert app.drawn == ["parent", "child"]
        assert app.screen.check_action("open", ()) is False


async def test_runs_without_values_foreign_ones_and_missing_ones_are_fine(runs_dir: Path) -> None:
    reported = run_of(runs_dir, "reported", level=0.4)
    reported.folder.config.unlink()
    reported.change_summary(kind="reported")
    missing = FakeRun(runs_dir, "missing")
    missing.folder.summary.unlink()
    runs = [run_of(runs_dir, "a"), FakeRun(runs_dir, "empty", config=TrainingConfig(epochs=5)), reported, missing]
    async with overlay(runs) as app:
        await app.until(lambda: app.drawn[:1] == ["a"])
        for _ in range(4):
            await app.press("tab")
        await app.press("down", "down", "b")
        await app.shows("against missing")


async def test_one_run_alone_says_how_to_compare_it(runs_dir: Path) -> None:
    async with overlay([run_of(runs_dir, "a")]) as app:
        await app.shows("There is nothing to compare it with")


async def test_the_chart_keys_work_here_too(runs_dir: Path) -> None:
    async with overlay(pair(runs_dir)) as app:
        await app.until(lambda: app.drawn == ["parent", "child"])
        await app.press("x")
        assert app.screen.lens.cursor == 12
        await app.press("escape")
        assert app.screen.lens.cursor is None
        assert app.screen.is_current
        await app.press("t")
        assert app.screen.charts[0].spec is not None
        assert app.screen.charts[0].spec.x_name == "step"
        await app.press("z")
        assert len(app.titles) == 1
        await app.press("tab")
        assert len(app.titles) > 1


async def test_marking_a_run_brings_its_verdict_into_sight(runs_dir: Path) -> None:
    runs = [run_of(runs_dir, f"r{n}", learning_rate=0.001 * (n + 1)) for n in range(9)]
    async with overlay(runs, (80, 24)) as app:
        await app.shows("Verdict")
        await app.press("G", *["down"] * 7)
        assert "r8" in app.text("overlay-table")
        await app.press("pageup", "pageup", "pageup", "pageup")
        assert "Verdict" in app.text("overlay-table")


async def test_a_click_marks_a_run(runs_dir: Path) -> None:
    runs = [run_of(runs_dir, f"r{n}", learning_rate=0.001 * (n + 1)) for n in range(4)]
    async with overlay(runs) as app:
        await app.shows("Runs 4")
        await app.pilot.click("#overlay-runs", offset=(4, 4))
        await app.pilot.pause()
        assert app.screen.side.name == "r3"


async def test_the_tables_can_be_copied(runs_dir: Path) -> None:
    async with overlay(pair(runs_dir)) as app:
        await app.shows("better: val_loss")
        await app.press("Y")
        assert isinstance(app.app.screen, CopyScreen)
        assert "learning_rate" in app.app.screen.text


async def test_enter_watches_the_marked_run_and_q_goes_back(runs_dir: Path) -> None:
    runs = pair(runs_dir)
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = OverlayScreen([run.folder for run in runs])
        await app.push_screen(screen)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, MonitorScreen)
        assert app.screen.folder == runs[1].folder
        app.pop_screen()
        await pilot.press("q")
        await pilot.pause()
        assert not screen.is_attached


async def test_an_epoch_of_one_of_many_runs_repaints_little(runs_dir: Path) -> None:
    runs = [run_of(runs_dir, f"r{n}", live=True, learning_rate=0.001 * (n + 1)) for n in range(20)]
    async with overlay(runs, (140, 40)) as app:
        await app.shows("all have epoch 12")
        await app.press("tab")
        repaints = Repaints(list(app.screen.query(SpanView)))
        runs[5].train_epoch(0.2, 0.4, 0.9, 0.9, 1e-3)
        await app.until(lambda: app.screen.overlaid.runs[5].curves.epoch == 13)
        await app.until(lambda: bool(repaints.regions))
        await app.pilot.pause()
        assert repaints.cells < 140 * 40 / 4


async def test_nothing_is_painted_while_nothing_is_new(runs_dir: Path) -> None:
    async with overlay(pair(runs_dir)) as app:
        await app.shows("better: val_loss")
        repaints = Repaints(list(app.screen.query(SpanView)))
        revision = app.screen.overlaid.revision
        app.screen.paint()
        await app.pilot.pause()
        assert repaints.regions == []
        assert app.screen.overlaid.revision == revision


async def test_runs_are_judged_by_the_thread_that_reads_them(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key may come at any moment: judging twenty runs takes longer than it may wait."""
    threads: set[int] = set()

    def noted(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            threads.add(threading.get_ident())
            return work(*given)

        return call

    monkeypatch.setattr(judging, "judge", noted(verdict.judge))
    monkeypatch.setattr(judging, "aligned", noted(tables.aligned))
    live = run_of(runs_dir, "live", level=0.2, live=True)
    async with overlay([run_of(runs_dir, "a", level=1.5, learning_rate=0.1), live]) as app:
        await app.shows("better: val_loss")
        live.train_epoch(0.2, 0.3, 0.9, 0.9, 1e-3)
        await app.shows("at epoch 12")
        await app.press("b")
        await app.shows("worse: val_loss")
    assert threads
    assert threading.get_ident() not in threads


async def test_what_is_asked_anew_is_answered_at_once(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [*pair(runs_dir), *seeds_of(runs_dir, "b", 3, 0.2)]
    async with overlay(runs) as app:
        await app.shows("better: val_loss")
        monkeypatch.setattr(overlay_following, "PAINT_SECONDS", 3600.0)
        monkeypatch.setattr(news, "JUDGE_SECONDS", 3600.0)
        monkeypatch.setattr(reading, "POLL_SECONDS", 3600.0)
        await app.press("b")
        await app.shows("worse: val_loss")
        await app.press("g")
        await app.shows("b-seed-2")
        await app.until(lambda: all(app.screen.overlaid.verdict(one) for one in app.screen.overlaid.sides[2:]))
        await app.until(lambda: "·" not in app.text("overlay-runs"))


async def test_a_run_that_ends_between_two_answers_is_judged_all_the_same(runs_dir: Path) -> None:
    live = run_of(runs_dir, "live", epochs=2, live=True)
    async with overlay([run_of(runs_dir, "a", learning_rate=0.1), live]) as app:
        await app.shows("live has 2 epochs behind it, 3 are needed")
        live.train_epoch(0.2, 0.3, 0.9, 0.9, 1e-3)
        live.finish()
        await app.until(lambda: "too early" not in app.text("overlay-table"))
