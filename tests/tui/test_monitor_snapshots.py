"""Pictures of the monitor, at times that do not move. After a wanted change: pytest --snapshot-update."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui.driving import until
from tests.tui.fakes import FLAT, OVERFIT, FakeRun, StillMachine, faulty_run
from tests.tui.fixing import CPU
from tests.tui.monitoring import Stage
from training.runs.layout import RunFolder
from training.runs.muting import mute
from tui.screens import fix as fix_module
from tui.screens.fix import FixScreen
from tui.screens.monitor import MonitorScreen
from tui.screens.story import StoryScreen


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def stage(folder: RunFolder, no_color: bool = False) -> Stage:
    return Stage(MonitorScreen(folder, StillMachine()), no_color)


def after(condition: Callable[[MonitorScreen], Any], *keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Wait until the monitor has read that much and painted it, then press keys."""

    async def act(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, MonitorScreen)
        await until(pilot, lambda: screen.run.view is not None and condition(screen))
        screen.paint()
        await pilot.press(*keys)
        if keys:
            await until(pilot, lambda: _is_ready(pilot.app.screen))
        await pilot.pause()

    return act


def _is_ready(screen: Screen[Any]) -> bool:
    """Whether a dialog has read what it tells."""
    if isinstance(screen, FixScreen):
        return screen.proposal is not None
    return isinstance(screen, StoryScreen) and any(line.old for fix in screen.story.remedies for line in fix.lines)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_run_with_a_finding(runs_dir: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    run = faulty_run(runs_dir, live=True, parent="digits-adam-10", reason="Lower the learning rate: 10 → 1")
    shown = after(lambda screen: screen.run.findings and screen.run.hardware)
    assert snap_compare(stage(run.folder), terminal_size=size, run_before=shown)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_run_that_stopped_early(runs_dir: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.say("device: CPU, 8 cores (no NVIDIA GPU was found)")
    run.learn(19, overfit_from=9)
    run.checkpoint()
    run.find(OVERFIT)
    run.finish("early stopping: no better validation loss for 10 epochs")
    shown = after(lambda screen: screen.run.findings)
    assert snap_compare(stage(run.folder), terminal_size=size, run_before=shown)


def test_a_run_that_was_killed(runs_dir: Path, snap_compare: Any) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.learn(5)
    run.crash("epoch 5/30 done\nKilled\n", signal=9, out_of_memory=True, peak_memory=7 * 2**30)
    shown = after(lambda screen: screen.run.curves.epoch == 5 and screen.run.console)
    assert snap_compare(stage(run.folder), terminal_size=(80, 24), run_before=shown)


def test_without_colours(runs_dir: Path, snap_compare: Any) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.learn(9)
    run.finish()
    shown = after(lambda screen: screen.run.curves.end)
    assert snap_compare(stage(run.folder, no_color=True), terminal_size=(80, 24), run_before=shown)


@pytest.mark.parametrize("size", [(80, 50), (80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_story_of_a_finding(runs_dir: Path, snap_compare: Any, size: tuple[int, int]) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.learn(14, overfit_from=9)
    run.find(OVERFIT)
    run.finish()
    shown = after(lambda screen: screen.run.findings, "w")
    assert snap_compare(stage(run.folder), terminal_size=size, run_before=shown)


def test_a_muted_finding_and_one_that_was_resolved(runs_dir: Path, snap_compare: Any) -> None:
    run = faulty_run(runs_dir)
    run.find(OVERFIT)
    run.find(msgspec.structs.replace(OVERFIT, label="plateau", title="Training has stalled"))
    run.stay_flat(4)
    run.find(msgspec.structs.replace(OVERFIT, label="plateau", title="Training has stalled"), "resolved")
    run.finish()
    mute(run.folder, FLAT.label)
    shown = after(lambda screen: screen.run.findings and screen.run.muted)
    assert snap_compare(stage(run.folder), terminal_size=(80, 24), run_before=shown)


def test_a_fix(runs_dir: Path, snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fix_module, "plan", lambda config, base_dir, replacing: CPU)
    run = faulty_run(runs_dir, live=True)
    shown = after(lambda screen: screen.run.findings and screen.run.hardware, "1")
    assert snap_compare(stage(run.folder), terminal_size=(80, 24), run_before=shown)
