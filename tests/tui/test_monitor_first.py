"""An app that is started with a run to watch: the monitor at once, and Home when that is left."""

from __future__ import annotations

from pathlib import Path

from tests.tui.driving import until
from tests.tui.fakes import FakeRun, faulty_run
from tui.app import TraindeckApp
from tui.screens.home import HomeScreen
from tui.screens.monitor import MonitorScreen


async def test_the_monitor_comes_without_home_and_home_comes_when_it_is_left(runs_dir: Path) -> None:
    run = FakeRun(runs_dir)
    run.finish()
    app = TraindeckApp(runs_dir, watch=run.folder)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, MonitorScreen))
        assert not any(isinstance(screen, HomeScreen) for screen in app.screen_stack)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen) and app.screen.seen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MonitorScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))
        assert [isinstance(screen, HomeScreen) for screen in app.screen_stack] == [False, True]


async def test_home_comes_after_the_monitor_of_a_correction_too(runs_dir: Path) -> None:
    parent, child = faulty_run(runs_dir), FakeRun(runs_dir, "child")
    app = TraindeckApp(runs_dir, watch=parent.folder)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, MonitorScreen))
        app.switch_screen(MonitorScreen(child.folder))
        await until(pilot, lambda: isinstance(app.screen, MonitorScreen) and app.screen.folder == child.folder)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))
