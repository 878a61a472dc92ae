"""The monitor driven by keys, over real run folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.builders import add_process, beat
from tests.tui.driving import until
from tests.tui.fakes import FLAT, OVERFIT, FakeRun, StillMachine, faulty_run, learning_run
from tests.tui.monitoring import SIZES, Repaints, Stage, monitor
from training.runs.events import Log
from tui.monitor.messages import NewsArrived
from tui.monitor.model import News
from tui.screens.fix import FixScreen
from tui.screens.monitor import MonitorScreen


@pytest.fixture
def learning(runs_dir: Path) -> FakeRun:
    return learning_run(runs_dir)


async def test_it_shows_curves_progress_metrics_machine_diagnosis_and_events(learning: FakeRun) -> None:
    learning.say("the GPU was chosen because it is free")
    async with monitor(learning.folder, (140, 40)) as screen:
        await screen.shows("epoch 12/30")
        assert {"chart0", "chart1", "chart2", "diagnosis", "log", "status"} <= screen.panels
        await screen.shows("Healthy so far", "diagnosis")
        await screen.shows("CPU 87 %", "status")
        await screen.shows("the GPU was chosen because it is free", "log")
        await screen.shows("⣿ train ⣿ val", "chart0")
        await screen.shows("100%", "chart1")
        await screen.shows("Learning rate", "chart2")


async def test_it_follows_the_run_while_it_trains(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        learning.learn(2)
        await screen.shows("epoch 14/30")
        learning.finish("all epochs done")
        await screen.shows("✓ finished")
        await screen.shows("Healthy: no finding in 14 epochs", "diagnosis")


async def test_before_the_first_event_it_says_what_the_run_is_doing(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, live=True, state="starting")
    async with monitor(run.folder, (80, 24)) as screen:
        await screen.shows("Starting: importing torch")
        run.begin()
        run.learn(1)
        run.change_summary(state="running")
        await screen.shows("⣿ val", "chart0")


@pytest.mark.parametrize("size", SIZES)
async def test_findings_and_their_keys_are_in_sight_at_every_size(runs_dir: Path, size: tuple[int, int]) -> None:
    run = faulty_run(runs_dir, live=True)
    async with monitor(run.folder, size) as screen:
        await screen.shows("training loss does not")
        assert "chart0" in screen.panels
        if size[0] >= 80:
            for part in (FLAT.evidence, "since epoch 1", *(fix.title for fix in FLAT.fixes)):
                await screen.shows(part, "diagnosis")
        else:
            assert screen.text("hint").rstrip().endswith("1…3 fixes")
        await screen.press("1")
        await screen.until(lambda: isinstance(screen.app.screen, FixScreen))


@pytest.mark.parametrize("size", SIZES)
async def test_a_warning_of_the_worker_is_in_sight_at_every_size(learning: FakeRun, size: tuple[int, int]) -> None:
    async with monitor(learning.folder, size) as screen:
        await screen.shows("epoch 12/30")
        learning.write(Log(message="2 images cannot be read: bad/7.png, bad/9.png", level="warning"))
        await screen.shows("! 2 images cannot be read", "diagnosis" if size[0] >= 80 else "hint")


async def test_tab_shows_one_panel_after_the_other_on_a_small_screen(learning: FakeRun) -> None:
    async with monitor(learning.folder, (40, 12)) as screen:
        await screen.until(lambda: screen.screen.run.hardware)
        seen = []
        for _ in range(7):
            seen.append(screen.screen.shown)
            await screen.press("tab")
        assert seen == ["charts", "diagnosis", "log", "console", "devices", "config", "charts"]
        assert screen.screen.shown == "diagnosis"
        await screen.press("shift+tab")
        assert "chart0" in screen.panels


@pytest.mark.parametrize("keys", [("right", "left"), ("l", "h")])
async def test_arrows_and_vim_keys_move_through_the_charts(learning: FakeRun, keys: tuple[str, str]) -> None:
    async with monitor(learning.folder, (40, 12)) as screen:
        await screen.shows("Loss", "chart0")
        await screen.press(keys[0])
        assert screen.text("chart0").startswith("Accuracy")
        await screen.press(keys[1], keys[1])
        assert screen.text("chart0").startswith("Loss")


async def test_y_switches_the_scale_of_the_charts(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("Loss", "chart0")
        chart = screen.screen.charts[0]
        scales = []
        for _ in range(3):
            await screen.press("y")
            scales.append(chart.axis is not None and chart.axis.log)
        assert scales == [True, False, False]


@pytest.mark.parametrize(("down", "up"), [("down", "up"), ("j", "k")])
async def test_the_selected_fix_opens_with_enter(runs_dir: Path, down: str, up: str) -> None:
    run = faulty_run(runs_dir)
    run.find(OVERFIT)
    async with monitor(run.folder) as screen:
        await screen.shows("2 findings", "diagnosis")
        # The worst finding's three fixes, the next finding, its first fix, its second one.
        await screen.press(down, down, down, down, down, up, "enter")
        fix = screen.app.screen
        assert isinstance(fix, FixScreen)
        assert (fix.finding.label, fix.fix.title) == (OVERFIT.label, OVERFIT.fixes[0].title)


async def test_a_digit_without_a_fix_does_nothing(runs_dir: Path) -> None:
    async with monitor(faulty_run(runs_dir).folder) as screen:
        await screen.shows("1 finding", "diagnosis")
        await screen.press("4")
        assert screen.app.screen is screen.screen


@pytest.mark.parametrize("size", SIZES)
async def test_a_killed_run_says_how_it_ended_and_what_it_printed(runs_dir: Path, size: tuple[int, int]) -> None:
    run = FakeRun(runs_dir, "killed")
    run.begin()
    run.learn(3)
    run.crash("epoch 3 done\nterminate called after throwing 'std::bad_alloc'\n", signal=6)
    async with monitor(run.folder, size) as screen:
        await screen.shows("† crashed")
        await screen.shows("terminate called after throwing", "console")
        if size[0] >= 80:
            await screen.shows("killed by signal 6 (SIGABRT)", "status")


async def test_a_run_that_crashes_while_it_is_watched_brings_its_console_forward(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("tab", "tab")
        learning.crash("MemoryError\n", exit_code=1)
        await screen.shows("ended with exit code 1", "status")
        await screen.shows("MemoryError", "console")


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_leaving_goes_back_and_the_run_is_not_touched(learning: FakeRun, key: str) -> None:
    screen = MonitorScreen(learning.folder, StillMachine())
    async with Stage(screen).run_test() as pilot:
        await until(pilot, lambda: screen.run.view is not None)
        before = sorted(path.name for path in learning.folder.path.iterdir())
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.screen is not screen)
        await pilot.app.workers.wait_for_complete()
        assert sorted(path.name for path in learning.folder.path.iterdir()) == before


async def test_nothing_is_repainted_by_news_that_change_nothing_on_screen(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("CPU 87 %")
        await screen.shows("Learning rate", "chart2")
        repaints = Repaints(screen.screen.views)
        screen.screen.inbox.put(News(hardware=StillMachine().read()), screen.screen._stop)
        screen.screen.post_message(NewsArrived(learning.folder.id))
        await screen.pilot.pause()
        screen.screen.paint()
        assert repaints.regions == []


async def test_a_step_repaints_a_few_cells_of_the_screen(learning: FakeRun) -> None:
    async with monitor(learning.folder, (140, 40)) as screen:
        await screen.shows("Learning rate", "chart2")
        await screen.shows("step 540/1350")
        repaints = Repaints(screen.screen.views)
        learning.train_step(train_loss=0.05, lr=1e-3, images_per_s=160.0)
        await screen.shows("step 541/1350")
        assert 0 < repaints.cells <= 60


async def test_behind_another_screen_nothing_is_painted_and_on_return_all_is_there(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("s")
        await screen.until(lambda: screen.app.screen is not screen.screen)
        repaints = Repaints(screen.screen.views)
        learning.learn(1)
        await screen.until(lambda: screen.screen.run.curves.epoch == 13)
        screen.screen.paint()
        assert repaints.regions == []
        await screen.press("escape")
        await screen.shows("epoch 13/30")


async def test_a_hidden_chart_is_not_drawn(learning: FakeRun) -> None:
    async with monitor(learning.folder, (40, 12)) as screen:
        await screen.shows("Loss", "chart0")
        _, second, third = screen.screen.charts
        assert (second.canvas.plotted, third.canvas.plotted) == (0, 0)


async def test_a_resize_rearranges_the_panels(learning: FakeRun) -> None:
    async with monitor(learning.folder, (140, 40)) as screen:
        await screen.shows("Learning rate", "chart2")
        await screen.pilot.resize_terminal(40, 12)
        await screen.until(lambda: screen.panels & {"chart0", "chart1", "diagnosis"} == {"chart0"})
        await screen.pilot.resize_terminal(120, 40)
        await screen.until(lambda: {"chart2", "diagnosis", "log"} <= screen.panels)
        await screen.shows("Learning rate", "chart2")


@pytest.mark.parametrize("size", [(1, 1), (8, 3), (20, 6), (200, 12), (30, 60)])
async def test_no_size_is_too_odd(runs_dir: Path, size: tuple[int, int]) -> None:
    run = faulty_run(runs_dir, live=True)
    async with monitor(run.folder, size) as screen:
        await screen.until(lambda: screen.screen.run.findings)
        await screen.press("tab", "right", "down", "pagedown", "y", "tab")
        await screen.pilot.resize_terminal(80, 24)
        await screen.shows("digits-adam-1", "status")


async def test_the_footer_offers_what_can_be_done_now(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        allowed = {
            action
            for action in ("pause", "resume", "stop", "fix", "panel", "home")
            if screen.screen.check_action(action, ()) is not False
        }
        assert allowed == {"pause", "stop", "panel", "home"}


async def test_a_folder_that_is_no_run_says_so(runs_dir: Path) -> None:
    run = FakeRun(runs_dir)
    run.folder.summary.write_text("{torn")
    screen = MonitorScreen(run.folder, StillMachine())
    async with Stage(screen).run_test() as pilot:
        view = screen.query_one("#status")
        await until(pilot, lambda: "cannot be read" in getattr(view, "text", ""))


async def test_a_silent_run_is_not_called_crashed(runs_dir: Path) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.learn(1)
    add_process(run.folder, host="another-host")
    beat(run.folder, 300)
    async with monitor(run.folder) as screen:
        await screen.shows("? silent", "status")
        await screen.shows("running on another-host, last seen 30", "status")
